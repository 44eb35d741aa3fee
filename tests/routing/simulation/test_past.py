"""What really happened, as the simulator is told of it."""

import datetime as dt
import uuid

import pytest

from routing.models import AgentStatus, ChannelCapacity, Membership, StatusPeriod, WorkState
from routing.simulation.parts import Fate
from routing.simulation.past import DEFAULT_SERVICE, Past, Period
from routing.simulation.staff import agent_plans, group_plans, presence_in
from tests.factories import AgentFactory, SkillGroupFactory, WorkItemFactory

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 2, 4, tzinfo=dt.UTC)  # in Shanghai
PERIOD = Period("conversation", NOON, NOON + dt.timedelta(hours=6))
HORIZON = PERIOD.until + dt.timedelta(hours=1)


def after(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def entered(at: float = 0, **more):
    """A stay that ended unserved after 100 seconds, unless said otherwise."""
    plain = {
        "state": WorkState.DONE,
        "enqueued_at": after(at),
        "finished_at": after(at + 100),
        "left_reason": "closed",
    }
    return WorkItemFactory(**{**plain, **more})


def served(at: float = 0, wait: float = 30, took: float = 200, agent=None, **more):
    agent = agent or AgentFactory()
    times = {"assigned_at": after(at + wait), "finished_at": after(at + wait + took)}
    return entered(at, agent=agent, **{**times, **more})


def arrivals():
    past = Past(PERIOD)
    past.read_medians()
    found = list(past.arrivals())
    assert past.count() == len(found)
    return found


def test_a_conversation_that_was_served():
    item = served(60, facts={"intent": "high"}, channel_kind="web", priority=3, min_level=40)
    (one,) = arrivals()
    assert (one.item_id, one.at, one.group_id) == (
        item.item_id,
        after(60).timestamp(),
        item.group_id,
    )
    assert (one.fate, one.waited, one.service, one.patience) == (Fate.SERVED, 30, 200, None)
    assert (one.facts, one.channel_kind) == ({"intent": "high"}, "web")
    assert (one.as_placed.priority, one.as_placed.min_level) == (3, 40)
    assert one.as_placed.outcome == "queue"


def test_who_left_unserved_was_patient_so_long():
    entered(0)
    (one,) = arrivals()
    assert (one.fate, one.patience, one.waited) == (Fate.ABANDONED, 100, None)


def test_who_still_waits_has_not_shown_when_they_leave():
    WorkItemFactory(enqueued_at=after(1))
    (one,) = arrivals()
    assert (one.fate, one.patience) == (Fate.WAITING, None)


def test_an_unknown_time_of_service_is_the_median_of_the_group():
    group = SkillGroupFactory()
    for took in (100, 300, 5_000):
        served(0, took=took, group=group)
    entered(10, group=group)
    entered(20)
    services = [one.service for one in arrivals()][-2:]
    assert services == [300, DEFAULT_SERVICE]


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "ticket"},
        {"is_transfer": True},
        {"hops": 1},
        {"left_reason": "decided_again"},
        {"enqueued_at": NOON - dt.timedelta(seconds=1)},
        {"enqueued_at": PERIOD.until},
    ],
)
def test_what_is_no_first_decision_of_the_period_is_left_out(other):
    entered(5, **other)
    assert arrivals() == []


def test_only_the_first_stay_of_a_conversation_counts():
    first = served(0)
    entered(300, item_id=first.item_id)
    assert [one.at for one in arrivals()] == [NOON.timestamp()]


def test_what_was_decided_again_enters_by_the_later_decision():
    thing, group = uuid.uuid4(), SkillGroupFactory()
    entered(0, item_id=thing, left_reason="decided_again")
    entered(0, item_id=thing, group=group)
    assert [one.group_id for one in arrivals()] == [group.id]


def test_who_flowed_over_counts_where_they_entered_with_how_it_went_on():
    first = entered(0, left_reason="overflow_group")
    served(100, wait=20, took=77, item_id=first.item_id, hops=1)
    (one,) = arrivals()
    assert one.group_id == first.group_id
    assert (one.fate, one.waited, one.service, one.patience) == (Fate.SERVED, 120, 77, None)


def test_who_flowed_over_and_left_was_patient_to_the_end():
    first = entered(0, left_reason="overflow_group")
    entered(100, item_id=first.item_id, hops=1)
    assert [one.patience for one in arrivals()] == [200]


