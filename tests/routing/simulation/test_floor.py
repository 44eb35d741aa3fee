"""The simulator keeps to what holds on every floor, in every world."""

import heapq
from collections import defaultdict

import pytest
from hypothesis import given

from routing.models import PickingMethod
from routing.simulation.floor import Floor
from routing.simulation.parts import (
    AgentPlan,
    Arrival,
    Ending,
    Fate,
    GroupPlan,
    Placement,
    Seat,
    joined,
)
from routing.simulation.people import Waiting
from tests.routing.simulation.worlds import HORIZON, World, number, worlds

GROUP = number(1)


def start_of(ending: Ending) -> float:
    return ending.item.at + ending.wait


def by_agent(endings: list[Ending]) -> dict:
    found = defaultdict(list)
    for ending in endings:
        if ending.fate is Fate.SERVED:
            found[ending.agent_id].append(ending)
    return found


def most_at_once(served: list[Ending]) -> int:
    """An end and a start at the same moment do not overlap."""
    steps = [(start_of(one), 1) for one in served if one.until > start_of(one)]
    steps += [(one.until, -1) for one in served if one.until > start_of(one)]
    now = most = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return most


@given(worlds())
def test_everybody_who_came_ends_exactly_once(world):
    endings, floor = world.play()
    assert sorted(one.item.item_id for one in endings) == [
        item.item_id for item, _ in world.arrivals
    ]
    assert all(line.count == 0 for line in floor.lines.values())


@given(worlds())
def test_nobody_is_served_before_arriving_or_by_somebody_away(world):
    ready = {plan.agent_id: plan.ready for plan in world.agents}
    for one in world.play()[0]:
        assert one.wait >= 0
        if one.fate is Fate.SERVED:
            assert one.until == start_of(one) + one.item.service
            assert any(a <= start_of(one) <= b for a, b in ready[one.agent_id])


@given(worlds())
def test_no_agent_holds_more_than_their_capacity(world):
    plans = {plan.agent_id: plan for plan in world.agents}
    for agent_id, served in by_agent(world.play()[0]).items():
        plan = plans[agent_id]
        assert most_at_once(served) <= plan.capacity
        for kind, limit in plan.kind_capacity.items():
            assert most_at_once([o for o in served if o.item.channel_kind == kind]) <= limit


@given(worlds())
def test_agents_serve_their_own_groups_at_their_level_unless_wished_for(world):
    seats = {(p.agent_id, s.group_id): s.level for p in world.agents for s in p.seats}
    floors = {plan.group_id: plan.min_level for plan in world.groups}
    placed = {item.item_id: placement for item, placement in world.arrivals}
    for one in world.play()[0]:
        to = placed[one.item.item_id]
        assert one.group_id == to.group_id
        if one.fate is Fate.SERVED and one.agent_id != to.preferred:
            wanted = max(floors[one.group_id], to.min_level)
            assert seats[one.agent_id, one.group_id] >= wanted


@given(worlds())
def test_who_leaves_has_waited_as_long_as_they_were_patient(world):
    for one in world.play()[0]:
        if one.fate is Fate.ABANDONED:
            assert one.wait == one.item.patience
        elif one.item.patience is not None:
            assert one.wait <= one.item.patience


@given(worlds(plain=True))
def test_nobody_waits_while_somebody_could_serve_them(world):
    floor = Floor(world.groups, world.agents, lambda ending: None)
    for item, placement in world.arrivals:
        floor.arrive(item, placement)
        for line in floor.lines.values():
            for waiting in line.arrived:
                assert not waiting.open or not any(
                    place.level >= waiting.min_level
                    and place.server.takes(waiting.item.channel_kind)
                    for place in line.places
                )


@given(worlds(plain=True))
def test_a_group_serves_in_the_order_of_rank(world):
    ageing = {plan.group_id: plan.ageing_seconds for plan in world.groups}
    placed = {item.item_id: placement for item, placement in world.arrivals}
    queues = defaultdict(list)
    for one in world.play()[0]:
        to = placed[one.item.item_id]
        rank = one.item.at - to.priority * ageing[one.group_id]
        demand = one.group_id, to.min_level, one.item.channel_kind
        queues[demand].append((rank, one))
    for queue in queues.values():
        for rank, first in queue:
            for other_rank, second in queue:
                if rank < other_rank and second.fate is Fate.SERVED:
                    # Who ranks before had not come yet, or waited no more.
                    assert first.item.at >= start_of(second) or start_of(first) <= start_of(second)


@given(worlds())
def test_the_live_sums_agree_with_counting(world):
    floor = Floor(world.groups, world.agents, lambda ending: None)
    for item, placement in world.arrivals:
        floor.arrive(item, placement)
        for line in floor.lines.values():
            ready = [place.server for place in line.places if place.server.ready]
            assert line.ready == len(ready)
            assert line.load == sum(server.load for server in ready)
            assert line.capacity == sum(server.capacity for server in ready)
            assert line.count == sum(waiting.open for waiting in line.arrived)
            assert not line.arrived or line.arrived[0].open


