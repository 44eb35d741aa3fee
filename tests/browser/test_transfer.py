"""转接 and 协助 between two agents, side by side in two browsers."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from conversations import transfers
from conversations.models import Conversation, Message, Transfer
from routing import offers
from routing.models import WorkItem
from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in, say
from tests.factories import (
    AgentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    MessageFactory,
    SkillGroupFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


class Pair:
    """李四 serves 王芳; 张三 sits beside. Each in a browser of their own."""

    def __init__(self, live: Live, new_page: NewPage, **receiver: Any) -> None:
        self.group = SkillGroupFactory(name="售前")
        self.giver = AgentFactory(ready=True, groups=[self.group], name="李四")
        self.receiver = AgentFactory(ready=True, groups=[self.group], name="张三")
        self.served = ConversationFactory(
            state="serving",
            agent=self.giver,
            channel=ChannelFactory(group=self.group, name="官网"),
            customer=CustomerFactory(name="王芳"),
        )
        MessageFactory(conversation=self.served, content={"type": "text", "text": "要开专票"})
        self.left, self.right = new_page(), new_page(**receiver)
        for page, agent in ((self.left, self.giver), (self.right, self.receiver)):
            log_in(page, live, "/workbench/", agent.user)
            expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "online")
        self.left.locator(".row:visible").click()
        expect(self.left.get_by_test_id("chat-log")).to_contain_text("要开专票")

    def offer(self, note: str = "客户要专票") -> None:
        """Through the dialog, as 李四 does."""
        self.left.keyboard.press("Alt+t")
        self.left.locator(".target", has_text="张三").click()
        self.left.fill("[name=note]", note)
        self.left.get_by_test_id("transfer-submit").click()
        expect(self.left.get_by_test_id("transfer-pending")).to_contain_text("等待 张三 接受")

    def now(self) -> Conversation:
        """The row as it is."""
        return Conversation.objects.get(pk=self.served.pk)


@pytest.fixture
def pair(live: Live, new_page: NewPage) -> Pair:
    return Pair(live, new_page)


def test_offered_and_accepted(pair: Pair) -> None:
    pair.offer()
    card = pair.right.get_by_test_id("offer")
    expect(card).to_contain_text("王芳")
    expect(card).to_contain_text("李四")
    expect(card).to_contain_text("客户要专票")
    expect(card.get_by_test_id("countdown")).to_have_text(re.compile(r"0:[0-3]\d"))
    assert pair.now().agent == pair.giver, "until it is accepted"
    say(pair.left, "请稍等，为您转给同事")

    pair.right.keyboard.press("Alt+y")
    expect(pair.right.get_by_test_id("chat-log")).to_contain_text("请稍等，为您转给同事")
    expect(pair.right.locator("#chat")).to_have_attribute("data-mine", "true")
    expect(card).to_have_count(0)
    say(pair.right, "您好，我来开票")
    expect(pair.left.locator("#toasts")).to_contain_text("张三 接受了")
    expect(pair.left.locator("#chat")).to_have_attribute("data-mine", "false")
    expect(pair.left.get_by_test_id("chat-log")).to_contain_text("您好，我来开票")
    assert pair.now().agent == pair.receiver
    assert WorkItem.objects.held().get().agent == pair.receiver


def test_refused_with_a_reason(pair: Pair) -> None:
    pair.offer()
    pair.right.get_by_test_id("offer-refuse").click()
    pair.right.get_by_test_id("ask-reason").fill("在开会")
    pair.right.get_by_test_id("ask-yes").click()
    expect(pair.right.get_by_test_id("offer")).to_have_count(0)
    expect(pair.left.locator("#toasts")).to_contain_text("张三 拒绝了转接：在开会")
    expect(pair.left.get_by_test_id("transfer-pending")).to_have_count(0)
    expect(pair.left.locator("#chat")).to_have_attribute("data-state", "serving")
    expect(pair.left.locator(".line-transfer").last).to_contain_text("在开会")
    assert pair.now().agent == pair.giver


def test_withdrawn_while_writing(pair: Pair) -> None:
    pair.offer()
    expect(pair.right.get_by_test_id("offer")).to_be_visible()
    pair.left.get_by_test_id("composer").fill("写到一半")
    pair.left.get_by_test_id("transfer-withdraw").click()
    expect(pair.right.get_by_test_id("offer")).to_have_count(0)
    expect(pair.left.get_by_test_id("transfer-pending")).to_have_count(0)
    expect(pair.left.get_by_test_id("composer")).to_have_value("写到一半")
    assert Transfer.objects.get().state == "withdrawn"


def test_the_clock_runs_out(pair: Pair) -> None:
    pair.group.transfer_seconds = 5
    pair.group.save()
    pair.offer()
    expect(pair.right.get_by_test_id("countdown").first).to_have_text("0:00", timeout=10_000)
    offers.expire()  # the sweep
    expect(pair.left.locator("#toasts")).to_contain_text("未在时限内接受")
    expect(pair.right.get_by_test_id("offer")).to_have_count(0)
    assert pair.now().state == "serving"


def test_a_cut_line_in_the_middle_of_accepting(pair: Pair) -> None:
    """The acceptance arrives, its answer does not: accepting again is no error."""
    pair.offer()
    card = pair.right.get_by_test_id("offer")
    expect(card).to_be_visible()
    pair.right.route("**/transfer/accept", lambda route: (route.fetch(), route.abort()))
    pair.right.get_by_test_id("offer-accept").click()
    expect(pair.right.locator("#toasts")).to_contain_text("网络连接失败")
    pair.right.unroute("**/transfer/accept")
    assert pair.now().agent == pair.receiver
    transfers.accept(pair.served.id, pair.receiver)
    expect(card).to_have_count(0)
    expect(pair.right.locator(f"#mine-{pair.served.id}")).to_be_visible()


def test_on_a_phone(live: Live, new_page: NewPage) -> None:
    pair = Pair(live, new_page, width=390, height=844, has_touch=True, is_mobile=True)
    pair.offer("很长的附言" * 40)
    pair.right.get_by_test_id("offer-accept").tap()
    expect(pair.right.get_by_test_id("chat-log")).to_contain_text("要开专票")
    assert pair.right.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_colleague_assists(pair: Pair) -> None:
    pair.left.get_by_test_id("assist-open").click()
    pair.left.locator(".target", has_text="张三").click()
    pair.left.get_by_test_id("assist-submit").click()
    expect(pair.left.get_by_test_id("helpers")).to_contain_text("张三")
    row = pair.right.locator(f"#mine-{pair.served.id}")
    expect(row.get_by_test_id("role")).to_have_text("协助")
    row.click()
    expect(pair.right.get_by_test_id("assist-bar")).to_contain_text("李四")
    say(pair.right, "专票三天内寄出")
    expect(pair.left.get_by_test_id("chat-log")).to_contain_text("专票三天内寄出")
    expect(pair.right.get_by_test_id("transfer-open")).to_be_hidden()

    pair.right.get_by_test_id("assist-leave").click()
    expect(pair.right.locator("#chat")).to_have_attribute("data-speaks", "false")
    expect(pair.left.get_by_test_id("helpers")).to_have_count(0)
    seen = Message.objects.filter(conversation=pair.served, visitor_seq__isnull=False)
    kinds = list(seen.order_by("visitor_seq").values_list("kind", flat=True))
    assert kinds == ["message", "join", "message", "leave"]
    assert pair.now().agent == pair.giver