@pytest.mark.parametrize(
    ("reason", "outcome"), [("left_to_bot", "bot"), ("offline_message", "offline")]
)
def test_what_never_queued_is_placed_so_before(reason, outcome):
    entered(0, left_reason=reason, finished_at=after(0))
    (one,) = arrivals()
    assert (one.as_placed.outcome, one.fate, one.patience) == (outcome, Fate(outcome), None)


def test_where_it_goes_without_a_rule_was_kept_with_the_decision():
    own = SkillGroupFactory()
    entered(0, decision={"fallback": {"id": str(own.id), "name": own.name}})
    broken = entered(1, decision={"fallback": {"id": "nonsense"}})
    assert [one.fallback_id for one in arrivals()] == [own.id, broken.group_id]


def test_the_wish_that_was_kept_and_who_served_last():
    wished, last = AgentFactory(), AgentFactory()
    entered(
        3600,
        preferred_agent=wished,
        preferred_until=after(3630),
        facts={"last_agent": str(last.id), "last_agent_at": NOON.isoformat()},
    )
    (one,) = arrivals()
    assert (one.as_placed.preferred, one.as_placed.preferred_seconds) == (wished.id, 30)
    assert (one.last_agent, one.last_age) == (last.id, 3600)


@pytest.mark.parametrize(
    "facts", [{"last_agent": "x", "last_agent_at": "y"}, {"last_agent": 7}, {"last_agent": None}]
)
def test_facts_that_make_no_sense_are_no_obstacle(facts):
    entered(0, facts=facts)
    assert arrivals()[0].last_agent is None


def period(agent, status, start, end=None):
    ended = after(end) if end is not None else None
    StatusPeriod.objects.create(agent=agent, status=status, started_at=after(start), ended_at=ended)


def test_agents_are_there_when_they_were_ready():
    group = SkillGroupFactory()
    agent = AgentFactory(capacity=3)
    Membership.objects.create(agent=agent, skillgroup=group, level=80, weight=2)
    ChannelCapacity.objects.create(agent=agent, channel_kind="mail", capacity=1)
    period(agent, AgentStatus.READY, -500, 600)
    period(agent, AgentStatus.BREAK, 600, 900)
    period(agent, AgentStatus.READY, 900)
    presence = presence_in(PERIOD, HORIZON)
    (plan,) = agent_plans(PERIOD, presence)
    assert plan.ready == [
        (NOON.timestamp(), after(600).timestamp()),
        (after(900).timestamp(), HORIZON.timestamp()),
    ]
    assert (plan.capacity, plan.kind_capacity) == (3, {"mail": 1})
    assert [(seat.group_id, seat.level, seat.weight) for seat in plan.seats] == [(group.id, 80, 2)]
    assert (presence.recorded, presence.inferred, presence.note()) == (2, 0, "")


def test_without_records_the_day_of_an_agent_follows_from_their_assignments():
    agent = AgentFactory()
    served(100, wait=0, took=50, agent=agent)
    served(900, wait=0, took=300, agent=agent)
    presence = presence_in(PERIOD, HORIZON)
    assert presence.stretches[agent.id] == [(after(100).timestamp(), after(1200).timestamp())]
    assert presence.inferred == 1
    assert "没有状态记录" in presence.note()


def test_a_day_on_record_is_not_inferred():
    agent = AgentFactory()
    served(100, agent=agent)
    period(agent, AgentStatus.BUSY, -3600, 4000)
    presence = presence_in(PERIOD, HORIZON)
    assert not presence.stretches.get(agent.id)
    assert presence.inferred == 0


def test_what_agents_held_at_the_beginning():
    agent = AgentFactory()
    period(agent, AgentStatus.READY, -4000)
    served(-600, wait=0, took=700, agent=agent)
    served(-600, wait=0, took=100, agent=agent)
    served(-600, wait=0, agent=agent, finished_at=None, state=WorkState.ASSIGNED)
    (plan,) = agent_plans(PERIOD, presence_in(PERIOD, HORIZON))
    assert sorted(plan.held) == [after(100).timestamp(), PERIOD.until.timestamp()]


def test_groups_as_they_are_set_up():
    group = SkillGroupFactory(picking="weighted", ageing_seconds=9, min_level=5)
    (plan,) = group_plans([group])
    assert (plan.group_id, plan.name, plan.picking) == (group.id, group.name, "weighted")
    assert (plan.ageing_seconds, plan.min_level) == (9, 5)
