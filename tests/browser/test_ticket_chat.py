"""Tickets in the visitor's window: card, status, the question how it was, days later too."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from conversations import actions
from conversations.actors import SYSTEM as SYSTEM_ACTOR
from conversations.models import Channel, Conversation
from tests.browser.conftest import Live, NewPage
from tests.browser.test_widget import say
from tests.factories import AgentFactory, ChannelFactory
from tests.tickets.chat.told import relay
from tests.tickets.factories import TicketTypeFactory, ticket
from tickets import service
from tickets.models import Ticket, TicketRating
from tickets.service import SYSTEM, By


@pytest.fixture
def channel(live: Live) -> Any:
    """The demo page's channel, with somebody there."""
    channel: Channel = ChannelFactory(key="demo-web", name="官网", title="山野茶铺")
    AgentFactory(ready=True, groups=[channel.group], name="李雯", capacity=0)
    return channel


@pytest.fixture
def shop(live: Live, channel: Channel, page: Page) -> Page:
    """The demo page with a conversation."""
    return talking(page, live)


def talking(page: Page, live: Live) -> Page:
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    say(page, "收到的杯子碎了")
    expect(page.get_by_test_id("message-status")).to_have_attribute("data-status", "queued")
    return page


def made(**more: Any) -> Ticket:
    """A ticket of the visitor's, and its card."""
    conversation = Conversation.objects.get()
    more.setdefault("title", "杯子碎了，申请换货")
    one = ticket(requester=conversation.customer, conversation=conversation, **more)
    relay()
    return one


def move(one: Ticket, step: str) -> None:
    service.move(one.pk, step, SYSTEM)
    relay()


def end(days: int = 0) -> None:
    conversation = Conversation.objects.get()
    actions.close_conversation(conversation.pk, SYSTEM_ACTOR)
    past = timezone.now() - dt.timedelta(days=days)
    Conversation.objects.update(closed_at=past)


def status(page: Page) -> Any:
    return page.get_by_test_id("ticket-card").first.get_by_test_id("ticket-status")


def test_from_the_card_to_the_rating(shop: Page) -> None:
    one = made()
    card = shop.get_by_test_id("ticket-card")
    expect(card).to_have_attribute("data-number", one.reference)
    expect(card).to_contain_text("杯子碎了，申请换货")
    move(one, "start")
    expect(status(shop)).to_have_text("处理中")
    expect(shop.get_by_test_id("system").last).to_have_text(
        f"工单 {one.reference}：待受理 → 处理中"
    )
    move(one, "resolve")
    survey = shop.get_by_test_id("ticket-survey")
    survey.locator("[data-score='4']").click()
    survey.get_by_test_id("ticket-comment").fill("很快")
    survey.get_by_test_id("ticket-rate").click()
    expect(survey.get_by_test_id("ticket-rate")).to_be_enabled()
    rating = TicketRating.objects.get()
    assert (rating.score, rating.comment) == (4, "很快")
    relay()
    expect(shop.get_by_test_id("ticket-survey")).to_have_count(0)
    expect(shop.get_by_test_id("ticket-rated").first).to_have_text("您的评价：4 星")


def test_by_keyboard(shop: Page) -> None:
    one = made()
    move(one, "resolve")
    stars = shop.get_by_test_id("ticket-stars")
    stars.locator("[data-score='1']").focus()
    for _ in range(3):
        shop.keyboard.press("ArrowRight")
    expect(stars.locator("[data-score='3']")).to_be_focused()
    expect(stars.locator("[data-score='3']")).to_have_attribute("aria-checked", "true")
    shop.get_by_test_id("ticket-rate").press("Enter")
    expect(shop.get_by_test_id("ticket-rate")).to_be_enabled()
    assert TicketRating.objects.get().score == 3


def test_not_solved_takes_it_up_again(shop: Page) -> None:
    one = made()
    move(one, "resolve")
    shop.get_by_test_id("ticket-unsolved").click()
    shop.get_by_test_id("ticket-why").fill("换来的还是碎的")
    shop.get_by_test_id("ticket-reopen").click()
    expect(shop.get_by_test_id("ticket-reopen")).to_be_enabled()
    one.refresh_from_db()
    assert (one.category, one.comments.get().text) == ("open", "换来的还是碎的")
    relay()
    expect(shop.get_by_test_id("ticket-survey")).to_have_count(0)
    expect(status(shop)).to_have_text("处理中")


