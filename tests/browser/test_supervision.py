"""A supervisor steps in: a visitor, the agent who serves and the supervisor, three browsers."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from playwright.sync_api import Page, expect

from conversations.models import Conversation, Message
from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in, say
from tests.factories import AgentFactory, ChannelFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Floor:
    """The visitor has asked something, 李四 serves, 王主管 looks on."""

    def __init__(self, live: Live, new_page: NewPage, **supervisor: Any) -> None:
        channel = ChannelFactory(key="demo-web", name="官网")
        agent = AgentFactory(ready=True, groups=[channel.group], name="李四")
        boss = UserFactory(role="supervisor", scope="all", first_name="王主管")
        self.visitor, self.agent = new_page(width=390, height=844), new_page()
        self.boss = new_page(**supervisor)
        log_in(self.agent, live, "/workbench/", agent.user)
        expect(self.agent.get_by_test_id("connection")).to_have_attribute("data-state", "online")
        self.visitor.goto(f"{live.url}/demo/")
        self.visitor.get_by_test_id("launcher").click()
        say(self.visitor, "可以便宜点吗")
        self.agent.locator("#list-mine .row").click()
        expect(self.agent.get_by_test_id("chat-log")).to_contain_text("可以便宜点吗")
        self.id = Conversation.objects.get().id
        log_in(self.boss, live, "/workbench/", boss)
        self.boss.goto(f"{live.url}/workbench/?c={self.id}")

    def step_in(self) -> None:
        """监听: with it a supervisor who served nobody gets a line of their own."""
        self.boss.get_by_test_id("supervise-monitor").click()
        expect(self.boss.get_by_test_id("connection")).to_have_attribute("data-state", "online")
        expect(self.boss.get_by_test_id("supervise-role")).to_have_text("监听中")

    def acts(self) -> list[str]:
        """What the audit log has of it."""
        rows = LogEntry.objects.filter(additional_data__has_key="supervision").order_by("id")
        return [row.additional_data["supervision"] for row in rows]


@pytest.fixture
def floor(live: Live, new_page: NewPage) -> Floor:
    return Floor(live, new_page)


def visitor_sees(page: Page) -> str:
    return page.get_by_test_id("log").inner_text()


def test_the_agent_hears_a_whisper_and_the_visitor_does_not(floor: Floor) -> None:
    floor.step_in()
    expect(floor.boss.locator("#composer")).to_have_attribute("data-mode", "whisper")
    say(floor.boss, "可以给他打九折")
    whisper = floor.agent.locator(".entry-whisper")
    expect(whisper).to_contain_text("可以给他打九折")
    expect(whisper).to_contain_text("仅坐席可见")
    expect(whisper).to_contain_text("王主管")
    say(floor.agent, "给您打九折")
    expect(floor.visitor.get_by_test_id("log")).to_contain_text("给您打九折")
    floor.visitor.reload()
    expect(floor.visitor.get_by_test_id("log")).to_contain_text("给您打九折")
    assert "可以给他打九折" not in visitor_sees(floor.visitor)
    assert "王主管" not in visitor_sees(floor.visitor)
    assert "王主管" not in floor.agent.locator("#company").inner_text(), "who looks on is unseen"

    floor.agent.reload()
    expect(floor.agent.locator(".entry-whisper")).to_contain_text("可以给他打九折")
    floor.boss.get_by_test_id("supervise-stop").click()
    expect(floor.boss.get_by_test_id("supervise-role")).to_have_text("主管")
    assert floor.acts() == ["monitor", "whisper", "stop_monitor"]


def test_barging_in_and_leaving(floor: Floor) -> None:
    floor.step_in()
    floor.boss.get_by_test_id("supervise-barge-in").click()
    floor.boss.get_by_test_id("ask-yes").click()
    expect(floor.boss.locator("#chat")).to_have_attribute("data-speaks", "true")
    floor.boss.locator("[data-mode-to=reply]").click()
    say(floor.boss, "您好，我是主管")
    expect(floor.visitor.get_by_test_id("log")).to_contain_text("您好，我是主管")
    expect(floor.agent.locator(".line-join")).to_contain_text("王主管 加入会话")
    say(floor.agent, "我也还在")
    expect(floor.visitor.get_by_test_id("log")).to_contain_text("我也还在")
    floor.boss.get_by_test_id("supervise-stop").click()
    expect(floor.agent.locator(".line-leave")).to_contain_text("王主管 离开会话")
    expect(floor.boss.locator("#chat")).to_have_attribute("data-speaks", "false")


def test_taking_over(floor: Floor) -> None:
    floor.boss.get_by_test_id("supervise-take-over").click()
    floor.boss.get_by_test_id("ask-reason").fill("投诉升级")
    floor.boss.get_by_test_id("ask-yes").click()
    expect(floor.boss.locator("#chat")).to_have_attribute("data-mine", "true")
    expect(floor.boss.get_by_test_id("connection")).to_have_attribute("data-state", "online")
    expect(floor.agent.locator("#chat")).to_have_attribute("data-mine", "false")
    expect(floor.agent.locator(".line-transfer")).to_contain_text("王主管 接管了会话")
    say(floor.boss, "我来为您处理")
    expect(floor.visitor.get_by_test_id("log")).to_contain_text("我来为您处理")
    assert "投诉升级" not in visitor_sees(floor.visitor)
    assert str(Conversation.objects.get().agent) == "王主管"


def test_forcing_the_end_asks_for_a_reason(floor: Floor) -> None:
    floor.boss.get_by_test_id("supervise-force-end").click()
    floor.boss.get_by_test_id("ask-yes").click()
    expect(floor.boss.get_by_test_id("ask-dialog")).to_be_visible()  # not without one
    floor.boss.get_by_test_id("ask-reason").fill("辱骂客服")
    floor.boss.get_by_test_id("ask-yes").click()
    expect(floor.agent.locator("#chat")).to_have_attribute("data-state", "closed")
    assert "辱骂客服" in Message.objects.get(kind="note").text
    assert floor.acts() == ["force_end"]


def test_on_a_phone_in_the_dark(live: Live, new_page: NewPage) -> None:
    floor = Floor(
        live, new_page, width=390, height=844, has_touch=True, is_mobile=True, color_scheme="dark"
    )
    floor.step_in()
    bar = floor.boss.get_by_test_id("supervise-bar")
    expect(bar).to_be_visible()
    bar.get_by_test_id("supervise-force-end").scroll_into_view_if_needed()
    expect(bar.get_by_test_id("supervise-force-end")).to_be_in_viewport()
    assert floor.boss.evaluate("document.documentElement.scrollWidth") <= 390
