"""A difference applied to what was gives what is, whatever changed."""

from hypothesis import given
from hypothesis import strategies as st

from conversations.floor.diffs import applied, difference, whole
from conversations.floor.scope import Part
from conversations.floor.snapshot import TABLES

ROWS = st.dictionaries(
    st.sampled_from([f"id{number}" for number in range(6)]),
    st.fixed_dictionaries(
        {
            "name": st.text(max_size=3),
            "waits": st.lists(st.integers(0, 3), max_size=2),
            "ask": st.none() | st.fixed_dictionaries({"at": st.integers(0, 2)}),
        }
    ),
    max_size=6,
)
PARTS = st.fixed_dictionaries(
    {
        table: ROWS.map(lambda rows: {pk: {**row, "id": pk} for pk, row in rows.items()})
        for table in TABLES
    }
)
NOTHING: Part = {table: {} for table in TABLES}


@given(PARTS, PARTS)
def test_applying_a_difference_gives_what_is(before, after):
    assert applied(before, difference(before, after)) == after


@given(PARTS)
def test_where_nothing_changed_nothing_is_sent(part):
    assert difference(part, part) == {}


@given(PARTS)
def test_everything_makes_it_of_nothing(part):
    assert applied(NOTHING, whole(part)) == part


@given(PARTS, PARTS)
def test_only_rows_that_differ_are_sent(before, after):
    for table, one in difference(before, after).items():
        assert all(before[table].get(row["id"]) != row for row in one["set"])
        assert all(pk not in after[table] for pk in one["gone"])


@given(PARTS, PARTS, PARTS)
def test_a_difference_over_two_steps_is_as_good_as_two(first, second, third):
    by_steps = applied(applied(first, difference(first, second)), difference(second, third))
    assert applied(first, difference(first, third)) == by_steps
