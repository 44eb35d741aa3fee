"""The list of tickets, the board and the calendar in a real browser."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Live, NewPage
from tests.tickets.factories import TicketTypeFactory, ticket
from tickets.models import SavedView, Ticket

expect.set_options(timeout=15_000)
FORM = [{"key": "amount", "type": "money", "label": "金额"}]


@pytest.fixture
def office(live: Live) -> Any:
    """A supervisor's group with an agent and 54 tickets, three of them large."""
    group = factories.SkillGroupFactory(name="售后组")
    lead = factories.AgentFactory(
        name="陈主管", user__role="supervisor", user__scope="all", groups=[group]
    )
    factories.AgentFactory(name="小李", groups=[group])
    type = TicketTypeFactory(name="退款", group=group, form=FORM)
    for number in range(54):
        made = ticket(type=type, title=f"申请退款 {number}", fields={"amount": number * 10})
        due = timezone.now() + dt.timedelta(hours=number + 1)
        Ticket.objects.filter(pk=made.pk).update(due_at=due)
    return lead.user


def log_in(page: Page, live: Live, user: Any, path: str) -> None:
    user.password = make_password(factories.PASSWORD, hasher="pbkdf2_sha256")  # as the server does
    user.save(update_fields=["password"])
    page.goto(f"{live.url}/login/?next={path}")
    page.fill("[name=username]", user.username)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("button[type=submit]")
    expect(page.locator("[data-ready=true]")).to_be_attached()


def rows(page: Page) -> Any:
    return page.locator("[data-testid=row]")


def test_filter_save_a_view_choose_and_assign_by_keyboard(live: Live, page: Page, office: Any):
    log_in(page, live, office, "/tickets/")
    expect(rows(page)).to_have_count(50)
    expect(page.get_by_test_id("count")).to_have_text("54 条")

    page.get_by_test_id("further").click()
    page.fill("[name='f.amount.from']", "510")
    expect(rows(page)).to_have_count(3)
    assert "f.amount.from=510" in page.url
    expect(page.get_by_test_id("chips")).to_contain_text("金额")

    page.get_by_test_id("view-save").click()
    page.get_by_test_id("view-name").fill("大额退款")
    page.get_by_test_id("view-confirm").click()
    expect(page.get_by_test_id("saved-views")).to_contain_text("大额退款")
    assert SavedView.objects.get().query == "f.amount.from=510"

    page.locator("h1").first.focus()
    page.mouse.click(700, 20)
    for key in ("j", "x", "j", "j", "Shift+X", "a"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("bulk")).to_contain_text("3 条已选")
    page.get_by_test_id("bulk-agent").select_option(label="小李")
    page.get_by_test_id("bulk-confirm").click()
    expect(page.locator("#toasts")).to_contain_text("3 条已完成")
    expect(rows(page).first).to_contain_text("小李")
    assert Ticket.objects.filter(assignee__name="小李").count() == 3

    page.go_back()
    expect(rows(page)).to_have_count(3)  # before the view was opened
    page.go_back()
    expect(rows(page)).to_have_count(50)
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_be_visible()


def test_pages_columns_and_a_view_that_comes_back(live: Live, page: Page, office: Any):
    SavedView.objects.create(owner=office, name="我的视图", query="priority=urgent")
    log_in(page, live, office, "/tickets/")
    page.get_by_test_id("next").click()
    expect(rows(page)).to_have_count(4)
    page.get_by_test_id("previous").click()
    expect(rows(page)).to_have_count(50)

    page.get_by_test_id("columns").click()
    page.locator("[data-column='f.amount']").check()
    expect(page.locator("thead")).to_contain_text("金额")
    page.keyboard.press("Escape")

    page.locator("[data-act=view-menu]").click()
    page.get_by_role("menuitem", name="删除").click()
    expect(page.get_by_test_id("saved-views")).to_have_count(0)
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("saved-views")).to_contain_text("我的视图")


def test_a_card_is_dragged_and_a_refused_one_snaps_back(live: Live, page: Page, office: Any):
    log_in(page, live, office, "/tickets/board/")
    card = page.locator("#column-new .ticket-card").first
    name = card.get_attribute("id") or ""
    card.drag_to(page.locator("#column-open"))
    expect(page.locator(f"#column-open #{name}")).to_be_visible()
    expect(page.locator(f"#{name}.is-moving")).to_have_count(0)
    moved = Ticket.objects.get(number=name.removeprefix("card-"))
    assert moved.category == "open"

    page.locator(f"#{name}").drag_to(page.locator("#column-new"))
    expect(page.locator("#toasts")).to_contain_text("不能从“处理中”移到这一列")
    expect(page.locator(f"#column-open #{name}")).to_be_visible()

    page.locator(f"#{name}").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(f"#column-pending #{name}")).to_be_visible()


def test_the_calendar_by_keyboard(live: Live, page: Page, office: Any):
    noon = timezone.localtime().replace(hour=12, minute=0)  # of today, however late it is
    Ticket.objects.filter(title="申请退款 0").update(due_at=noon)
    log_in(page, live, office, "/tickets/calendar/")
    expect(page.get_by_test_id("due").first).to_be_visible()
    today = timezone.localdate()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[aria-current=date]")).to_have_attribute(
        "data-day", (today + dt.timedelta(days=1)).isoformat()
    )
    expect(page.get_by_test_id("day-count").first).to_be_visible()


def test_on_a_phone_nothing_is_wider_than_the_screen(live: Live, new_page: NewPage, office: Any):
    page = new_page(390, 844)
    log_in(page, live, office, "/tickets/")
    for path in ("/tickets/", "/tickets/board/", "/tickets/calendar/"):
        page.goto(live.url + path)
        expect(page.locator("[data-ready=true]")).to_be_attached()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, (path, width)
    page.goto(f"{live.url}/tickets/board/")
    page.locator("[data-tab=open]").click()
    expect(page.locator("#column-open")).to_be_visible()
    expect(page.locator("#column-new")).to_be_hidden()
