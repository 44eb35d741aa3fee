"""Recall, edit and quote: an agent's messages in the workbench, a visitor's in the widget."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from conversations.models import Conversation, Message
from tests import factories
from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in, say

pytestmark = pytest.mark.django_db(transaction=True)


class Both:
    """A visitor and an agent in one conversation, each before their page."""

    def __init__(self, live: Live, new_page: NewPage) -> None:
        channel = factories.ChannelFactory(key="demo-web", name="官网", greeting="您好")
        agent = factories.AgentFactory(name="林晓雯", ready=True, groups=[channel.group])
        self.visitor, self.desk = new_page(width=390, height=844), new_page()
        log_in(self.desk, live, "/workbench/", agent.user)
        self.visitor.goto(f"{live.url}/demo/")
        self.visitor.get_by_test_id("launcher").click()
        say(self.visitor, "还有龙井吗")
        self.desk.get_by_test_id("conversation-row").first.click()
        expect(self.desk.get_by_test_id("chat-log")).to_contain_text("还有龙井吗")
        say(self.desk, "有的，九八折")
        expect(self.theirs("有的，九八折")).to_be_visible()

    def ours(self, text: str) -> Locator:
        """The agent's view of a message that is stored."""
        words = self.desk.locator(".words", has_text=text)
        return self.desk.locator("#log .entry[data-id]").filter(has=words).last

    def theirs(self, text: str) -> Locator:
        """The visitor's view of a message."""
        return self.visitor.locator("[data-testid=message]").filter(has_text=text).last

    def act(self, text: str, act: str) -> None:
        """From the menu of a message in the workbench."""
        self.ours(text).hover()
        self.desk.get_by_test_id("entry-menu").get_by_test_id(act).click()


@pytest.fixture
def both(live: Live, new_page: NewPage) -> Both:
    return Both(live, new_page)


def last_text() -> str:
    return Conversation.objects.get().last_text


def bubbles(page: Page) -> Any:
    return page.locator("[data-testid=message][data-seq] .bubble")


class TestAgent:
    """The menu of the workbench."""

    def test_a_recall_shows_on_both_sides_and_its_words_can_be_taken_up(self, both: Both) -> None:
        both.act("九八折", "recall")
        expect(bubbles(both.desk).last).to_contain_text("消息已撤回")
        expect(bubbles(both.visitor).last).to_have_text("消息已撤回")
        expect(both.desk.locator(".line-recall, .line-edit")).to_have_count(0)
        row = both.desk.locator(".row:visible .row-text")
        expect(row).to_have_text("[消息已撤回]")
        both.desk.get_by_test_id("rewrite").click()
        expect(both.desk.get_by_test_id("composer")).to_have_value("有的，九八折")
        both.visitor.reload()
        expect(bubbles(both.visitor).last).to_have_text("消息已撤回")
        both.desk.reload()
        expect(bubbles(both.desk).last).to_have_text("消息已撤回")

    def test_an_edit_keeps_the_draft_and_shows_on_both_sides(self, both: Both) -> None:
        box = both.desk.get_by_test_id("composer")
        box.fill("草稿")
        both.act("九八折", "edit")
        expect(box).to_have_value("有的，九八折")
        expect(both.desk.get_by_test_id("about")).to_contain_text("修改消息")
        say(both.desk, "有的，九折")
        expect(box).to_have_value("草稿")
        expect(both.ours("有的，九折")).to_contain_text("已修改")
        expect(both.theirs("有的，九折")).to_contain_text("已修改")
        expect(both.desk.locator(".row:visible .row-text")).to_have_text("有的，九折")
        both.desk.reload()
        expect(both.ours("有的，九折")).to_contain_text("已修改")

    def test_arrow_up_edits_the_last_own_one_and_escape_gives_up(self, both: Both) -> None:
        box = both.desk.get_by_test_id("composer")
        box.press("ArrowUp")
        expect(box).to_have_value("有的，九八折")
        box.press("Escape")
        expect(box).to_have_value("")
        expect(both.desk.get_by_test_id("about")).to_be_hidden()
        assert not Message.objects.filter(kind="edit").exists()

    def test_after_two_minutes_only_quoting_is_left(self, both: Both) -> None:
        Message.objects.update(created_at=timezone.now() - dt.timedelta(minutes=3))
        both.desk.reload()
        both.ours("九八折").hover()
        menu = both.desk.get_by_test_id("entry-menu")
        expect(menu.get_by_test_id("quote")).to_be_visible()
        expect(menu.get_by_test_id("recall")).to_be_hidden()
        both.desk.get_by_test_id("composer").press("ArrowUp")
        expect(both.desk.get_by_test_id("about")).to_be_hidden()

    def test_a_refused_edit_says_why_and_gives_the_words_back(self, both: Both) -> None:
        both.desk.get_by_test_id("composer").press("ArrowUp")
        Message.objects.update(created_at=timezone.now() - dt.timedelta(minutes=3))
        say(both.desk, "太晚了")
        expect(both.desk.locator(".toast-danger")).to_contain_text("2 分钟")
        expect(both.desk.get_by_test_id("composer")).to_have_value("太晚了")
        expect(both.ours("九八折")).not_to_contain_text("已修改")

    def test_numbers_that_the_log_masks_are_edited_as_typed(self, both: Both) -> None:
        say(both.desk, "请打 13812345678")
        expect(both.ours("138****5678")).to_be_visible()
        both.desk.get_by_test_id("composer").press("ArrowUp")
        expect(both.desk.get_by_test_id("composer")).to_have_value("请打 13812345678")
        both.desk.get_by_test_id("composer").press("Escape")
        both.desk.reload()  # nobody remembers now what was typed
        expect(both.ours("138****5678")).to_be_visible()
        both.act("138****5678", "edit")
        expect(both.desk.locator(".toast-danger")).to_contain_text("隐藏")
        expect(both.desk.get_by_test_id("about")).to_be_hidden()

    def test_a_reply_quotes_on_both_sides_and_follows_its_message(self, both: Both) -> None:
        both.act("还有龙井吗", "quote")
        expect(both.desk.get_by_test_id("about")).to_contain_text("还有龙井吗")
        say(both.desk, "明天到货")
        expect(both.ours("明天到货").get_by_test_id("quoted")).to_contain_text("：还有龙井吗")
        expect(both.theirs("明天到货").get_by_test_id("quoted")).to_contain_text("还有龙井吗")
        expect(both.desk.get_by_test_id("about")).to_be_hidden()
        both.act("九八折", "quote")
        say(both.desk, "只限今天")
        quoted = both.ours("只限今天").get_by_test_id("quoted")
        expect(quoted).to_have_text("林晓雯：有的，九八折")
        both.act("九八折", "recall")
        expect(quoted).to_have_text("林晓雯：消息已撤回")

    def test_by_keyboard(self, both: Both) -> None:
        both.desk.locator("#log").focus()
        both.desk.keyboard.press("ArrowUp")
        expect(both.ours("九八折")).to_be_focused()
        both.desk.keyboard.press("Enter")
        both.desk.keyboard.press("ArrowLeft")
        expect(both.desk.get_by_test_id("recall")).to_be_focused()
        both.desk.keyboard.press("Enter")
        expect(bubbles(both.desk).last).to_contain_text("消息已撤回")