def test_days_after_the_end_it_is_there_on_the_next_visit(shop: Page) -> None:
    one = made()
    end(days=3)
    shop.get_by_test_id("rating-stars").locator("[data-score='5']").click()
    shop.get_by_test_id("rating-submit").click()
    expect(shop.get_by_test_id("thanks")).to_be_visible()
    shop.get_by_test_id("close").click()
    move(one, "resolve")
    shop.reload()
    expect(shop.get_by_test_id("unread")).to_have_text("2")
    shop.get_by_test_id("launcher").click()
    expect(status(shop)).to_have_text("已解决")
    shop.get_by_test_id("ticket-survey").locator("[data-score='5']").click()
    shop.get_by_test_id("ticket-rate").click()
    expect(shop.get_by_test_id("ticket-rate")).to_be_enabled()
    assert TicketRating.objects.get().score == 5


def test_who_begins_anew_is_not_taken_back(shop: Page, live: Live) -> None:
    made()
    end()
    shop.get_by_test_id("restart").click()
    expect(shop.get_by_test_id("ticket-card")).to_have_count(0)
    shop.goto(f"{live.url}/demo/?again")
    expect(shop.get_by_test_id("tickets")).to_be_visible()
    expect(shop.get_by_test_id("composer")).to_be_visible()
    expect(shop.get_by_test_id("ticket-card")).to_have_count(0)


def test_the_list_and_one_of_them(shop: Page) -> None:
    one = made()
    agent = AgentFactory(groups=[one.group], name="王芳")
    service.comment(one.pk, By.staff(agent.user), "内部：先别退", is_public=False)
    service.comment(one.pk, By.staff(agent.user), "已安排换货", is_public=True)
    relay()
    shop.get_by_test_id("tickets").click()
    shop.get_by_test_id("ticket-row").click()
    desk = shop.get_by_test_id("desk")
    expect(desk.get_by_test_id("ticket-said")).to_contain_text("已安排换货")
    expect(desk).not_to_contain_text("先别退")
    desk.get_by_test_id("ticket-say").fill("请尽快")
    desk.get_by_test_id("ticket-send").click()
    expect(desk.get_by_test_id("ticket-said")).to_have_count(2)
    desk.get_by_test_id("ticket-urge").click()
    expect(desk.get_by_test_id("ticket-urge")).to_be_disabled()
    one.refresh_from_db()
    assert one.urges == 1
    shop.keyboard.press("Escape")
    expect(desk.get_by_test_id("ticket-list")).to_be_visible()
    shop.keyboard.press("Escape")
    expect(desk).to_be_hidden()
    expect(shop.get_by_test_id("tickets")).to_be_focused()


FORM = [
    {"key": "order", "type": "order_number", "label": "订单号", "required": True},
    {
        "key": "part",
        "type": "choice",
        "label": "部件",
        "options": [{"value": "lid", "label": "壶盖"}, {"value": "base", "label": "底座"}],
    },
    {
        "key": "city",
        "type": "cascade",
        "label": "地区",
        "levels": [{"value": "浙江", "children": [{"value": "杭州"}, {"value": "宁波"}]}],
    },
    {"key": "inner", "type": "text", "label": "内部结论", "editable": ["agent"]},
]


def test_a_form_is_filled_in(live: Live, channel: Channel, page: Page) -> None:
    TicketTypeFactory(key="repair", name="报修", is_public=True, form=FORM)
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    page.get_by_test_id("tickets").click()
    page.get_by_test_id("ticket-make").click()
    form = page.get_by_test_id("ticket-form")
    expect(form).not_to_contain_text("内部结论")
    form.get_by_test_id("ticket-title").fill("热水壶不加热")
    form.get_by_test_id("ticket-submit").click()
    expect(form.get_by_test_id("ticket-order")).to_be_focused()
    expect(form.get_by_test_id("ticket-order")).to_have_attribute("aria-invalid", "true")
    form.get_by_test_id("ticket-order").fill("A100")
    form.get_by_test_id("ticket-part").select_option("base")
    form.get_by_label("地区").first.select_option("浙江")
    form.get_by_label("地区").last.select_option("宁波")
    form.get_by_test_id("ticket-submit").click()
    expect(page.get_by_test_id("desk")).to_contain_text("A100")
    one = Ticket.objects.get()
    assert (one.title, one.source) == ("热水壶不加热", "visitor")
    assert one.fields["city"] == ["浙江", "宁波"]


def test_on_a_phone_nothing_is_wider_than_it(
    live: Live, channel: Channel, new_page: NewPage
) -> None:
    page = talking(new_page(390, 844), live)
    one = made()
    move(one, "start")
    move(one, "resolve")
    expect(page.get_by_test_id("ticket-survey")).to_be_visible()
    page.get_by_test_id("ticket-open").first.click()
    expect(page.get_by_test_id("desk").get_by_test_id("ticket-survey")).to_be_visible()
    width = page.get_by_test_id("desk").evaluate("node => node.scrollWidth - node.clientWidth")
    assert width <= 0
