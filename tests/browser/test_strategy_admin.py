"""A supervisor builds a strategy by picking from lists, tries it, publishes it, and is refused."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Dialog, Locator, Page, expect

from routing.models import Agent, SimulationRun, SkillGroup, Strategy, StrategyVersion, WorkItem
from routing.simulation.runs import due, work_on
from tests import factories
from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
ADMIN = "/admin/routing/strategy/"


@pytest.fixture
def groups(live: Live) -> dict[str, SkillGroup]:
    """前台 takes what comes in; 售后 and 销售 are where rules can send it."""
    made: dict[str, SkillGroup] = {
        name: factories.SkillGroupFactory(name=name, slug=slug)
        for name, slug in (("前台", "front"), ("售后", "after"), ("销售", "sales"))
    }
    factories.ChannelFactory(key="demo-web", name="官网", group=made["前台"])
    factories.AgentFactory(name="林晓雯", groups=list(made.values()))
    return made


@pytest.fixture
def past(groups: dict[str, SkillGroup]) -> int:
    """Forty conversations of the last days that all went to 前台, every other about an order."""
    agent = Agent.objects.get(name="林晓雯")
    begin = timezone.now() - dt.timedelta(days=3)
    agent.status_periods.create(status="ready", started_at=begin - dt.timedelta(hours=1))
    for number in range(40):
        at = begin + dt.timedelta(minutes=number)
        page = "/order/2024" if number % 2 else "/item/7"
        WorkItem.objects.create(
            kind="conversation",
            item_id=factories.uuid.uuid4(),
            group=groups["前台"],
            agent=agent,
            state="done",
            channel_kind="web",
            facts={"entry_page": f"https://shop.example.com{page}", "channel": "demo-web"},
            enqueued_at=at,
            rank_at=at,
            assigned_at=at + dt.timedelta(seconds=20),
            finished_at=at + dt.timedelta(minutes=5),
            left_reason="closed",
        )
    return 20


def supervisor(name: str = "周主管") -> object:
    """Somebody who leads."""
    return factories.UserFactory(role="supervisor", scope="all", first_name=name)


def to_the_rules(page: Page, live: Live) -> None:
    """From the list of strategies to that of conversations."""
    page.goto(f"{live.url}{ADMIN}")
    page.get_by_role("link", name="会话路由策略").click()


def add_rule(page: Page, name: str, first: bool = False) -> Locator:
    """A new card, open, with a name."""
    page.get_by_test_id("add-first-rule" if first else "add-rule").click()
    card = page.get_by_test_id("rule").last
    card.get_by_test_id("rule-name").fill(name)
    return card


def add_condition(card: Locator, fact: str, operator: str = "") -> Locator:
    """One more row, picked from the lists."""
    card.get_by_test_id("add-condition").first.click()
    row = card.get_by_test_id("condition").last
    row.get_by_label("条件", exact=True).select_option(label=fact)
    if operator:
        row.get_by_label("比较方式").select_option(label=operator)
    return row


def send_to(card: Locator, group: str) -> None:
    """The first action: into a group."""
    action = card.get_by_test_id("action").first
    action.get_by_label("动作", exact=True).select_option(label="进入技能组")
    action.get_by_label("技能组", exact=True).select_option(label=group)


def build_two_rules(page: Page) -> None:
    """Orders go to 售后; buyers during the day go to 销售, earlier than others."""
    orders = add_rule(page, "订单问题", first=True)
    add_condition(orders, "入口页面").get_by_label("入口页面的值").fill("/order/")
    send_to(orders, "售后")
    expect(orders.get_by_test_id("sentence")).to_have_text(
        "当 入口页面 包含 “/order/” 时，进入 售后 组"
    )
    buyers = add_rule(page, "高意向客户")
    add_condition(buyers, "意向等级").get_by_label("意向等级的值").select_option(label="高")
    weekday = add_condition(buyers, "星期", "是其中之一")
    for day in ("星期一", "星期二"):
        weekday.get_by_label(day).check()
    send_to(buyers, "销售")
    buyers.get_by_test_id("add-action").select_option(label="调整优先级")
    buyers.get_by_test_id("action").last.get_by_label("级数").fill("5")
    expect(buyers.get_by_test_id("sentence")).to_contain_text("提高优先级 5 级")


def test_built_tried_and_published_by_picking_from_lists(
    live: Live, new_page: NewPage, groups: dict[str, SkillGroup], past: int
) -> None:
    page = new_page()
    log_in(page, live, "/workbench/", supervisor())
    to_the_rules(page, live)
    expect(page.get_by_text("还没有规则")).to_be_visible()
    build_two_rules(page)
    expect(page.get_by_test_id("status")).to_have_text("有未保存的修改")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("status")).to_contain_text("周主管")
    draft = StrategyVersion.objects.get(state="draft")
    assert [rule["name"] for rule in draft.rules] == ["订单问题", "高意向客户"]

    try_it(page, past)

    page.get_by_role("link", name="规则", exact=True).click()
    page.get_by_test_id("publish").click()
    page.get_by_test_id("note").fill("订单归售后")
    page.get_by_test_id("publish-ok").click()
    expect(page.get_by_test_id("in-force")).to_contain_text("v1")
    expect(page.get_by_test_id("in-force")).to_contain_text("周主管")
    strategy = Strategy.objects.get(kind="conversation")
    assert strategy.current is not None
    assert strategy.current.rules == draft.rules


def try_it(page: Page, moved: int) -> None:
    """Over the last seven days, with progress, while this test is the worker."""
    page.get_by_test_id("simulate").click()
    page.get_by_test_id("start").click()
    expect(page.get_by_test_id("progress")).to_be_visible()
    wait_until(lambda: bool(due()), "no trial was asked for")
    run = SimulationRun.objects.get()
    SimulationRun.objects.update(total=40, done=10, state="running", beat_at=timezone.now())
    expect(page.get_by_test_id("progress")).to_contain_text("10 / 40")
    SimulationRun.objects.update(state="waiting", beat_at=None)
    worker = threading.Thread(target=_work, args=[run.pk])
    worker.start()
    expect(page.get_by_test_id("headline")).to_contain_text(f"最近 7 天：{moved} 个会话会去往别处")
    worker.join()
    expect(page.get_by_test_id("moves")).to_contain_text("前台 → 售后")
    expect(page.get_by_test_id("groups")).to_contain_text("售后")
    expect(page.get_by_test_id("examples")).to_contain_text("规则“订单问题”")


def _work(run_id: object) -> None:
    try:
        work_on(run_id)  # type: ignore[arg-type]
    finally:
        connection.close()


def test_a_rule_that_can_never_be_reached_is_refused_with_the_reason(
    live: Live, new_page: NewPage, groups: dict[str, SkillGroup]
) -> None:
    page = new_page()
    log_in(page, live, "/workbench/", supervisor())
    to_the_rules(page, live)
    send_to(add_rule(page, "全部归前台", first=True), "前台")
    second = add_rule(page, "退款")
    send_to(second, "售后")
    page.get_by_test_id("publish").click()
    expect(second.get_by_test_id("problems")).to_contain_text("第 1 条先满足")
    expect(page.get_by_test_id("publish-dialog")).not_to_be_visible()
    assert not StrategyVersion.objects.filter(state="published").exists()

    second.get_by_role("button", name="上移").click()  # mended: the narrower one first
    add_condition(page.get_by_test_id("rule").first, "入口页面").get_by_label("入口页面的值").fill(
        "/refund"
    )
    expect(page.get_by_test_id("problems").filter(has_text="先满足")).to_have_count(0)
    page.get_by_test_id("publish").click()
    page.get_by_test_id("publish-ok").click()
    expect(page.get_by_test_id("in-force")).to_contain_text("v1")
    version = StrategyVersion.objects.get(state="published")
    assert [rule["name"] for rule in version.rules] == ["退款", "全部归前台"]


def test_of_two_supervisors_the_slower_is_told_who_was_faster(
    live: Live, new_page: NewPage, groups: dict[str, SkillGroup]
) -> None:
    first, second = new_page(), new_page()
    for page, name in ((first, "周主管"), (second, "吴主管")):
        log_in(page, live, "/workbench/", supervisor(name))
        to_the_rules(page, live)
        send_to(add_rule(page, f"{name}的规则", first=True), "售后")
    first.get_by_test_id("save").click()
    expect(first.get_by_test_id("status")).to_contain_text("周主管")
    second.get_by_test_id("save").click()
    expect(second.get_by_test_id("conflict")).to_contain_text("周主管")
    expect(second.get_by_test_id("rule-name")).to_have_value("吴主管的规则")
    [draft] = StrategyVersion.objects.all()
    assert [rule["name"] for rule in draft.rules] == ["周主管的规则"]

    second.get_by_role("button", name="载入对方的草稿").click()
    expect(second.get_by_test_id("rule-name")).to_have_value("周主管的规则")
    expect(second.get_by_test_id("conflict")).to_be_hidden()


def test_order_copies_and_deletions_by_keyboard_and_by_dragging(
    live: Live, new_page: NewPage, groups: dict[str, SkillGroup]
) -> None:
    page = new_page()
    log_in(page, live, "/workbench/", supervisor())
    to_the_rules(page, live)
    for name in ("甲", "乙", "丙"):
        add_rule(page, name, first=name == "甲").get_by_test_id("rule-open").click()
    names = page.get_by_test_id("rule-name")

    handle = page.get_by_role("button", name="拖动排序").first
    handle.focus()
    handle.press("ArrowDown")
    expect_names(names, "乙", "甲", "丙")
    page.keyboard.press("ArrowDown")  # the focus went along
    expect_names(names, "乙", "丙", "甲")

    box = page.get_by_test_id("rule").first.bounding_box()
    assert box
    page.get_by_role("button", name="拖动排序").last.hover()
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 40, steps=4)
    page.mouse.move(box["x"] + 20, box["y"] + 5, steps=4)
    page.mouse.up()
    expect_names(names, "甲", "乙", "丙")

    page.get_by_role("button", name="删除规则").nth(1).click()
    expect_names(names, "甲", "丙")
    page.get_by_test_id("undo").click()
    expect_names(names, "甲", "乙", "丙")
    page.get_by_role("button", name="复制规则").first.click()
    expect_names(names, "甲", "甲（副本）", "乙", "丙")


def expect_names(names: Locator, *wanted: str) -> None:
    """The cards, from the top."""
    expect(names).to_have_count(len(wanted))
    for place, name in enumerate(wanted):
        expect(names.nth(place)).to_have_value(name)


def test_released_to_a_part_then_further_then_taken_back(
    live: Live, new_page: NewPage, groups: dict[str, SkillGroup]
) -> None:
    page = new_page(width=390, height=844)
    log_in(page, live, "/workbench/", supervisor())
    to_the_rules(page, live)
    send_to(add_rule(page, "全部归售后", first=True), "售后")
    page.get_by_test_id("publish").click()
    page.get_by_test_id("scope-some").check()
    page.get_by_test_id("percent").fill("20")
    page.get_by_test_id("publish-ok").click()
    expect(page.get_by_test_id("release")).to_contain_text("20% 的新会话按 v1")
    expect(page.get_by_test_id("publish")).to_be_disabled()
    page.get_by_test_id("share").fill("60")
    page.get_by_test_id("adjust").click()
    expect(page.get_by_test_id("release")).to_contain_text("60% 的新会话按 v1")
    page.get_by_test_id("withdraw").click()
    page.get_by_test_id("confirm").get_by_role("button", name="取消").click()
    expect(page.get_by_test_id("release")).to_be_visible()
    page.get_by_test_id("withdraw").click()
    page.get_by_test_id("confirm-ok").click()
    expect(page.get_by_test_id("release")).to_have_count(0)
    expect(page.get_by_test_id("in-force")).to_contain_text("尚未发布")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_unsaved_changes_are_not_lost_unseen(
    live: Live, new_page: NewPage, groups: dict[str, SkillGroup]
) -> None:
    page = new_page()
    log_in(page, live, "/workbench/", supervisor())
    to_the_rules(page, live)
    add_rule(page, "没保存", first=True)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="版本", exact=True).click()
    expect(page.get_by_text("还没有发布过版本")).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_draft_is_discarded_after_a_question(
    live: Live, new_page: NewPage, groups: dict[str, SkillGroup]
) -> None:
    page = new_page()
    log_in(page, live, "/workbench/", supervisor())
    to_the_rules(page, live)
    send_to(add_rule(page, "不要了", first=True), "售后")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("status")).to_contain_text("周主管")
    page.get_by_test_id("rule-open").click()  # closed
    page.get_by_test_id("rule-open").click()
    page.reload()
    expect(page.get_by_test_id("action")).to_be_visible()  # still open
    page.get_by_test_id("discard").click()
    page.get_by_test_id("confirm-ok").click()
    expect(page.get_by_text("还没有规则")).to_be_visible()
    assert not StrategyVersion.objects.exists()
