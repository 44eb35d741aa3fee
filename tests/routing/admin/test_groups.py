"""The page of a skill group: what it saves, and what it refuses with which reason."""

import pytest
from django.urls import reverse

from routing.checks import circle_through, uses_of
from routing.models import Membership, OverflowStep, SkillGroup, Strategy, StrategyVersion
from tests.admin_forms import add_row, errors_of, filled
from tests.factories import (
    AgentFactory,
    BusinessHoursFactory,
    ChannelFactory,
    SkillGroupFactory,
    WorkItemFactory,
)
from tests.routing.at_once import at_once

pytestmark = pytest.mark.django_db
STEPS = "overflow_steps"


def page(group):
    return reverse("admin:routing_skillgroup_change", args=[group.pk])


def staffed(**kwargs):
    """A group with one member."""
    group = SkillGroupFactory(**kwargs)
    AgentFactory(groups=[group])
    return group


def over_to(data, target, **changes):
    """With one more step of overflow."""
    step = {"order": 0, "when": "waited", "limit": 60, "then": "group", "target": target.pk}
    return add_row(data, STEPS, **{**step, **changes})


def save(client, group, data):
    return errors_of(client.post(page(group), data))


def test_it_works(administrator):
    group, other, hours = staffed(), staffed(), BusinessHoursFactory()
    data = filled(
        administrator,
        page(group),
        picking="weighted",
        min_level=40,
        last_agent_first="on",
        ageing_seconds=90,
        burst_limit=2,
        offer_seconds=20,
        missed_limit=5,
        transfer_seconds=45,
        business_hours=hours.pk,
        by_roster="on",
    )
    data = over_to(data, other)
    data = add_row(data, STEPS, order=1, when="closed", limit=0, then="offline", target="")
    assert save(administrator, group, data) == ""
    group.refresh_from_db()
    assert (group.picking, group.min_level, group.offer_seconds) == ("weighted", 40, 20)
    assert (group.business_hours, group.by_roster) == (hours, True)
    assert [step.then for step in group.overflow_steps.all()] == ["group", "offline"]


def test_a_member_has_a_level_and_a_weight(administrator):
    group, agent = SkillGroupFactory(), AgentFactory()
    data = add_row(
        filled(administrator, page(group)), "membership_set", agent=agent.pk, level=80, weight=3
    )
    assert save(administrator, group, data) == ""
    member = Membership.objects.get()
    assert (member.level, member.weight) == (80, 3)


def test_a_new_member_of_a_weighted_group_starts_level(administrator):
    group = SkillGroupFactory(picking="weighted")
    AgentFactory(groups=[group], status="ready")
    Membership.objects.update(stride=30)
    new = AgentFactory(status="ready")
    data = add_row(
        filled(administrator, page(group)), "membership_set", agent=new.pk, level=50, weight=1
    )
    assert save(administrator, group, data) == ""
    assert Membership.objects.get(agent=new).stride == 30


def test_a_group_that_no_member_is_good_enough_for_is_refused(administrator):
    group = staffed()
    assert "最低技能值" in save(
        administrator, group, filled(administrator, page(group), min_level=51)
    )
    assert save(administrator, group, filled(administrator, page(group), min_level=50)) == ""


def test_a_group_without_members_may_still_be_set_up(administrator):
    group = SkillGroupFactory()
    assert save(administrator, group, filled(administrator, page(group), min_level=90)) == ""


@pytest.mark.parametrize("picking", ["claim", "manual"])
@pytest.mark.parametrize(
    "setting", [{"offer_seconds": 20}, {"burst_limit": 1}, {"last_agent_first": "on"}]
)
def test_settings_without_effect_are_refused(administrator, picking, setting):
    group = SkillGroupFactory()
    data = filled(administrator, page(group), picking=picking, **setting)
    assert "由人来分配" in save(administrator, group, data)
    plain = filled(administrator, page(group), picking=picking)
    assert save(administrator, group, plain) == ""


def test_overflow_to_a_group_without_members_is_refused(administrator):
    group, empty = staffed(), SkillGroupFactory(name="空组")
    data = over_to(filled(administrator, page(group)), empty)
    assert "“空组”还没有成员" in save(administrator, group, data)
    assert not OverflowStep.objects.exists()


def test_overflow_to_itself_is_refused(administrator):
    group = staffed()
    answer = save(administrator, group, over_to(filled(administrator, page(group)), group))
    assert answer != ""


def test_overflow_in_a_circle_over_several_groups_is_refused_by_name(administrator):
    a, b, c = staffed(name="甲"), staffed(name="乙"), staffed(name="丙")
    assert save(administrator, a, over_to(filled(administrator, page(a)), b)) == ""
    assert save(administrator, b, over_to(filled(administrator, page(b)), c)) == ""
    answer = save(administrator, c, over_to(filled(administrator, page(c)), a))
    assert "丙 → 甲 → 乙 → 丙" in answer


def test_a_step_taken_away_in_the_same_save_makes_no_circle(administrator):
    a, b = staffed(), staffed()
    OverflowStep.objects.create(group=a, when="waited", limit=60, then="group", target=b)
    data = filled(administrator, page(a), **{f"{STEPS}-0-DELETE": "on"})
    assert save(administrator, a, data) == ""
    assert save(administrator, b, over_to(filled(administrator, page(b)), a)) == ""


