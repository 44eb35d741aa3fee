"""Rules on trial see the simulated floor, not the real one."""

import datetime as dt

import pytest

from lingxi.access.models import Role
from routing.simulation.floor import Floor
from routing.simulation.parts import AgentPlan, Arrival, GroupPlan, Placement, Seat
from routing.simulation.trial import SimulatedLive, Trial
from routing.strategy.names import Names
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory
from tests.routing.simulation.worlds import number

SALES, CARE, EMPTY = number(1), number(2), number(3)
LATE, EARLY, LEADER = number(101), number(102), number(103)


@pytest.fixture
def floor():
    """At second 20: one of two of `SALES` serves, one waits for mail; one leader in `CARE`."""
    floor = Floor(
        [GroupPlan(SALES), GroupPlan(CARE), GroupPlan(EMPTY)],
        [
            AgentPlan(LATE, 2, [Seat(SALES)], [(500, 900)]),
            AgentPlan(EARLY, 2, [Seat(SALES)], [(0, 900)], {"mail": 1}),
            AgentPlan(LEADER, 4, [Seat(CARE)], [(0, 900)]),
        ],
        lambda ending: None,
    )
    for index, at in ((1, 5), (2, 8)):
        item = Arrival(number(1000 + index), at, SALES, 100, channel_kind="mail")
        floor.arrive(item, Placement(SALES))
    floor.advance(20)
    return floor


@pytest.fixture
def live(floor):
    names = {str(EARLY): "早", str(LEADER): "主管"}
    live = SimulatedLive({str(SALES): None}, names, [LEADER])
    live.look_at(floor)
    return live


def at(second):
    return dt.datetime.fromtimestamp(second, dt.UTC)


def test_numbers_of_a_group(live):
    sales = str(SALES)
    assert (live.waiting(sales), live.longest_wait(sales, at(20))) == (1, 12)
    assert (live.ready(sales), live.load(sales)) == (1, 50)
    assert live.is_open(sales, at(20)) is True


def test_a_group_with_nobody_is_full(live):
    empty = str(EMPTY)
    assert (live.waiting(empty), live.longest_wait(empty, at(20))) == (0, 0)
    assert (live.ready(empty), live.load(empty)) == (0, 100)


def test_a_group_that_is_gone_is_not_known(live):
    gone = str(number(9))
    assert live.waiting(gone) is live.longest_wait(gone, at(20)) is live.ready(gone) is None
    assert live.load(gone) is live.is_open(gone, at(20)) is None


def test_people_count_when_they_are_ready_in_the_simulation(live, floor):
    early = live.agent(str(EARLY))
    assert (early.id, early.name, early.load, early.capacity) == (EARLY, "早", 1, 2)
    assert early.groups == (str(SALES),)
    assert live.agent(str(LATE)) is None
    assert live.agent(str(number(9))) is None
    assert [one.id for one in live.supervisors()] == [LEADER]
    floor.advance(950)
    assert live.supervisors() == []


@pytest.mark.django_db
def test_a_designated_agent_is_looked_for_among_the_simulated():
    group, other = SkillGroupFactory(), SkillGroupFactory()
    agent = AgentFactory(groups=[other])  # offline now; was ready then
    act = {"action": "designated_agent", "params": {"agent": str(agent.id), "seconds": 30}}
    rules = [{"id": "r1", "name": "点名", "enabled": True, "when": {}, "then": [act]}]
    names = Names({str(other.id): other.name}, {str(agent.id): agent.name})
    plan = AgentPlan(agent.id, 1, [Seat(other.id)], [(100, 200)])
    plans = [GroupPlan(group.id), GroupPlan(other.id)]
    floor = Floor(plans, [plan], lambda ending: None)
    trial = Trial(rules, [group, other], names)
    item = Arrival(number(1), 50, group.id, 10)
    floor.advance(50)
    assert trial.decide(item, floor).group_id == group.id
    floor.advance(150)
    placed = trial.decide(item, floor)
    assert (placed.group_id, placed.preferred) == (other.id, agent.id)
    assert (placed.preferred_seconds, placed.rule) == (30, ("r1", "点名"))


@pytest.mark.django_db
def test_supervisors_lead():
    from routing.simulation.trial import leaders

    leader = AgentFactory(user=UserFactory(role=Role.SUPERVISOR))
    AgentFactory()
    assert leaders() == [leader.id]
