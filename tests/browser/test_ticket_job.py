"""A ticket's whole way: from the chat, through approval, to the customer's word on it.

Visitor, agent and supervisor each in a browser of their own; relay and worker as in production.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Live
from tests.browser.test_main_job import log_in, say
from tests.tickets.factories import TicketTypeFactory
from tickets.demo.business import workflows
from tickets.models import Ticket, TicketRating

FORM = [
    {"key": "amount", "type": "money", "label": "退款金额", "required": True},
    {
        "key": "reason",
        "type": "choice",
        "label": "原因",
        "options": [{"value": "broken", "label": "破损"}, {"value": "late", "label": "太慢"}],
    },
]


@pytest.fixture
def people(live: Live) -> Any:
    """A channel, an agent who serves it, and a supervisor."""
    channel = factories.ChannelFactory(key="demo-web", name="官网", greeting="您好，山野茶铺")
    agent = factories.AgentFactory(name="林晓雯", groups=[channel.group])
    chief = factories.UserFactory(role="supervisor", scope="all", first_name="沈慧敏")
    TicketTypeFactory(
        key="refund",
        name="退款",
        group=channel.group,
        workflow=workflows()["refund"],
        form=FORM,
    )
    live.start("relay", "worker")
    return agent, chief


def chat(visitor: Page, desk: Page, live: Live, agent: Any) -> None:
    """The visitor complains, and the agent has the conversation open."""
    visitor.goto(f"{live.url}/demo/")
    visitor.get_by_test_id("launcher").click()
    say(visitor, "茶壶裂了，我要退款")
    log_in(desk, live, "/workbench/", agent.user)
    expect(desk.get_by_test_id("connection")).to_have_attribute("data-state", "online")
    desk.get_by_test_id("status-switch").click()
    desk.get_by_test_id("status-ready").click()
    desk.locator("[data-testid=conversation-row]").first.click()
    expect(desk.get_by_test_id("chat-log")).to_contain_text("茶壶裂了，我要退款")


def test_from_the_chat_to_the_survey(
    live: Live, new_page: Callable[..., Page], people: Any
) -> None:
    agent, chief = people
    visitor, desk, office = new_page(width=390, height=844), new_page(), new_page()
    chat(visitor, desk, live, agent)

    desk.get_by_test_id("ticket-open").click()
    expect(desk.get_by_test_id("new-title")).to_have_value("茶壶裂了，我要退款")
    desk.get_by_test_id("new-save").click()  # the amount is missing
    expect(desk.locator("[name='fields.amount']")).to_have_attribute("aria-invalid", "true")
    desk.fill("[name='fields.amount']", "888")
    desk.get_by_test_id("new-save").click()
    expect(desk.get_by_test_id("panel-ticket")).to_contain_text("茶壶裂了，我要退款")
    ticket = Ticket.objects.get()
    card = visitor.get_by_test_id("ticket-card")
    expect(card).to_have_attribute("data-number", ticket.reference)

    desk.goto(f"{live.url}/tickets/{ticket.reference}/")
    desk.get_by_test_id("move-start").click()
    expect(desk.get_by_test_id("ticket-status")).to_have_text("处理中")
    desk.get_by_test_id("move-resolve").click()
    desk.get_by_test_id("move-form").locator("[name=comment]").fill("已核对照片，同意退款")
    desk.get_by_test_id("dialog-save").click()
    expect(desk.get_by_test_id("ticket-approval")).to_be_visible()
    expect(desk.get_by_test_id("ticket-status")).to_have_text("处理中")

    log_in(office, live, "/tickets/approvals/", chief)
    expect(office.get_by_test_id("approval")).to_contain_text(ticket.reference)
    office.get_by_test_id("approve").first.click()
    expect(office.get_by_test_id("approval")).to_contain_text("已通过")
    ticket.refresh_from_db()
    assert ticket.category == "resolved"

    survey = visitor.get_by_test_id("ticket-survey")
    expect(survey).to_be_visible(timeout=30_000)
    survey.locator("[data-score='5']").click()
    survey.get_by_test_id("ticket-rate").click()
    expect(visitor.get_by_test_id("ticket-rated").first).to_be_visible(timeout=30_000)
    assert TicketRating.objects.get().score == 5

    desk.reload()
    expect(desk.get_by_test_id("ticket-status")).to_have_text("已解决")
    expect(desk.get_by_test_id("csat")).to_be_visible()
    expect(desk.get_by_test_id("feed")).to_contain_text("审批")