def test_two_of_the_same_order_in_different_lines_can_be_kept_for_one_agent():
    one, two = (Waiting(item(index, 0), None, 0, (0.0, 0)) for index in (1, 2))
    queue = []
    for waiting in (two, one):
        heapq.heappush(queue, (waiting.order, waiting))
    assert heapq.heappop(queue)[1] is one


@given(worlds())
def test_it_comes_out_the_same_twice(world):
    def told(endings):
        return [(one.item.item_id, one.fate, one.wait, one.agent_id) for one in endings]

    assert told(world.play()[0]) == told(world.play()[0])


def agent(index: int, capacity: int = 1, ready=((0, 100),), level: int = 50, weight: int = 1):
    return AgentPlan(number(100 + index), capacity, [Seat(GROUP, level, weight)], list(ready))


def item(index: int, at: float, service: float = 10, **more) -> Arrival:
    return Arrival(number(1000 + index), at, GROUP, service, **more)


def play(agents, arrivals, **group) -> list[Ending]:
    arrivals = [one if isinstance(one, tuple) else (one, Placement(GROUP)) for one in arrivals]
    endings, _ = World([GroupPlan(GROUP, **group)], agents, arrivals).play()
    return sorted(endings, key=lambda one: one.item.item_id)


def test_the_second_waits_until_the_first_is_served():
    first, second = play([agent(1)], [item(1, 0), item(2, 4)])
    assert (first.wait, second.wait) == (0, 6)


def test_who_waits_is_served_when_somebody_comes():
    (only,) = play([agent(1, ready=[(30, 60)])], [item(1, 5)])
    assert (only.fate, only.wait) == (Fate.SERVED, 25)


def test_an_agent_who_leaves_finishes_what_they_hold_and_takes_no_more():
    first, second = play([agent(1, ready=[(0, 5), (50, 60)])], [item(1, 1), item(2, 2)])
    assert (first.until, second.wait) == (11, 48)


def test_priority_goes_before_but_only_by_its_head_start():
    vip = Placement(GROUP, priority=1)
    arrivals = [item(1, 0), item(2, 1), (item(3, 5), vip), (item(4, 25), vip)]
    endings = play([agent(1)], arrivals, ageing_seconds=10)
    order = [one.item.item_id.int - 1000 for one in sorted(endings, key=start_of)]
    assert order == [1, 3, 2, 4]


def test_a_wish_keeps_the_item_for_one_agent_until_it_ends():
    wish = Placement(GROUP, preferred=number(101), preferred_seconds=7)
    first, second = play([agent(1), agent(2)], [item(1, 0), (item(2, 1), wish)])
    assert (first.agent_id, second.agent_id, second.wait) == (number(101), number(102), 7)


def test_a_wish_for_somebody_away_is_none():
    wish = Placement(GROUP, preferred=number(101), preferred_seconds=7)
    (only,) = play([agent(1, ready=[]), agent(2)], [(item(1, 1), wish)])
    assert (only.agent_id, only.wait) == (number(102), 0)


def test_the_last_agent_comes_first_where_the_group_says_so():
    arrivals = [item(1, 0, last_agent=number(102))]
    for says, expected in ((True, 102), (False, 101)):
        (only,) = play([agent(1), agent(2)], arrivals, last_agent_first=says)
        assert only.agent_id == number(expected)


def test_what_was_held_before_the_beginning_takes_its_place():
    busy = AgentPlan(number(101), 1, [Seat(GROUP)], [(0, 100)], held=[20])
    (only,) = play([busy], [item(1, 5)])
    assert only.wait == 15


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (PickingMethod.LEAST_ACTIVE, [101, 102, 101, 102]),
        (PickingMethod.SATURATION, [101, 102, 102, 102]),
        (PickingMethod.SKILL_LEVEL, [102, 102, 102, 102]),
        (PickingMethod.WEIGHTED, [101, 102, 102, 102]),
        (PickingMethod.ROUND_ROBIN, [101, 102, 101, 102]),
    ],
)
def test_each_way_of_picking(method, expected):
    agents = [
        agent(1, 2, ready=[(0, 100)]),
        agent(2, 6, ready=[(1, 100)], level=90, weight=3),
    ]
    endings = play(agents, [item(n, 10 + n, 50) for n in range(4)], picking=method)
    assert [one.agent_id.int for one in endings] == expected


def test_who_still_waits_at_the_end_is_counted_so():
    (only,) = play([], [item(1, 5)])
    assert (only.fate, only.wait) == (Fate.WAITING, HORIZON - 5)


def test_stretches_are_joined():
    assert joined([(5, 9), (1, 3), (3, 4), (8, 12), (20, 20)]) == [(1, 4), (5, 12)]