@pytest.mark.parametrize("when", ["waited", "queue_length"])
def test_a_condition_without_its_limit_is_refused(administrator, when):
    group = staffed()
    data = over_to(filled(administrator, page(group)), staffed(), when=when, limit=0)
    assert "大于 0" in save(administrator, group, data)


def test_a_target_is_asked_for_exactly_when_it_goes_to_a_group(administrator):
    group = staffed()
    data = filled(administrator, page(group))
    assert "必须选择目标" in save(administrator, group, over_to(data, staffed(), then="bot"))
    none = add_row(data, STEPS, order=0, when="waited", limit=9, then="group", target="")
    assert "必须选择目标" in save(administrator, group, none)


def test_overflow_when_closed_takes_business_hours(administrator):
    group = staffed()
    data = over_to(filled(administrator, page(group)), staffed(), when="closed", limit=0)
    assert "未设置营业时间" in save(administrator, group, data)


def test_a_target_keeps_a_member(administrator):
    source, target = staffed(name="来源"), staffed()
    OverflowStep.objects.create(group=source, when="waited", limit=60, then="group", target=target)
    data = filled(administrator, page(target), **{"membership_set-0-DELETE": "on"})
    assert "是“来源”的溢出目标" in save(administrator, target, data)
    assert Membership.objects.filter(skillgroup=target).exists()


def test_a_target_out_of_sight_chosen_by_others_can_stay(supervisor_of):
    mine, other = staffed(), staffed()
    OverflowStep.objects.create(group=mine, when="waited", limit=60, then="group", target=other)
    client = supervisor_of(mine)
    assert save(client, mine, filled(client, page(mine), name="改名")) == ""
    assert mine.overflow_steps.get().target == other


def test_a_target_out_of_sight_cannot_be_chosen(supervisor_of):
    mine, other = staffed(), staffed()
    client = supervisor_of(mine)
    assert save(client, mine, over_to(filled(client, page(mine)), other)) != ""


def test_groups_out_of_sight_are_not_edited(supervisor_of):
    other = SkillGroupFactory()
    assert supervisor_of(SkillGroupFactory()).get(page(other)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_saves_at_once_make_no_circle_between_them(administrator):
    a, b = staffed(), staffed()
    sent = [
        (a, over_to(filled(administrator, page(a)), b)),
        (b, over_to(filled(administrator, page(b)), a)),
    ]
    answers = at_once(lambda one: save(administrator, *one), sent)
    assert sorted("溢出成环" in answer for answer in answers) == [False, True]
    assert OverflowStep.objects.count() == 1


@pytest.mark.parametrize(
    ("graph", "way"),
    [
        ({}, []),
        ({"a": ["b"], "b": ["c"]}, []),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, []),  # a circle elsewhere
        ({"a": ["a"]}, ["a", "a"]),
        ({"a": ["b", "c"], "c": ["d"], "d": ["a"]}, ["a", "c", "d", "a"]),
    ],
)
def test_the_way_back(graph, way):
    assert circle_through("a", graph) == way


# -- deleting ------------------------------------------------------------------------------------


def delete(client, group):
    return client.post(reverse("admin:routing_skillgroup_delete", args=[group.pk]), {"post": "yes"})


def test_an_unused_group_can_be_deleted(administrator):
    group = staffed()
    assert delete(administrator, group).status_code == 302
    assert not SkillGroup.objects.filter(pk=group.pk).exists()


def test_a_group_in_use_says_where(administrator):
    group = staffed()
    ChannelFactory(group=group, name="官网")
    WorkItemFactory(group=group)
    OverflowStep.objects.create(
        group=staffed(name="售前"), when="waited", limit=60, then="group", target=group
    )
    rules = [{"then": [{"action": "enqueue", "params": {"group": str(group.pk)}}]}]
    strategy = Strategy.objects.create(kind="conversation", name="会话")
    StrategyVersion.objects.create(strategy=strategy, rules=rules)
    text = delete(administrator, group).text
    for place in ("渠道：官网", "待分配项：1 个", "售前（", "策略：会话 草稿"):
        assert place in text
    assert SkillGroup.objects.filter(pk=group.pk).exists()


def test_the_list_s_action_does_not_delete_a_group_in_use_either(administrator):
    group = ChannelFactory().group
    chosen = {"action": "delete_selected", "_selected_action": [str(group.pk)], "post": "yes"}
    administrator.post(reverse("admin:routing_skillgroup_changelist"), chosen)
    assert SkillGroup.objects.filter(pk=group.pk).exists()


@pytest.mark.parametrize("role", ["current", "candidate"])
def test_versions_in_force_and_being_released_use_a_group(role):
    group = SkillGroupFactory()
    strategy = Strategy.objects.create(kind="conversation", name="会话")
    version = StrategyVersion.objects.create(
        strategy=strategy, number=1, state="published", rules=[{"x": str(group.pk)}]
    )
    assert uses_of(group) == []  # an old version keeps nobody
    setattr(strategy, role, version)
    strategy.save()
    assert uses_of(group) == ["策略：会话 v1"]