class TestVisitor:
    """The same in the widget."""

    def test_recall_and_edit(self, both: Both) -> None:
        both.theirs("还有龙井吗").hover()
        both.theirs("还有龙井吗").get_by_test_id("edit").click()
        box = both.visitor.get_by_test_id("composer")
        expect(box).to_have_value("还有龙井吗")
        say(both.visitor, "还有毛峰吗")
        expect(both.theirs("还有毛峰吗")).to_contain_text("已修改")
        expect(both.ours("还有毛峰吗")).to_contain_text("已修改")
        both.theirs("还有毛峰吗").hover()
        both.theirs("还有毛峰吗").get_by_test_id("recall").click()
        expect(bubbles(both.visitor).first).to_contain_text("消息已撤回")
        expect(bubbles(both.desk).first).to_have_text("消息已撤回")
        assert last_text() == "有的，九八折"
        both.visitor.get_by_test_id("rewrite").click()
        expect(box).to_have_value("还有毛峰吗")

    def test_arrow_up_edits_and_escape_gives_up(self, both: Both) -> None:
        box = both.visitor.get_by_test_id("composer")
        box.press("ArrowUp")
        expect(box).to_have_value("还有龙井吗")
        box.press("Escape")
        expect(box).to_have_value("")
        expect(both.visitor.get_by_test_id("panel")).to_be_visible()

    def test_a_reply_quotes_on_both_sides_and_leads_to_its_message(self, both: Both) -> None:
        both.theirs("九八折").hover()
        both.theirs("九八折").get_by_test_id("quote").click()
        expect(both.visitor.get_by_test_id("about")).to_contain_text("九八折")
        say(both.visitor, "那来两盒")
        for one in (both.theirs("那来两盒"), both.ours("那来两盒")):
            expect(one.get_by_test_id("quoted")).to_contain_text("林晓雯")
            expect(one.get_by_test_id("quoted")).to_contain_text("有的，九八折")
        say(both.visitor, "谢谢")  # the quote was for one message
        expect(both.ours("谢谢").get_by_test_id("quoted")).to_have_count(0)
        both.ours("那来两盒").get_by_test_id("quoted").click()
        expect(both.desk.locator(".entry.flash")).to_contain_text("九八折")
        both.act("九八折", "quote")
        both.desk.keyboard.press("Escape")
        expect(both.desk.get_by_test_id("about")).to_be_hidden()
        asked = Message.objects.get(content__text="有的，九八折")
        answer = Message.objects.get(content__text="那来两盒")
        assert answer.content["reply_to"] == str(asked.id)

    def test_a_message_that_is_not_loaded_is_an_earlier_one(self, both: Both) -> None:
        gone = str(factories.MessageFactory().id)
        conversation = Conversation.objects.get(last_text="有的，九八折")
        Message.objects.filter(conversation=conversation, content__text="有的，九八折").update(
            content={"type": "text", "text": "有的，九八折", "reply_to": gone}
        )
        both.desk.reload()
        expect(both.ours("九八折").get_by_test_id("quoted")).to_have_text("原消息")
        expect(both.ours("九八折").get_by_test_id("quoted")).to_be_disabled()

    def test_after_two_minutes_a_refusal_is_said_and_no_word_is_lost(self, both: Both) -> None:
        both.visitor.get_by_test_id("composer").press("ArrowUp")
        Message.objects.update(created_at=timezone.now() - dt.timedelta(minutes=3))
        say(both.visitor, "改不了了")
        expect(both.visitor.get_by_test_id("notice")).to_contain_text("2 分钟")
        expect(both.visitor.get_by_test_id("composer")).to_have_value("改不了了")

    def test_by_keyboard(self, both: Both) -> None:
        both.visitor.locator(".scroller").focus()
        both.visitor.keyboard.press("ArrowUp")
        both.visitor.keyboard.press("ArrowUp")
        expect(both.theirs("还有龙井吗")).to_be_focused()
        expect(both.theirs("还有龙井吗").get_by_test_id("recall")).to_be_visible()
        both.visitor.keyboard.press("Tab")
        expect(both.theirs("还有龙井吗").get_by_test_id("quote")).to_be_focused()
