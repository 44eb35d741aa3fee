"""留言: the form while nobody is there, its refusals, and what was left on a later visit."""

import pytest
from playwright.sync_api import Page, expect

from conversations.actions import mark_offline
from conversations.models import Channel, Conversation, OfflineMessage, ServiceSettings
from tests.browser.conftest import Live
from tests.factories import AgentFactory, ChannelFactory

WORDS = "现在是休息时间，请留下联系方式，明早九点回复您。"


@pytest.fixture
def channel(live: Live) -> Channel:
    """The demo page's channel; nobody is there."""
    channel: Channel = ChannelFactory(key="demo-web", name="官网", title="山野茶铺")
    ServiceSettings.objects.create(group=channel.group, offline_text=WORDS)
    return channel


@pytest.fixture
def shop(live: Live, channel: Channel, page: Page) -> Page:
    """The demo page, the widget open."""
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    return page


def leave(page: Page, text: str = "想订 20 盒春茶", phone: str = "13800138000") -> None:
    """Fill in the form and submit it."""
    page.get_by_test_id("leave-text").fill(text)
    page.get_by_test_id("leave-phone").fill(phone)
    page.get_by_test_id("leave-submit").click()


def test_it_is_left_confirmed_and_there_again_later(shop: Page, channel: Channel) -> None:
    expect(shop.get_by_test_id("offline-text")).to_have_text(WORDS)
    shop.get_by_test_id("leave-name").fill("李雷")
    leave(shop)
    expect(shop.get_by_test_id("left-thanks")).to_be_visible()
    expect(shop.get_by_test_id("left")).to_contain_text("想订 20 盒春茶")
    row = OfflineMessage.objects.get()
    assert (row.name, row.phone, row.email, row.group) == (
        "李雷",
        "13800138000",
        "",
        channel.group,
    )
    OfflineMessage.objects.update(state="handled")
    AgentFactory(ready=True, groups=[channel.group])
    shop.reload()
    expect(shop.get_by_test_id("left")).to_contain_text("想订 20 盒春茶")
    expect(shop.get_by_test_id("left")).to_contain_text("已处理")
    expect(shop.get_by_test_id("offline-form")).to_have_count(0)


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(shop: Page) -> None:
    leave(shop, text="", phone="13800138000")
    expect(shop.locator("#lx-wrong-text")).to_have_text("请写下您的问题")
    expect(shop.get_by_test_id("leave-text")).to_be_focused()
    leave(shop, text="在吗", phone="")
    expect(shop.locator("#lx-wrong-phone")).to_contain_text("至少填一项")
    leave(shop, text="在吗", phone="打我电话")
    expect(shop.locator("#lx-wrong-phone")).to_have_text("无效")
    expect(shop.get_by_test_id("leave-phone")).to_have_attribute("aria-invalid", "true")
    expect(shop.get_by_test_id("leave-text")).to_have_value("在吗")
    assert not OfflineMessage.objects.exists()
    leave(shop, text="在吗")
    expect(shop.get_by_test_id("left-thanks")).to_be_visible()


def test_without_network_the_words_stay(shop: Page) -> None:
    expect(shop.get_by_test_id("offline-form")).to_be_visible()
    shop.context.set_offline(True)
    leave(shop)
    expect(shop.get_by_test_id("notice")).to_be_visible()
    expect(shop.get_by_test_id("leave-text")).to_have_value("想订 20 盒春茶")
    shop.context.set_offline(False)
    shop.get_by_test_id("leave-submit").click()
    expect(shop.get_by_test_id("left-thanks")).to_be_visible()
    assert OfflineMessage.objects.count() == 1


def test_put_away_and_taken_out_again(shop: Page) -> None:
    shop.get_by_test_id("leave-text").fill("想订茶")
    shop.get_by_test_id("offline-shut").click()
    expect(shop.get_by_test_id("offline-form")).to_have_count(0)
    expect(shop.get_by_test_id("composer")).to_be_visible()
    shop.get_by_test_id("offline-open").click()
    expect(shop.get_by_test_id("leave-text")).to_have_value("想订茶")


def test_in_a_conversation_that_is_offline(shop: Page) -> None:
    shop.get_by_test_id("composer").fill("有人吗")
    shop.get_by_test_id("composer").press("Enter")
    expect(shop.get_by_test_id("message-status")).to_be_visible()
    expect(shop.get_by_test_id("offline-form")).to_have_count(0)  # it queues: somebody may come
    conversation = Conversation.objects.get()
    mark_offline(conversation.pk)
    leave(shop)
    expect(shop.get_by_test_id("left-thanks")).to_be_visible()
    expect(shop.locator("[data-author=visitor] .bubble").last).to_have_text("想订 20 盒春茶")
    assert OfflineMessage.objects.get().conversation == conversation


def test_somebody_who_came_since_the_page_was_loaded(
    live: Live, page: Page, channel: Channel
) -> None:
    page.goto(f"{live.url}/demo/")
    AgentFactory(ready=True, groups=[channel.group])
    page.get_by_test_id("launcher").click()
    expect(page.get_by_test_id("subtitle")).to_have_text("在线客服")
    expect(page.get_by_test_id("offline-form")).to_have_count(0)


def test_not_while_somebody_is_there(live: Live, page: Page, channel: Channel) -> None:
    AgentFactory(ready=True, groups=[channel.group])
    page.goto(f"{live.url}/demo/")
    page.get_by_test_id("launcher").click()
    expect(page.get_by_test_id("composer")).to_be_focused()
    page.wait_for_timeout(1000)
    expect(page.get_by_test_id("offline-form")).to_have_count(0)
