"""A supervisor changes a workflow by picking from lists; tickets keep the one they have."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in
from tests.browser.test_strategy_admin import supervisor
from tests.tickets.factories import TicketTypeFactory, ticket
from tickets import workflows
from tickets.models import TicketType, TypeVersion

pytestmark = pytest.mark.django_db(transaction=True)
FORM = [{"key": "solution", "type": "text", "label": "检测结果"}]


@pytest.fixture
def type(live: Live) -> Any:
    """Repairs, by the standard workflow, with one field."""
    return TicketTypeFactory(key="repair", name="维修", form=FORM)


def editor(live: Live, page: Page, type: TicketType) -> None:
    """The supervisor opens the workflow."""
    log_in(page, live, "/workbench/", supervisor())
    page.goto(f"{live.url}/admin/tickets/tickettype/{type.pk}/workflow/")
    expect(page.get_by_test_id("status")).to_contain_text("尚无草稿")


def add_status(page: Page, name: str, category: str) -> Locator:
    """One more card at the end."""
    page.get_by_test_id("add-statuses").click()
    card = page.get_by_test_id("statuses").locator("> li").last
    card.get_by_test_id("name").fill(name)
    card.get_by_label("阶段").select_option(label=category)
    return card


def add_transition(page: Page, name: str, source: str, target: str) -> Locator:
    """One more card, open."""
    page.get_by_test_id("add-transitions").click()
    card = page.get_by_test_id("transition").last
    card.get_by_test_id("name").fill(name)
    sources = card.get_by_role("group", name="从哪些状态")
    for box in sources.get_by_role("checkbox").all():
        box.set_checked(False, force=True)
    sources.get_by_label(source, exact=True).check(force=True)
    card.get_by_label("到哪个状态").select_option(label=target)
    return card


def test_a_new_status_is_published_and_tickets_there_already_keep_the_old_workflow(
    live: Live, new_page: NewPage, type: Any
) -> None:
    old = ticket(type)
    page = new_page()
    editor(live, page, type)

    status = add_status(page, "检测中", "挂起")
    key = status.get_by_test_id("key")
    key.fill("open")  # on the way to another word, say; it is the key of another status
    key.press("Enter")
    expect(page.get_by_test_id("says")).to_contain_text("标识“open”已被使用")
    key.fill("testing")
    key.press("Tab")
    expect(status.get_by_test_id("problems")).to_contain_text("没有流转能到达“检测中”")
    leave = add_transition(page, "检测完成", "检测中", "处理中")
    leave.get_by_role("group", name="必填字段").get_by_label("检测结果").check(force=True)
    expect(leave.get_by_test_id("sentence")).to_have_text(
        "检测中 → 处理中；坐席、主管、管理员和自动规则可执行；须填写 检测结果"
    )
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("status")).to_contain_text("周主管")
    expect(page.get_by_test_id("summary")).to_have_text("1 处需要改正后才能发布")
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("says")).to_contain_text("没有流转能到达“检测中”")
    assert TypeVersion.objects.get(type=type, state="draft").content["statuses"][-1] == {
        "key": "testing",
        "name": "检测中",
        "category": "on_hold",
    }

    add_transition(page, "送检", "处理中", "检测中")
    expect(page.get_by_test_id("summary")).to_contain_text("新增 3 处")
    expect(page.get_by_test_id("drawing")).to_contain_text("检测中")
    page.get_by_test_id("publish").click()
    page.get_by_test_id("note").fill("加送检")
    page.get_by_test_id("publish-ok").click()
    expect(page.get_by_test_id("in-force")).to_contain_text("v2")
    expect(page.get_by_test_id("in-force")).to_contain_text("加送检")

    type.refresh_from_db()
    new = ticket(type)
    old.refresh_from_db()
    assert "testing" in workflows.workflow_of(new).statuses
    assert "testing" not in workflows.workflow_of(old).statuses

    compare_and_go_back(page, type)


def compare_and_go_back(page: Page, type: Any) -> None:
    """What changed is a sentence for each part; the earlier version can be had again."""
    page.get_by_role("link", name="流程版本").click()
    page.get_by_test_id("compare").click()
    expect(page.get_by_test_id("change")).to_have_count(3)
    expect(page.get_by_test_id("changes")).to_contain_text("送检：处理中 → 检测中")
    page.get_by_role("link", name="流程版本").click()
    page.get_by_test_id("roll-back").click()
    page.get_by_test_id("confirm-ok").click()
    expect(page.get_by_test_id("version").first).to_contain_text("v3")
    type.refresh_from_db()
    assert type.current.number == 3
    assert [one["key"] for one in type.current.content["statuses"]].count("testing") == 0


def test_the_second_of_two_who_save_is_told_who_was_faster(
    live: Live, new_page: NewPage, type: Any
) -> None:
    from tickets.versions import WORKFLOWS
    from tickets.workflow import STANDARD

    page = new_page()
    editor(live, page, type)
    other = supervisor("吴主管")
    WORKFLOWS.save_draft(type, STANDARD, by=other, revision=0)
    page.get_by_test_id("statuses").get_by_test_id("name").first.fill("新建")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("conflict")).to_contain_text("吴主管")
    page.get_by_role("button", name="用我的覆盖…").click()
    page.get_by_test_id("confirm-ok").click()
    expect(page.get_by_test_id("status")).to_contain_text("周主管")
    draft = TypeVersion.objects.get(type=type, state="draft")
    assert draft.content["statuses"][0]["name"] == "新建"


def test_a_status_goes_with_its_transitions_and_comes_back_with_them(
    live: Live, new_page: NewPage, type: Any
) -> None:
    page = new_page(width=390)
    editor(live, page, type)
    cards = page.get_by_test_id("statuses").locator("> li")
    cards.nth(3).get_by_test_id("remove").click()  # 挂起
    expect(page.get_by_test_id("says")).to_contain_text("已删除状态“挂起”和 1 个相关流转")
    expect(page.get_by_test_id("transition")).to_have_count(6)
    page.get_by_test_id("undo").click()
    expect(page.get_by_test_id("transition")).to_have_count(7)
    expect(cards).to_have_count(6)
    handle = cards.nth(1).locator(".st-handle")
    handle.focus()
    handle.press("ArrowUp")
    expect(cards.first.get_by_test_id("name")).to_have_value("处理中")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
