"""The bubble that invites visitors to talk, and the bot that hands them to a human."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from conversations import participation
from conversations.bot import leave_to_bot
from conversations.changes import Change
from conversations.models import (
    Block,
    Channel,
    Conversation,
    Customer,
    Invitation,
    SensitiveWord,
)
from routing.models import Agent, WorkItem
from tests.browser.conftest import Live, NewPage
from tests.factories import AgentFactory, ChannelFactory

TEXT = "正在看茶具吗？有什么可以帮您的？"


@pytest.fixture
def channel(live: Live) -> Channel:
    """The demo page's channel, with somebody there."""
    channel: Channel = ChannelFactory(key="demo-web", name="官网", title="山野茶铺")
    AgentFactory(ready=True, groups=[channel.group], name="王芳")
    return channel


@pytest.fixture
def invitation(channel: Channel) -> Invitation:
    """After one second on the demo page."""
    return Invitation.objects.create(
        channel=channel, name="商品", match="pattern", value=r"/demo/?$", text=TEXT, after_seconds=1
    )


def counted(invitation: Invitation) -> tuple[int, int, int]:
    """Shown, accepted, declined."""
    invitation.refresh_from_db()
    return invitation.shown, invitation.accepted, invitation.declined


def test_accepting_opens_the_chat(live: Live, page: Page, invitation: Invitation) -> None:
    page.goto(f"{live.url}/demo/")
    bubble = page.get_by_test_id("invitation")
    expect(bubble).to_contain_text(TEXT)
    page.get_by_test_id("invitation-accept").click()
    expect(page.get_by_test_id("panel")).to_be_visible()
    expect(bubble).to_have_count(0)
    expect(page.get_by_test_id("composer")).to_be_focused()
    page.wait_for_timeout(300)
    assert counted(invitation) == (1, 1, 0)
    assert Conversation.objects.count() == 0  # words start one, a click does not


def test_declining_is_remembered(live: Live, page: Page, invitation: Invitation) -> None:
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("invitation-close").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("invitation")).to_have_count(0)
    expect(page.get_by_test_id("launcher")).to_be_focused()
    page.reload()
    page.wait_for_timeout(2500)
    expect(page.get_by_test_id("invitation")).to_have_count(0)
    assert counted(invitation) == (1, 0, 1)


def test_unanswered_it_comes_again_on_the_next_page_and_counts_once(
    live: Live, page: Page, invitation: Invitation
) -> None:
    page.goto(f"{live.url}/demo/")
    expect(page.get_by_test_id("invitation")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("invitation")).to_be_visible()
    assert counted(invitation) == (1, 0, 0)


def test_not_on_other_pages_and_not_while_the_window_is_open(
    live: Live, page: Page, invitation: Invitation
) -> None:
    page.goto(f"{live.url}/demo/?about=us")
    page.wait_for_timeout(2000)
    expect(page.get_by_test_id("invitation")).to_have_count(0)
    Invitation.objects.update(match="any", after_seconds=8)
    page.reload()
    page.get_by_test_id("launcher").click()
    page.wait_for_timeout(8000)
    expect(page.get_by_test_id("invitation")).to_have_count(0)
    assert counted(invitation) == (0, 0, 0)


def test_the_second_file_is_not_fetched_without_need(live: Live, page: Page, channel: Channel):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    page.get_by_test_id("composer").fill("你好")
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_test_id("subtitle")).to_contain_text("王芳")
    assert not [url for url in asked if "widget-more.js" in url]


def test_the_bot_hands_over_at_the_press_of_a_button(
    live: Live, page: Page, channel: Channel
) -> None:
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    page.get_by_test_id("composer").fill("你好")
    Agent.objects.update(status="offline")
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_test_id("message-status")).to_have_attribute(
        "data-status", re.compile("queued|dispatched|delivered|read")
    )
    with transaction.atomic():
        conversation = Conversation.objects.select_related("channel").get()
        WorkItem.objects.all().delete()
        change = Change()
        leave_to_bot(conversation, change, "您好，我是小灵")
        change.commit()
    words = page.locator("[data-author=bot] .bubble").last
    expect(words).to_have_text("您好，我是小灵")
    expect(page.locator("[data-author=bot] .name").last).to_have_text("山野茶铺")
    expect(page.get_by_test_id("bot")).to_contain_text("智能客服")
    page.get_by_test_id("handoff").click()
    expect(page.get_by_test_id("bot")).to_be_hidden()
    expect(words).to_contain_text("正在为您转接人工客服")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.with_bot) == ("queued", False)


def test_words_that_are_not_allowed_stay_to_be_edited(
    live: Live, page: Page, channel: Channel
) -> None:
    SensitiveWord.objects.create(word="违禁词", action="block")
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    page.get_by_test_id("composer").fill("这里有违禁词")
    page.get_by_test_id("composer").press("Enter")
    status = page.get_by_test_id("message-status")
    expect(status).to_have_attribute("data-status", "failed")
    expect(status).to_contain_text("内容包含不允许发送的词语")
    expect(page.get_by_test_id("retry")).to_have_text("修改")
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("composer")).to_have_value("这里有违禁词")
    expect(page.locator("[data-author=visitor]")).to_have_count(0)


def test_a_blocked_visitor_sees_a_calm_text_and_nothing_is_repeated(
    live: Live, new_page: NewPage, channel: Channel
) -> None:
    page = new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    refusal = {"code": "blocked", "number": 4105, "detail": "暂时无法为您提供服务", "fields": {}}
    page.route("**/api/v1/visitor/sessions", lambda route: route.fulfill(status=403, json=refusal))
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    expect(page.get_by_test_id("connection")).to_have_text("暂时无法为您提供服务")
    expect(page.get_by_test_id("composer")).to_be_hidden()
    page.wait_for_timeout(4000)
    assert len([url for url in asked if url.endswith("/visitor/sessions")]) <= 2


def test_blocked_since_the_last_visit(live: Live, page: Page, channel: Channel) -> None:
    with page.expect_response("**/visitor/page-views"):  # by then there is a token
        page.goto(f"{live.url}/demo/")
    Block.objects.create(kind="customer", customer=Customer.objects.get(), reason="骚扰")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_test_id("launcher").click()
    page.get_by_test_id("composer").fill("你好")
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_test_id("message-status")).to_contain_text("暂时无法为您提供服务")
    page.wait_for_timeout(3000)
    assert len([url for url in asked if url.endswith("/visitor/conversations")]) == 1
    assert not Conversation.objects.exists()


def test_colleagues_come_and_go_in_small_lines(live: Live, page: Page, channel: Channel) -> None:
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    page.get_by_test_id("composer").fill("你好")
    page.get_by_test_id("composer").press("Enter")
    expect(page.get_by_test_id("subtitle")).to_contain_text("王芳")
    conversation, served_by = Conversation.objects.get(), Agent.objects.get(name="王芳")
    helper = AgentFactory(ready=True, groups=[channel.group], name="小王")
    participation.invite(conversation.pk, served_by, helper, note="请帮忙看一下")
    lines = page.get_by_test_id("system")
    expect(lines.last).to_have_text("客服 小王 加入会话")
    participation.leave(conversation.pk, helper)
    expect(lines.last).to_have_text("客服 小王 离开会话")
    assert "请帮忙看一下" not in page.content()
