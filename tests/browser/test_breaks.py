"""A break that needs approval, from the agent's screen to the supervisor's and back."""

import pytest
from guardian.shortcuts import assign_perm
from playwright.sync_api import expect

from lingxi.access.models import Role, Scope
from tests.browser.conftest import Live, NewPage
from tests.browser.test_main_job import log_in
from tests.factories import AgentFactory, BreakReasonFactory, SkillGroupFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_agent_asks_a_supervisor_approves_and_the_clock_runs(
    new_page: NewPage, live: Live
) -> None:
    group = SkillGroupFactory()
    boss = UserFactory(role=Role.SUPERVISOR, scope=Scope.GROUP)
    assign_perm("routing.supervise_skillgroup", boss, group)
    agent = AgentFactory(name="王芳", status="ready", groups=[group])
    BreakReasonFactory(name="午休", needs_approval=True, max_minutes=60)

    desk = new_page()
    log_in(desk, live, "/workbench/", agent.user)
    switch = desk.get_by_test_id("status-switch")
    switch.click()
    desk.get_by_test_id("break-reason").filter(has_text="午休").click()
    expect(desk.get_by_test_id("break-pending")).to_contain_text("小休待审批")
    expect(switch).to_contain_text("空闲")

    admin = new_page()
    log_in(admin, live, "/admin/routing/breakrequest/", boss)
    admin.get_by_role("link", name="王芳").click()
    admin.get_by_text("同意", exact=True).click()
    admin.locator("input[name=note]").fill("早点回来")
    admin.get_by_role("button", name="同意").last.click()
    expect(admin.get_by_text("已同意 1 项申请")).to_be_visible()

    expect(switch).to_contain_text("小休", timeout=20_000)
    expect(desk.get_by_test_id("break-timer")).to_contain_text(":")
    expect(desk.get_by_test_id("break-pending")).to_have_count(0)
