"""The floor before supervisors' eyes: what starts to wait appears, warns, and is given away."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from conversations.models import Conversation, ServiceSettings
from conversations.principals import agent_token
from lingxi.access.models import Role, Scope
from routing.models import BreakReason, BreakRequest, WorkItem
from tests.browser.conftest import Live, NewPage
from tests.conversations.floor.conftest import Floor
from tests.factories import PASSWORD, CustomerFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def watch(page: Page, live: Live, user: Any) -> Page:
    """Log in and open the floor."""
    user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")  # as the server hashes
    user.save()
    page.goto(f"{live.url}/login/?next=/floor/")
    page.fill("[name=username]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("[type=submit]")
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "online")
    return page


def talk(page: Page, conversation: Any) -> Any:
    return page.locator(f"[data-testid=talk][data-id='{conversation.pk}']")


def agent(page: Page, one: Any) -> Any:
    return page.locator(f"[data-testid=agent][data-id='{one.pk}']")


@pytest.fixture
def floor(live: Live) -> Floor:
    made = Floor("售后服务")
    ServiceSettings.objects.create(group=made.group, warn_waiting_seconds=4)
    return made


def test_two_supervisors_watch_and_one_assigns_by_hand(
    new_page: NewPage, live: Live, floor: Floor
) -> None:
    server = floor.agent(name="王芳", status="busy")
    mine = watch(new_page(), live, floor.supervisor())
    theirs = watch(new_page(), live, UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL))
    for page in (mine, theirs):
        expect(page.get_by_test_id("total-waiting")).to_have_text("0")
        expect(page.locator("#talks-none")).to_be_visible()

    waiting = floor.conversation(customer=CustomerFactory(name="<b>林静</b>"))
    for page in (mine, theirs):
        expect(talk(page, waiting)).to_contain_text("<b>林静</b>")
        expect(talk(page, waiting)).to_contain_text("第 1 位")
        expect(page.get_by_test_id("total-waiting")).to_have_text("1")
    # Nothing has to be sent for a warning to begin.
    for page in (mine, theirs):
        expect(talk(page, waiting)).to_contain_text("排队过久")
        expect(page.get_by_test_id("total-warned")).to_have_text("1")

    talk(mine, waiting).get_by_test_id("assign").click()
    mine.locator(".assign-one", has_text="王芳").click()
    mine.get_by_test_id("assign-confirm").click()
    for page in (mine, theirs):
        expect(talk(page, waiting)).to_have_count(0)
        expect(agent(page, server)).to_contain_text("1/10")
        expect(page.get_by_test_id("total-waiting")).to_have_text("0")
    assert Conversation.objects.get(pk=waiting.pk).agent == server


def test_why_somebody_waits_and_what_a_refusal_says(page: Page, live: Live, floor: Floor) -> None:
    floor.agent(name="赵休", status="break")
    waiting = floor.waiting(60)
    watch(page, live, floor.supervisor())
    talk(page, waiting).get_by_test_id("why").click()
    expect(page.get_by_test_id("explain")).to_contain_text("售后服务")
    expect(page.get_by_test_id("explain")).to_contain_text("赵休")
    expect(page.get_by_test_id("would-free")).to_contain_text("切换为空闲")
    page.keyboard.press("Escape")

    page.goto(f"{live.url}/workbench/?c={waiting.pk}")
    expect(page.locator("html")).to_have_attribute("data-ready", "true")
    page.keyboard.press("Alt+w")
    expect(page.get_by_test_id("explain")).to_contain_text("赵休")
    page.go_back()

    talk(page, waiting).get_by_test_id("talk-menu").click()
    page.get_by_role("menuitem", name="调整优先级").click()
    page.locator("dialog input").fill("7")
    WorkItem.objects.filter(item_id=waiting.pk).update(state="done")
    page.get_by_test_id("ask-confirm").click()
    expect(page.locator("dialog [role=alert]")).to_contain_text("已不在排队")


def test_a_break_is_approved_and_filters_narrow_what_is_shown(
    page: Page, live: Live, floor: Floor
) -> None:
    asking, other = floor.agent(name="孙洋"), floor.agent(name="李静", status="busy")
    reason = BreakReason.objects.create(name="培训", needs_approval=True)
    watch(page, live, floor.supervisor())
    asked = BreakRequest.objects.create(agent=asking, reason=reason)
    agent(page, asking).get_by_test_id("approve").click()
    expect(agent(page, asking)).to_have_attribute("data-status", "break")
    expect(agent(page, asking).get_by_test_id("approve")).to_be_hidden()
    asked.refresh_from_db()
    assert asked.state == "approved"

    page.get_by_test_id("filter-status").select_option("busy")
    expect(agent(page, other)).to_be_visible()
    expect(agent(page, asking)).to_have_count(0)
    page.get_by_test_id("floor-search").fill("没有这个人")
    expect(page.locator("#agents-none")).to_be_visible()
    page.locator("#clear").click()
    expect(page.get_by_test_id("agent")).to_have_count(2)


def choose(page: Page, conversation: Any, name: str) -> None:
    talk(page, conversation).get_by_test_id("talk-menu").click()
    page.get_by_role("menuitem", name=name).click()


def test_a_supervisor_takes_over_and_ends(page: Page, live: Live, floor: Floor) -> None:
    served = floor.unanswered(999, floor.agent(name="王芳"))
    user = floor.supervisor()
    watch(page, live, user)
    expect(talk(page, served)).to_contain_text("王芳 · 接待中")
    choose(page, served, "接管")
    page.get_by_test_id("ask-confirm").click()
    expect(talk(page, served)).to_contain_text(f"{user.first_name} · 接待中")

    choose(page, served, "强制结束")
    page.get_by_test_id("ask-confirm").click()
    assert Conversation.objects.get(pk=served.pk).is_open  # not without a reason
    page.locator("dialog input").fill("重复的会话")
    page.get_by_test_id("ask-confirm").click()
    expect(talk(page, served)).to_have_count(0)
    assert not Conversation.objects.get(pk=served.pk).is_open


def test_a_break_asked_for_rings_the_bell(page: Page, live: Live, floor: Floor) -> None:
    live.start("relay")
    asking = floor.agent(name="孙洋")
    BreakReason.objects.create(name="培训", needs_approval=True)
    watch(page, live, floor.supervisor())
    expect(page.get_by_test_id("bell-count")).to_have_count(0)
    answer = page.request.put(
        f"{live.url}/api/v1/agent/status",
        data={"status": "break", "reason": "培训"},
        headers={"Authorization": f"Bearer {agent_token(asking.user)}", "Cookie": ""},
    )
    assert answer.ok, answer.text()
    expect(page.get_by_test_id("bell-count")).to_have_text("1")
    expect(page.locator(".toast")).to_contain_text("孙洋")
    page.get_by_test_id("bell").click()
    expect(page.get_by_test_id("notice")).to_contain_text("培训")
    page.get_by_test_id("bell-read-all").click()
    expect(page.get_by_test_id("bell-count")).to_have_count(0)


def test_after_a_cut_it_goes_on_and_without_the_right_it_stops(
    page: Page, live: Live, floor: Floor
) -> None:
    user = floor.supervisor()
    watch(page, live, user)
    live.kill("web")
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "offline")
    waiting = floor.waiting(5)
    live.start("web")
    expect(talk(page, waiting)).to_be_visible(timeout=40_000)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "online")

    user.role_assignment.role = Role.AGENT
    user.role_assignment.save()  # no hint comes from here: the next heartbeat finds it
    expect(page.get_by_test_id("connection")).to_have_attribute(
        "data-state", "refused", timeout=40_000
    )


@pytest.mark.parametrize("width", [1440, 390])
def test_it_fits_the_screen_and_the_wall(
    new_page: NewPage, live: Live, floor: Floor, width: int
) -> None:
    floor.agent(name="名字特别长" * 8)
    floor.waiting(600, customer=CustomerFactory(name="很长的名字" * 12, level="VIP" * 10))
    page = watch(new_page(width, 844), live, floor.supervisor())
    expect(page.get_by_test_id("talk")).to_be_visible()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    if width > 1000:
        page.get_by_test_id("wall-toggle").click()
        expect(page.get_by_test_id("floor-search")).to_be_hidden()
        assert page.evaluate(wide) <= 0
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("floor-search")).to_be_visible()
