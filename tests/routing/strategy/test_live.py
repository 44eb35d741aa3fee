"""Live numbers from the database: what they count, how often they are read."""

import datetime as dt

import pytest
from django.conf import settings
from django.utils import timezone

from routing.models import BusinessHours, OpenInterval
from routing.strategy import compile_rules, decide_with, keeping
from routing.strategy.live import DATABASE
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory, WorkItemFactory
from tests.routing.strategy.made import act, cond, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return SkillGroupFactory(name="售前")


@pytest.fixture
def kept(monkeypatch):
    """Numbers are kept, as they are outside of tests."""
    monkeypatch.setitem(settings.LINGXI, "LIVE_KEPT", 60)
    keeping.forget_all()
    yield
    keeping.forget_all()


def test_what_waits(group):
    now = timezone.now()
    WorkItemFactory(group=group, enqueued_at=now - dt.timedelta(seconds=90))
    WorkItemFactory(group=group, enqueued_at=now - dt.timedelta(seconds=5))
    WorkItemFactory(group=group, state="done", enqueued_at=now - dt.timedelta(hours=1))
    WorkItemFactory(enqueued_at=now - dt.timedelta(hours=1))
    assert DATABASE.waiting(str(group.id)) == 2
    assert DATABASE.longest_wait(str(group.id), now) == pytest.approx(90, abs=0.01)


def test_an_empty_queue(group):
    assert DATABASE.waiting(str(group.id)) == 0
    assert DATABASE.longest_wait(str(group.id), timezone.now()) == 0


def test_who_is_ready(group):
    other = SkillGroupFactory(name="甲")
    agent = AgentFactory(ready=True, groups=[group, other], capacity=4)
    AgentFactory(status="busy", present=True, groups=[group])
    AgentFactory(status="ready", groups=[group])  # without a connection
    AgentFactory(ready=True, groups=[group], user=UserFactory(is_active=False))
    WorkItemFactory(group=group, state="assigned", agent=agent)
    assert DATABASE.ready(str(group.id)) == 1
    assert DATABASE.load(str(group.id)) == 25
    found = DATABASE.agent(str(agent.id))
    assert (found.name, found.load, found.is_supervisor) == (agent.name, 1, False)
    assert found.groups == tuple(str(one.id) for one in sorted((group, other), key=str))


def test_a_group_without_ready_agents_is_full(group):
    assert DATABASE.load(str(group.id)) == 100


def test_supervisors_who_serve(group):
    leader = AgentFactory(ready=True, groups=[group], user=UserFactory(role="supervisor"))
    AgentFactory(ready=True, groups=[group])
    assert [one.id for one in DATABASE.supervisors()] == [leader.id]


def test_business_hours(group):
    now = timezone.localtime()
    group.business_hours = BusinessHours.objects.create(name="白天", follow_holidays=False)
    group.save()
    assert DATABASE.is_open(str(group.id), now) is False
    open_group = SkillGroupFactory()
    assert DATABASE.is_open(str(open_group.id), now) is True
    assert DATABASE.is_open("gone", now) is None
    night = BusinessHours.objects.create(name="全天", follow_holidays=False)
    for day in range(7):
        OpenInterval.objects.create(hours=night, weekday=day, opens=dt.time(0), closes=dt.time(0))
    group.business_hours = night
    group.save()
    assert DATABASE.is_open(str(group.id), now) is True


def all_facts(group):
    names = ("group_waiting", "group_longest_wait", "agents_ready", "group_load")
    conditions = [cond(name, ">=", 0, str(group.id)) for name in names]
    return compile_rules(
        [rule(act("tag", tag="a"), when=[*conditions, cond("business_hours", "is_true")])]
    )


def test_each_number_takes_one_query_however_many_groups(group, kept, django_assert_num_queries):
    SkillGroupFactory.create_batch(5)
    AgentFactory.create_batch(5, ready=True, groups=[group])
    compiled = all_facts(group)
    with django_assert_num_queries(5):  # queues, agents, calendars; names of groups and of agents
        assert decide_with(compiled, {}, group).tags == ("a",)
    with django_assert_num_queries(0):
        assert decide_with(compiled, {}, group).tags == ("a",)


def test_no_number_is_read_that_no_rule_asks_for(group, kept, django_assert_num_queries):
    compiled = compile_rules([rule(act("tag", tag="a"), when=cond("time", ">=", "00:00"))])
    with django_assert_num_queries(2):  # the names
        decide_with(compiled, {}, group)


def test_what_is_kept_is_read_again_after_a_while(group, monkeypatch):
    monkeypatch.setitem(settings.LINGXI, "LIVE_KEPT", 0.2)
    keeping.forget_all()
    assert DATABASE.waiting(str(group.id)) == 0
    WorkItemFactory(group=group)
    assert DATABASE.waiting(str(group.id)) == 0
    import time

    time.sleep(0.25)
    assert DATABASE.waiting(str(group.id)) == 1
    keeping.forget_all()
