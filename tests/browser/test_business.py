"""The business around conversations under an agent's hands: wrap-up, replies, blocks, messages."""

import pytest
from playwright.sync_api import Page, expect

from conversations.models import (
    Block,
    OfflineMessage,
    QuickReply,
    QuickReplyCategory,
    ServiceSettings,
    WrapUp,
    WrapUpCategory,
)
from tests.browser.conftest import Live, NewPage
from tests.browser.test_workbench import Desk
from tests.factories import QuickReplyFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def choose(page: Page, name: str) -> None:
    """Open a conversation from the list."""
    page.get_by_test_id("conversation-row").filter(has_text=name).locator(".row-link").click()
    expect(page.locator("#chat h2")).to_contain_text(name)


def test_the_wrap_up_is_asked_for_after_the_end(desk: Desk, live: Live, new_page: NewPage):
    ServiceSettings.objects.create(group=desk.group, wrap_up_required=True)
    after_sales = WrapUpCategory.objects.create(name="售后")
    refund = WrapUpCategory.objects.create(name="退款", parent=after_sales)
    page = desk.open(new_page(), live)
    choose(page, "林静")
    page.get_by_test_id("end").click()
    page.get_by_test_id("end-confirm").click()
    form = page.get_by_test_id("wrap-up")
    expect(form).to_be_visible()
    expect(page.get_by_test_id("todo-unwrapped")).to_contain_text("1")
    page.get_by_test_id("wrap-up-category").fill("售后 / 退款")
    form.get_by_text("已解决", exact=True).click()
    page.get_by_test_id("wrap-up-save").click()
    expect(page.get_by_test_id("wrap-up-done")).to_contain_text("售后 / 退款")
    expect(page.get_by_test_id("todo-unwrapped")).to_have_count(0)
    row = WrapUp.objects.get()
    assert (row.category, row.resolved, row.agent) == (refund, True, desk.agent)


def test_replies_by_folder_with_names_and_one_of_ones_own(
    desk: Desk, live: Live, new_page: NewPage
):
    folder = QuickReplyCategory.objects.create(name="常用")
    QuickReplyFactory(
        shortcut="wm", title="问名", text="{customer}您好，我是{agent}", category=folder
    )
    page = desk.open(new_page(), live)
    choose(page, "林静")
    composer = page.get_by_test_id("composer")
    composer.fill("/常用")
    expect(page.locator(".quick-title")).to_have_text("常用")
    composer.press("Enter")
    words = f"林静您好，我是{desk.agent.name}"
    expect(composer).to_have_value(words)
    composer.press("Enter")
    page.locator(".entry.side-out").hover()
    page.get_by_test_id("keep-reply").click()
    new = page.get_by_test_id("reply-new")
    expect(new.locator("[name=text]")).to_have_value(words)
    new.locator("[name=shortcut]").fill("lj")
    new.locator("[name=title]").fill("给林静")
    page.get_by_test_id("reply-add").click()
    expect(page.get_by_test_id("reply")).to_contain_text("/lj")
    page.keyboard.press("Escape")
    composer.fill("/lj")
    expect(page.locator(".quick-item")).to_contain_text("给林静")
    assert QuickReply.objects.get(owner=desk.agent.user).text == words


def test_a_customer_is_blocked_and_let_in_again(desk: Desk, live: Live, new_page: NewPage):
    page = desk.open(new_page(), live)
    choose(page, "林静")
    page.get_by_test_id("block-open").click()
    dialog = page.get_by_test_id("block-dialog")
    dialog.locator("[name=reason]").fill("辱骂客服")
    page.get_by_test_id("block-submit").click()
    expect(page.get_by_test_id("block")).to_contain_text("辱骂客服")
    desk.first.refresh_from_db()
    assert desk.first.state == "closed"
    page.get_by_test_id("unblock").click()
    expect(page.get_by_test_id("block-open")).to_be_visible()
    assert Block.objects.get().lifted_at is not None


def test_a_message_left_is_handled(desk: Desk, live: Live, new_page: NewPage):
    OfflineMessage.objects.create(
        conversation=desk.waiting,
        customer=desk.waiting.customer,
        channel=desk.channel,
        group=desk.group,
        name="王芳",
        phone="13812345678",
        text="请回电",
    )
    page = desk.open(new_page(), live)
    page.get_by_test_id("todo-left").click()
    card = page.get_by_test_id("offline-message")
    expect(card).to_contain_text("138****5678")
    card.get_by_test_id("reveal").click()
    expect(card).to_contain_text("13812345678")
    card.locator("[name=remark]").fill("已电话答复")
    card.get_by_test_id("handle").click()
    expect(card.locator(".chip-ok")).to_have_text("已处理")
    assert OfflineMessage.objects.get().remark == "已电话答复"
