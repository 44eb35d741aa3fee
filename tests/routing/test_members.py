"""A group's members as assignment sees them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from routing.members import Verdict, member_of, members_of
from tests import factories

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_who_is_on_shift(django_assert_num_queries):
    group, day = factories.SkillGroupFactory(), dt.date(2026, 11, 20)
    early = factories.RosterEntryFactory(date=day)
    night = factories.RosterEntryFactory(
        date=day, shift__starts=dt.time(22), shift__ends=dt.time(6)
    )
    group.agents.add(early.agent, night.agent, factories.AgentFactory())

    def on_shift(when):
        return {one.agent_id for one in members_of(group, at(when)) if one.is_on_shift}

    with django_assert_num_queries(1):
        assert on_shift("2026-11-20 09:00") == {early.agent_id}
    assert on_shift("2026-11-20 18:00") == set()
    assert on_shift("2026-11-21 05:59") == {night.agent_id}
    assert on_shift("2026-11-21 06:00") == set()


def test_somebody_outside_the_group_has_no_skill_in_it():
    group, agent = factories.SkillGroupFactory(min_level=1), factories.AgentFactory(ready=True)
    seen = member_of(group, agent.pk, dt.datetime.now(dt.UTC))
    assert seen is not None
    assert (seen.level, seen.verdict(group)) == (0, Verdict.LACKING_SKILL)


def test_loads_are_counted_by_kind_of_channel_with_what_is_offered():
    group = factories.SkillGroupFactory()
    agent = factories.AgentFactory(groups=[group], ready=True, capacity=3)
    factories.WorkItemFactory(agent=agent, state="assigned", channel_kind="web")
    factories.WorkItemFactory(agent=agent, state="offered", channel_kind="app")
    factories.WorkItemFactory(agent=agent, state="done", channel_kind="app")
    agent.channel_capacities.create(channel_kind="app", capacity=1)
    (seen,) = members_of(group, dt.datetime.now(dt.UTC))
    assert (seen.load, seen.held) == (2, {"web": 1, "app": 1})
    assert seen.has_room_for("web")
    assert not seen.has_room_for("app")
