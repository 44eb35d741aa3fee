"""Conditions on custom fields: what they say of a value, and which suit which type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingxi.fields.types import TYPES
from tickets.conditions import BY_TYPE, OPERATORS, hold, operators_for, value_fault

HOLDS = [
    ("eq", "红", "红", True),
    ("eq", "红", "蓝", False),
    ("eq", None, None, False),  # nothing is filled in
    ("ne", "红", "蓝", True),
    ("ne", None, "蓝", True),
    ("gt", 1000.5, 1000, True),
    ("gt", 1000, 1000, False),
    ("gte", 1000, 1000, True),
    ("lt", 0, 1, True),
    ("lte", 2, 1, False),
    ("gt", None, 0, False),
    ("lt", None, 5, False),  # an amount that is not filled in is below no limit either
    ("gt", "1000", 5, False),  # what an older form has written as text
    ("gt", "2026-11-22", "2026-11-21", True),
    ("contains", "苹果 iPhone", "IPHONE", True),
    ("contains", None, "x", False),
    ("in", "a", ["a", "b"], True),
    ("in", ["c", "b"], ["a", "b"], True),
    ("in", None, ["a"], False),
    ("not_in", ["c"], ["a", "b"], True),
    ("not_in", None, ["a"], True),
    ("filled", 0, None, True),
    ("filled", False, None, True),
    ("filled", [], None, False),
    ("empty", "", None, True),
    ("eq", False, False, True),
]


@pytest.mark.parametrize(("operator", "value", "other", "expected"), HOLDS)
def test_what_holds(operator, value, other, expected):
    condition = {"field": "one", "operator": operator, "value": other}
    assert hold([condition], {"one": value}) is expected


def test_all_must_hold_and_none_always_do():
    big = {"field": "amount", "operator": "gt", "value": 100}
    red = {"field": "color", "operator": "eq", "value": "红"}
    assert hold([], {})
    assert hold([big, red], {"amount": 200, "color": "红"})
    assert not hold([big, red], {"amount": 200})


def test_every_type_of_field_has_operators_and_asks_whether_it_is_filled_in():
    for name in TYPES:
        assert {"filled", "empty"} <= {one.name for one in operators_for(name)}
    assert set(BY_TYPE) <= {*TYPES, "priority", "level"}


@pytest.mark.parametrize(
    ("type", "operator", "value", "is_fine"),
    [
        ("money", "gt", 10.5, True),
        ("money", "gt", "10", False),
        ("money", "gt", True, False),
        ("money", "gt", float("nan"), False),
        ("number", "gt", 10**400, False),
        ("date", "gt", "2026-11-21", True),
        ("date", "gt", "20261121", False),
        ("date", "gt", "2026-02-30", False),
        ("text", "eq", "红", True),
        ("text", "eq", "  ", False),
        ("text", "eq", None, False),
        ("choice", "in", ["a"], True),
        ("choice", "in", [], False),
        ("choice", "in", "a", False),
        ("choice", "in", [1], False),
        ("boolean", "eq", False, True),
        ("boolean", "eq", "false", False),
        ("text", "filled", None, True),
        ("text", "filled", "x", False),
        ("priority", "gte", 4, True),
        ("priority", "gte", 0, False),
    ],
)
def test_a_value_must_suit_type_and_operator(type, operator, value, is_fine):
    assert (value_fault(type, OPERATORS[operator], value) == "") is is_fine


stored = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())


@given(st.sampled_from(sorted(OPERATORS)), stored, st.sampled_from([1, "x", ["x"], True, None]))
def test_no_stored_value_makes_it_fail(operator, value, other):
    if OPERATORS[operator].shape == "many":
        other = ["x"]
    said = hold([{"field": "one", "operator": operator, "value": other}], {"one": value})
    assert said in {True, False}


@given(stored, st.text(min_size=1))
def test_opposites_are_opposite(value, other):
    def holds(operator, compared):
        return hold([{"field": "one", "operator": operator, "value": compared}], {"one": value})

    assert holds("filled", None) != holds("empty", None)
    assert holds("eq", other) != holds("ne", other)
    assert holds("in", [other]) != holds("not_in", [other])
