"""The main job, end to end: visitor and agent side by side, the server killed in the middle.

A visitor on a website starts a chat; it is routed to an agent, who answers in the workbench; both
see every message once and in order; it ends, is rated, is found in the archive by a word said in
it; a partner's server has received the signed events.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from conversations.models import Conversation, Message, Rating, State
from integrations.models import Endpoint
from tests import factories
from tests.browser.conftest import Live
from tests.integrations.receiver import Receiver

PASSWORD = factories.PASSWORD


@pytest.fixture(autouse=True)
def _allow_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGXI_ALLOW_PRIVATE_HOSTS", "127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A partner's server."""
    with Receiver() as running:
        yield running


def log_in(page: Page, live: Live, path: str, user: Any) -> None:
    """Through the log-in page, to `path`."""
    user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    user.save()
    page.goto(f"{live.url}{path}")
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live.url}{path}")


def say(page: Page, text: str) -> None:
    """Type and press Enter; the same on both sides."""
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def wait_until(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Poll; the error says what did not happen."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def visitor_sees(page: Page) -> list[str]:
    """The texts in the widget, in order, without the greeting."""
    bubbles = page.locator("[data-testid=message][data-seq] .bubble.text")
    return bubbles.all_inner_texts()


def agent_sees(page: Page) -> list[str]:
    """The texts in the open chat, in order."""
    return page.locator("[data-testid=chat-log] [data-testid=message] .bubble").all_inner_texts()


def test_from_first_word_to_archive(
    live: Live, new_page: Callable[..., Page], receiver: Receiver
) -> None:
    channel = factories.ChannelFactory(key="demo-web", name="官网", greeting="您好，山野茶铺")
    agent = factories.AgentFactory(name="林晓雯", groups=[channel.group])
    endpoint = Endpoint.objects.create(name="伙伴", url=receiver.url("/ok"))
    live.start("relay", "sender", "worker")

    visitor, desk = new_page(width=390, height=844), new_page()
    visitor.goto(f"{live.url}/demo/")
    visitor.get_by_test_id("launcher").click()
    say(visitor, "明前龙井还有货吗")
    expect(visitor.get_by_test_id("queue")).to_be_visible()

    log_in(desk, live, "/workbench/", agent.user)
    expect(desk.get_by_test_id("connection")).to_have_attribute("data-state", "online")
    desk.get_by_test_id("status-switch").click()
    desk.get_by_test_id("status-ready").click()
    desk.locator("[data-testid=conversation-row]").first.click()
    expect(desk.get_by_test_id("chat-log")).to_contain_text("明前龙井还有货吗")
    expect(visitor.get_by_test_id("queue")).to_be_hidden()

    say(desk, "有的，今天发货")
    expect(visitor.get_by_test_id("log")).to_contain_text("有的，今天发货")
    visitor.get_by_test_id("composer").type("包邮", delay=30)
    expect(desk.get_by_test_id("typing-preview")).to_contain_text("包邮")
    visitor.get_by_test_id("composer").press("Enter")

    live.kill()  # the power is gone; both go on writing
    say(visitor, "断线时访客说的")
    say(desk, "断线时客服说的")
    live.start("web")
    expect(desk.get_by_test_id("chat-log")).to_contain_text("断线时访客说的", timeout=45_000)
    expect(visitor.get_by_test_id("log")).to_contain_text("断线时客服说的", timeout=45_000)

    say(visitor, "重启之后")
    expect(desk.get_by_test_id("chat-log")).to_contain_text("重启之后")
    visitor.reload()  # the panel was open and is open again
    expect(visitor.get_by_test_id("log")).to_contain_text("重启之后")

    stored = [
        row.text for row in Message.objects.filter(kind="message").order_by("conversation", "seq")
    ]
    assert sorted(stored) == sorted(
        [
            "明前龙井还有货吗",
            "有的，今天发货",
            "包邮",
            "断线时访客说的",
            "断线时客服说的",
            "重启之后",
        ]
    )
    assert visitor_sees(visitor) == stored
    desk.reload()
    desk.locator("[data-testid=conversation-row]").first.click()
    expect(desk.get_by_test_id("chat-log")).to_contain_text("重启之后")
    assert agent_sees(desk) == stored

    desk.get_by_test_id("end").click()
    desk.get_by_test_id("end-confirm").click()
    visitor.locator("[data-testid=rating-stars] [data-score='5']").click()
    visitor.get_by_test_id("resolved-yes").click()
    visitor.get_by_test_id("rating-comment").fill("回复很快")
    visitor.get_by_test_id("rating-submit").click()
    expect(visitor.get_by_test_id("thanks")).to_be_visible()
    conversation = Conversation.objects.get()
    assert conversation.state == State.CLOSED
    wait_until(lambda: Rating.objects.filter(score=5, resolved=True).exists(), "no rating")

    wait_until(
        lambda: (
            "conversation.closed" in {json.loads(one.body)["type"] for one in receiver.requests}
        ),
        "the end did not reach the partner",
    )
    check_events(receiver, endpoint.secret, str(conversation.id))
    find_in_archive(new_page, live, str(conversation.id))


def check_events(receiver: Receiver, secret: str, conversation_id: str) -> None:
    """Everything arrived, signed, as an independent library verifies."""
    types = set()
    for request in receiver.requests:
        event = Webhook(secret).verify(request.body, request.headers)
        assert event["data"]["conversation_id"] in {conversation_id, None}
        types.add(event["type"])
    assert {
        "conversation.created",
        "message.received",
        "handoff.to_agent",
        "conversation.closed",
    } <= types


def find_in_archive(new_page: Callable[..., Page], live: Live, conversation_id: str) -> None:
    """By a word of two characters, as an auditor."""
    auditor = factories.UserFactory(role="auditor", scope="all")
    page = new_page()
    log_in(page, live, "/archive/", auditor)
    page.get_by_test_id("archive-q").fill("龙井")
    page.get_by_test_id("archive-submit").click()
    result = page.get_by_test_id("archive-result").first
    expect(result).to_contain_text("龙井")
    result.locator("a").first.click()
    page.wait_for_url(f"**/archive/{conversation_id}/**")
    expect(page.locator("main")).to_contain_text("断线时客服说的")
    expect(page.locator("main")).to_contain_text("回复很快")
