"""The workbench under an agent's hands: keyboard, drafts, notes, quick replies, files, lists."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from playwright.sync_api import Page, expect

from conversations.models import Attachment, Message
from routing.models import Agent
from tests.browser.conftest import Live, NewPage
from tests.browser.test_widget import png
from tests.factories import (
    PASSWORD,
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    MessageFactory,
    QuickReplyFactory,
    SkillGroupFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


class Desk:
    """An agent with two conversations and one in the queue."""

    def __init__(self) -> None:
        self.group = SkillGroupFactory(name="售前")
        self.channel = ChannelFactory(group=self.group, name="官网")
        self.agent: Agent = AgentFactory(ready=True, groups=[self.group], capacity=2)
        self.first = self.conversation("林静", "serving", self.agent)
        self.second = self.conversation("<b>张伟</b>", "serving", self.agent)
        self.waiting = self.conversation("王芳", "queued", None)
        QuickReplyFactory(shortcut="nh", title="问候", text="您好，请讲。")
        QuickReplyFactory(shortcut="zj", title="再见", text="祝您愉快！")

    def conversation(self, name: str, state: str, agent: Agent | None) -> Any:
        one = ConversationFactory(
            state=state,
            agent=agent,
            channel=self.channel,
            customer=CustomerFactory(name=name),
            waiting_since=timezone.now(),
        )
        MessageFactory(conversation=one, content={"type": "text", "text": f"我是{name}"})
        return one

    def open(self, page: Page, live: Live) -> Page:
        user = self.agent.user
        user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")  # as the server hashes
        user.save()
        page.goto(f"{live.url}/login/")
        page.fill("[name=username]", user.username)
        page.fill("[name=password]", PASSWORD)
        page.click("[type=submit]")
        expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "online")
        return page


@pytest.fixture
def desk(live: Live) -> Desk:
    return Desk()


def row(page: Page, conversation: Any) -> Any:
    return page.locator(f".row:visible[data-conversation='{conversation.id}']")


def texts(conversation: Any, kind: str = "message") -> list[str]:
    rows = Message.objects.filter(conversation=conversation, kind=kind, author_type="agent")
    return [one.text for one in rows.order_by("seq")]


def test_by_keyboard_alone(page: Page, live: Live, desk: Desk) -> None:
    desk.open(page, live)
    page.keyboard.press("Alt+j")
    expect(page.get_by_test_id("composer")).to_be_focused()
    expect(row(page, desk.first)).to_have_attribute("aria-current", "true")

    page.keyboard.type("/ji")  # nothing is called so
    expect(page.get_by_test_id("quick-replies")).to_contain_text("没有符合")
    page.keyboard.press("Escape")
    page.get_by_test_id("composer").fill("")
    page.keyboard.type("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("composer")).to_have_value("祝您愉快！")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("再来")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("message").last).to_contain_text("祝您愉快！\n再来")
    expect(page.get_by_test_id("composer")).to_have_value("")

    page.keyboard.press("Control+Shift+N")
    page.keyboard.type("只给同事看")
    page.keyboard.press("Enter")
    expect(page.locator(".entry-note:not(.pending)")).to_contain_text("只给同事看")
    assert texts(desk.first) == ["祝您愉快！\n再来"]
    assert texts(desk.first, "note") == ["只给同事看"]

    page.keyboard.press("Alt+2")
    expect(row(page, desk.waiting)).to_be_visible()
    page.keyboard.press("Alt+1")
    page.keyboard.press("Alt+e")
    expect(page.get_by_test_id("end-dialog")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#chat")).to_have_attribute("data-state", "closed")
    # The place that came free goes to who waits.
    expect(row(page, desk.waiting)).to_be_visible()
    page.locator("#log").focus()
    page.keyboard.press("?")
    expect(page.locator("#help-dialog")).to_be_visible()


def test_an_input_method_keeps_its_enter(page: Page, live: Live, desk: Desk) -> None:
    desk.open(page, live)
    row(page, desk.first).locator("a").click()
    box = page.get_by_test_id("composer")
    box.fill("ni hao")
    for told in ({"isComposing": True}, {"keyCode": 229}):
        box.dispatch_event("keydown", {"key": "Enter", "bubbles": True, **told})
    expect(box).to_have_value("ni hao")
    assert texts(desk.first) == []


def test_a_draft_waits_for_its_conversation(page: Page, live: Live, desk: Desk) -> None:
    desk.open(page, live)
    row(page, desk.first).locator("a").click()
    expect(page.locator("#chat")).to_have_attribute("data-conversation", str(desk.first.id))
    page.get_by_test_id("composer").fill("还没写完")
    row(page, desk.second).locator("a").click()
    expect(page.locator("#chat")).to_have_attribute("data-conversation", str(desk.second.id))
    expect(page.get_by_test_id("composer")).to_have_value("")
    expect(page.locator("#chat h2")).to_have_text("<b>张伟</b>")
    page.reload()
    row(page, desk.first).locator("a").click()
    expect(page.get_by_test_id("composer")).to_have_value("还没写完")


def test_unread_goes_when_it_is_read(page: Page, live: Live, desk: Desk) -> None:
    desk.open(page, live)
    expect(row(page, desk.first).get_by_test_id("unread")).to_have_text("1")
    row(page, desk.first).locator("a").click()
    expect(row(page, desk.first).get_by_test_id("unread")).to_be_hidden()
    page.wait_for_timeout(1000)  # the receipt
    page.reload()
    expect(row(page, desk.first).get_by_test_id("unread")).to_be_hidden()


def test_a_phone_shows_one_column_at_a_time(new_page: NewPage, live: Live, desk: Desk) -> None:
    page = desk.open(new_page(390, 844, has_touch=True, is_mobile=True), live)
    row(page, desk.first).locator("a").tap()
    expect(page.get_by_test_id("chat-log")).to_be_visible()
    expect(page.locator("#desk")).to_be_hidden()
    page.locator(".panel-toggle").tap()
    expect(page.get_by_test_id("customer-panel")).to_be_in_viewport()
    page.go_back()
    page.go_back()
    expect(row(page, desk.first)).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


GIVE_FILES = """([name, bytes]) => {
  const carried = new DataTransfer();
  const type = name.endsWith("png") ? "image/png" : "text/plain";
  carried.items.add(new File([new Uint8Array(bytes)], name, { type }));
  return carried;
}"""


def carried(page: Page, name: str, body: bytes) -> Any:
    """What the clipboard or a drag holds, as a handle in the page."""
    return page.evaluate_handle(GIVE_FILES, [name, list(body)])


def test_a_pasted_picture_is_sent_and_shown(page: Page, live: Live, desk: Desk) -> None:
    desk.open(page, live)
    row(page, desk.first).locator("a").click()
    box = page.get_by_test_id("composer")
    box.evaluate(
        """(box, clipboardData) => box.dispatchEvent(
          new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))""",
        carried(page, "image.png", png()),
    )
    picture = page.locator("#log .entry:not(.pending) .picture img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    expect(box).to_have_value("")
    attachment = Attachment.objects.get(conversation=desk.first)
    assert attachment.media_type == "image/png"
    expect(page.locator("#uploads > *")).to_have_count(0)


def drop(page: Page, target: str, name: str, body: bytes) -> None:
    """Drag a file over an element and let go."""
    data = {"dataTransfer": carried(page, name, body)}
    page.locator(target).dispatch_event("dragover", data)
    page.locator(target).dispatch_event("drop", data)


def test_a_dropped_file_is_sent(page: Page, live: Live, desk: Desk) -> None:
    desk.open(page, live)
    row(page, desk.first).locator("a").click()
    page.locator("#log").dispatch_event("dragover", {"dataTransfer": carried(page, "x.txt", b"1")})
    expect(page.locator(".drop-hint")).to_be_visible()
    drop(page, "#log", "报价.txt", "龙井 380 元".encode())
    expect(page.locator(".drop-hint")).to_be_hidden()
    expect(page.locator("#log .entry:not(.pending) .attachment")).to_contain_text("报价.txt")
    message = Message.objects.get(conversation=desk.first, author_type="agent")
    assert message.content["name"] == "报价.txt"
    assert not Attachment.objects.filter(conversation=desk.second).exists()


def test_a_file_dropped_beside_the_chat_or_refused_is_not_sent(
    page: Page, live: Live, desk: Desk
) -> None:
    desk.open(page, live)
    row(page, desk.first).locator("a").click()
    drop(page, "#desk", "报价.txt", b"1")
    drop(page, "#log", "脚本.png", b"<html><script>alert(1)</script>")
    expect(page.locator(".upload-failed")).to_contain_text("脚本.png")
    page.locator(".upload-failed button").click()
    expect(page.locator("#uploads > *")).to_have_count(0)
    assert page.url.startswith(f"{live.url}/workbench/"), "the browser did not open the file"
    assert not Message.objects.filter(conversation=desk.first, author_type="agent").exists()


def test_others_conversations_take_no_files(page: Page, live: Live, desk: Desk) -> None:
    desk.open(page, live)
    page.get_by_test_id("tab-queue").click()
    row(page, desk.waiting).locator("a").click()
    expect(page.locator("#chat")).to_have_attribute("data-conversation", str(desk.waiting.id))
    drop(page, "#log", "报价.txt", b"1")
    page.wait_for_timeout(500)
    assert not Attachment.objects.exists()
