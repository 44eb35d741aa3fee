"""What rules refer to must be there and able to serve."""

import datetime as dt

import pytest
from django.utils import timezone

from routing.models import BusinessHours, Membership, OpenInterval, RosterEntry, Shift
from routing.strategy.checks import problems_of
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory
from tests.routing.strategy.made import GONE, act, cond, rule, to

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return SkillGroupFactory(name="售前")


@pytest.fixture
def agent(group):
    return AgentFactory(name="王丽", groups=[group])


def only(*rules):
    (problem,) = problems_of([{"id": f"r{n}", **one} for n, one in enumerate(rules, start=1)])
    return problem


def test_it_works(group, agent):
    rules = [
        rule(to(group), when=cond("group_waiting", ">", 3, str(group.id))),
        rule(act("designated_agent", agent=str(agent.id)), to(group)),
    ]
    assert problems_of(rules) == []


def test_an_empty_group_as_target(group):
    problem = only(rule(to(group)))
    assert problem.message == "第 1 条：“进入技能组”：技能组“售前”没有成员"
    assert (problem.level, problem.rule_id, problem.path) == ("error", "r1", "0.then")


def test_a_group_whose_members_left(group, agent):
    agent.user.is_active = False
    agent.user.save()
    assert "没有成员" in only(rule(to(group))).message


def test_a_deleted_group():
    assert "“进入技能组”：技能组已删除" in only(rule(act("enqueue", group=GONE))).message
    asked = rule(act("leave_to_bot"), when=cond("group_waiting", ">", 3, GONE))
    assert "“排队人数”的技能组已删除" in only(asked).message


def test_a_skill_level_that_nobody_has(group, agent):
    assert problems_of([rule(to(group, min_level=50))]) == []
    assert "没有技能值达到 51 的成员" in only(rule(to(group, min_level=51))).message
    group.min_level = 60
    group.save()
    assert "没有技能值达到 60 的成员" in only(rule(to(group))).message
    Membership.objects.update(level=70)
    assert problems_of([rule(to(group))]) == []


def test_business_hours_that_never_open(group, agent):
    group.business_hours = BusinessHours.objects.create(name="从不")
    group.save()
    assert "从不营业" in only(rule(to(group))).message
    OpenInterval.objects.create(
        hours=group.business_hours, weekday=0, opens=dt.time(9), closes=dt.time(18)
    )
    from routing import schedule

    schedule.forget(group.business_hours.pk)
    assert problems_of([rule(to(group))]) == []


def test_a_roster_without_anybody_is_a_warning(group, agent):
    group.by_roster = True
    group.save()
    problem = only(rule(to(group)))
    assert (problem.level, "之后没有排班" in problem.message) == ("warning", True)
    shift = Shift.objects.create(name="早班", starts=dt.time(8), ends=dt.time(16))
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    RosterEntry.objects.create(agent=agent, shift=shift, date=tomorrow)
    assert problems_of([rule(to(group))]) == []


def test_deleted_and_closed_agents(group, agent):
    assert "坐席已删除" in only(rule(act("designated_agent", agent=GONE))).message
    told = act("notify", to="agent", agent=str(agent.id), text="a")
    assert problems_of([rule(told)]) == []
    agent.user.is_active = False
    agent.user.save()
    assert "账号已停用" in only(rule(told)).message
    assert "账号已停用" in only(rule(act("designated_agent", agent=str(agent.id)))).message


def test_an_agent_who_cannot_be_given_it(agent):
    other = SkillGroupFactory(name="售后")
    AgentFactory(groups=[other])
    wish = act("designated_agent", agent=str(agent.id))
    assert "坐席“王丽”不是技能组“售后”的成员" in only(rule(wish, to(other))).message
    lonely = AgentFactory(name="李强")
    wish = act("designated_agent", agent=str(lonely.id))
    assert "坐席“李强”不属于任何技能组" in only(rule(wish)).message


def test_a_group_without_a_supervisor(group, agent):
    leader = rule(act("supervisor", group=str(group.id)))
    assert "成员中没有主管" in only(leader).message
    AgentFactory(groups=[group], user=UserFactory(role="supervisor"))
    assert problems_of([leader]) == []


def test_what_is_switched_off_only_warns(group):
    assert only(rule(to(group), enabled=False)).level == "warning"


def test_a_rule_that_is_never_reached(group, agent):
    problem = only(rule(to(group)), rule(act("leave_to_bot")))
    assert "永远轮不到" in problem.message
    assert (problem.level, problem.rule_id) == ("error", "r2")


def test_problems_stand_in_the_order_of_the_rules(group):
    page = cond("t_page", "is", "a")
    lost = rule(act("tag", tag="a"), when=cond("moon", "is", "a"))
    found = problems_of([rule(to(group), when=page), rule(act("fly")), lost])
    assert [problem.path for problem in found] == ["0.then", "1.then.0", "2.when.items.0"]


def test_the_number_of_queries_does_not_grow_with_the_rules(group, django_assert_max_num_queries):
    agents = AgentFactory.create_batch(3, groups=[group])
    rules = [rule(to(group), when=cond("t_pages", "is", n)) for n in range(30)]
    rules += [
        rule(act("designated_agent", agent=str(one.id)), when=cond("t_pages", "is", 100 + n))
        for n, one in enumerate(agents)
    ]
    with django_assert_max_num_queries(4):
        assert problems_of(rules) == []
