"""Merging customers by hand, in the workbench and from admin, while the visitor goes on talking."""

import pytest
from playwright.sync_api import Page, expect

from conversations.models import Conversation, Customer, Message
from lingxi.access.models import RoleAssignment
from tests import factories
from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fang(live: Live) -> Customer:
    """A member with a conversation of last year."""
    channel = factories.ChannelFactory(key="demo-web", name="官网", greeting="您好")
    made: Customer = factories.CustomerFactory(name="王芳", phone="13800138000")
    factories.IdentityFactory(customer=made, kind="member", value="M1024", verified=True)
    factories.ConversationFactory(customer=made, channel=channel, state="closed", last_text="谢谢")
    return made


def find_and_compare(page: Page) -> None:
    page.get_by_test_id("merge-search").fill("M1024")
    page.get_by_test_id("merge-found").click()
    expect(page.get_by_test_id("merge-gone")).to_contain_text("王芳")


def test_in_the_workbench_while_the_visitor_talks(
    live: Live, new_page: NewPage, fang: Customer
) -> None:
    channel = Conversation.objects.get().channel
    agent = factories.AgentFactory(name="林晓雯", ready=True, groups=[channel.group])
    RoleAssignment.objects.filter(user=agent.user).update(role="supervisor", scope="all")
    visitor, desk = new_page(width=390, height=844), new_page()
    log_in(desk, live, "/workbench/", agent.user)
    visitor.goto(f"{live.url}/demo/")
    visitor.get_by_test_id("launcher").click()
    say(visitor, "我是王芳")
    desk.get_by_test_id("conversation-row").first.click()
    expect(desk.get_by_test_id("chat-log")).to_contain_text("我是王芳")

    desk.get_by_test_id("merge-open").click()
    desk.get_by_test_id("merge-search").fill("没有这个人")
    expect(desk.locator("#merge-results")).to_contain_text("没有找到")
    find_and_compare(desk)
    desk.get_by_test_id("merge-turn").click()
    expect(desk.get_by_test_id("merge-kept")).to_contain_text("王芳")
    desk.get_by_test_id("merge-submit").click()
    expect(desk.locator("#chat h2")).to_have_text("王芳")
    expect(desk.locator(".row:visible .row-name")).to_have_text("王芳")
    assert Conversation.objects.filter(customer=fang).count() == 2

    say(visitor, "还在吗")  # by an open socket that spoke for the one who is no more
    expect(desk.get_by_test_id("chat-log")).to_contain_text("还在吗")
    say(desk, "在的")
    expect(visitor.get_by_test_id("log")).to_contain_text("在的")
    assert Message.objects.get(content__text="还在吗").author_id == fang.pk


def test_from_admin(live: Live, page: Page, fang: Customer) -> None:
    other = factories.CustomerFactory(name="", email="fang@example.com")
    factories.ConversationFactory(customer=other, state="closed")
    boss = factories.UserFactory(role="supervisor", scope="all")
    log_in(page, live, f"/admin/conversations/customer/{other.pk}/change/", boss)
    page.get_by_role("link", name="合并客户").click()
    find_and_compare(page)
    page.get_by_test_id("merge-turn").click()
    expect(page.get_by_test_id("merge-kept")).to_contain_text("王芳")
    expect(page.locator(".fate-added")).to_contain_text("fang@example.com")
    page.get_by_test_id("merge-submit").click()
    page.wait_for_url(f"**/customer/{fang.pk}/change/")
    expect(page.locator("body")).to_contain_text("客户已合并")
    other.refresh_from_db()
    assert other.merged_into == fang
