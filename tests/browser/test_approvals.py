"""Approvals in a real browser: a supervisor answers with the keyboard, and from the ticket."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests import factories as base
from tests.browser.conftest import Live, NewPage
from tests.tickets.approval.world import World, ask, step
from tests.tickets.factories import ticket
from tickets.models import Approval, Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def enter(page: Page, live: Live, user: Any) -> None:
    """Log in by cookie."""
    client = Client()
    client.force_login(user)
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live.url}])


def test_a_supervisor_answers_with_the_keyboard_and_from_the_ticket(live: Live, new_page: NewPage):
    world = World(step("主管", hours=24), amount=1280)
    world.ask(comment="杯子有裂纹，客户已寄回，申请全额退款")
    other = ticket(world.type, assignee=world.agent, fields={"amount": 60}, title="错发")
    ask(other, world.asker, comment="发错了颜色")
    deputy = base.UserFactory(role="supervisor", scope="all", first_name="赵副主管")
    page = new_page()
    enter(page, live, world.lead)
    page.goto(f"{live.url}/tickets/approvals/")
    cards = page.get_by_test_id("approval")
    expect(cards).to_have_count(2)
    expect(page.get_by_test_id("approvals-count")).to_have_text("2")

    page.keyboard.press("j")  # the one that waits longest
    page.keyboard.press("a")
    expect(cards.nth(0).get_by_test_id("approve")).to_be_focused()
    page.keyboard.press("Enter")
    expect(cards.nth(0)).to_have_attribute("data-state", "approved")
    expect(page.get_by_test_id("approvals-count")).to_have_text("1")
    expect(page.locator("#approvals-nav-count")).to_have_text("1")
    assert Ticket.objects.get(pk=world.ticket.pk).status == "resolved"

    cards.nth(1).get_by_test_id("reject").click()  # without a reason
    expect(page.locator(".toast-danger")).to_contain_text("理由")
    assert Approval.objects.filter(state="pending").count() == 1
    cards.nth(1).get_by_test_id("delegate").click()
    cards.nth(1).locator("[name=q]").fill("赵副")
    page.get_by_test_id("delegate-to").filter(has_text="赵副主管").click()
    expect(cards.nth(1)).to_contain_text("已转交")

    page = new_page(width=390, height=800)
    enter(page, live, deputy)
    page.goto(f"{live.url}/tickets/{other.reference}/")
    form = page.get_by_test_id("approval-form")
    form.locator("[name=reason]").fill("请补照片")
    form.get_by_test_id("return").click()
    expect(page.get_by_test_id("past-approval")).to_contain_text("已退回")
    assert Approval.objects.filter(state="returned").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
