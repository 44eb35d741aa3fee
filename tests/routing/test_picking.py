"""The choice of an agent, as a pure function."""

import uuid
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.models import PickingMethod
from routing.picking import KEYS, Candidate, Picker, Wanted, pick_all

METHODS = sorted(KEYS)
KINDS = ["web", "app"]

candidates = st.lists(
    st.builds(
        Candidate,
        agent_id=st.uuids(),
        load=st.integers(0, 5),
        capacity=st.integers(1, 6),
        ready_since=st.floats(0, 100),
        turn_at=st.floats(0, 100),
        level=st.integers(0, 100),
        weight=st.integers(1, 5),
        kind_room=st.dictionaries(st.sampled_from(KINDS), st.integers(0, 3)),
        burst_room=st.none() | st.integers(0, 4),
    ),
    max_size=8,
    unique_by=lambda one: one.agent_id,
)
wishes = st.lists(
    st.builds(Wanted, kind=st.sampled_from(KINDS), min_level=st.sampled_from([0, 50, 90])),
    max_size=30,
)


def person(**said):
    return Candidate(**{"agent_id": uuid.uuid4(), "load": 0, "capacity": 5, **said})


def picks(method, count, people, **wanted):
    found = pick_all(method, [Wanted(**wanted)] * count, people, start=1000.0)
    return [one.agent_id for one in found if one]


@given(st.sampled_from(METHODS), wishes, candidates)
def test_no_method_goes_beyond_any_limit(method, items, people):
    room = {one.agent_id: one.room for one in people}
    kinds = {one.agent_id: dict(one.kind_room) for one in people}
    levels = {one.agent_id: one.level for one in people}
    taken, by_kind = Counter(), Counter()
    for item, one in zip(items, pick_all(method, items, people), strict=True):
        if one is None:
            continue
        taken[one.agent_id] += 1
        by_kind[one.agent_id, item.kind] += 1
        assert levels[one.agent_id] >= item.min_level
    assert all(count <= room[pk] for pk, count in taken.items())
    for (pk, kind), count in by_kind.items():
        assert count <= kinds[pk].get(kind, count)


@given(st.sampled_from(METHODS), wishes, candidates)
def test_nobody_is_left_while_somebody_could_take_them(method, items, people):
    picker = Picker(method, people)
    for item in items:
        could = [one for one in people if item.suits(one)]
        assert (picker.pick(item) is not None) == bool(could)


@given(st.sampled_from(METHODS), st.integers(0, 40), candidates)
def test_the_choice_uses_all_room(method, count, people):
    for one in people:
        one.kind_room = {}
    room = sum(one.room for one in people)
    assert len(picks(method, count, people)) == min(count, room)


@given(st.integers(1, 40), candidates)
def test_least_active_levels_the_load(count, people):
    for one in people:
        one.kind_room, one.burst_room = {}, None
    most = {one.agent_id: one.capacity for one in people}
    after = {one.agent_id: one.load for one in people}
    for agent_id in picks(PickingMethod.LEAST_ACTIVE, count, people):
        assert after[agent_id] == min(load for pk, load in after.items() if load < most[pk])
        after[agent_id] += 1


def test_least_active_among_equals_takes_the_longest_ready():
    old, new = person(load=1, ready_since=10.0), person(load=1, ready_since=20.0)
    assert picks(PickingMethod.LEAST_ACTIVE, 1, [new, old]) == [old.agent_id]


def test_round_robin_goes_round_and_who_came_back_is_at_the_end():
    first, second, back = person(turn_at=1.0), person(turn_at=2.0), person(turn_at=3.0)
    people = [back, first, second]
    turn = [first.agent_id, second.agent_id, back.agent_id]
    assert picks(PickingMethod.ROUND_ROBIN, 6, people) == turn * 2


def test_saturation_fills_in_proportion_to_capacity():
    small, large = person(capacity=2), person(capacity=6)
    counted = Counter(picks(PickingMethod.SATURATION, 4, [small, large]))
    assert counted == {small.agent_id: 1, large.agent_id: 3}


def test_skill_level_takes_the_most_able_while_they_have_room():
    able, other = person(level=90, capacity=2), person(level=60)
    assert picks(PickingMethod.SKILL_LEVEL, 3, [other, able]) == [
        able.agent_id,
        able.agent_id,
        other.agent_id,
    ]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_weighted_shares_come_out_exactly_after_each_round(weights):
    people = [person(weight=weight, capacity=200) for weight in weights]
    names = {one.agent_id: weight for one, weight in zip(people, weights, strict=True)}
    counted = Counter(picks(PickingMethod.WEIGHTED, 10 * sum(weights), people))
    assert all(abs(counted[pk] - 10 * weight) <= 1 for pk, weight in names.items())


@pytest.mark.parametrize("method", METHODS)
def test_who_was_asked_for_gets_it_and_nobody_else(method):
    free, wanted = person(), person(load=4)
    assert picks(method, 1, [free, wanted], only=wanted.agent_id) == [wanted.agent_id]
    assert picks(method, 1, [free], only=wanted.agent_id) == []


@pytest.mark.parametrize("method", METHODS)
def test_who_comes_first_is_passed_over_when_full(method):
    free, full = person(), person(load=5)
    assert picks(method, 1, [free, full], first=full.agent_id) == [free.agent_id]


@pytest.mark.parametrize("method", METHODS)
def test_who_declined_is_not_asked_again(method):
    said_no, other = person(), person(load=4)
    declined = frozenset({said_no.agent_id})
    assert picks(method, 3, [said_no, other], declined=declined) == [other.agent_id]


def test_a_burst_limit_holds_beside_the_capacity():
    one = person(capacity=9, burst_room=2)
    assert len(picks(PickingMethod.LEAST_ACTIVE, 5, [one])) == 2
