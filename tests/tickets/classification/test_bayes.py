"""The model against counting by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.classification.bayes import MU, Learned, Total, verdicts

LEARNED = Learned(
    {"a": Total(10, 100), "b": Total(30, 300)},
    {"x": {"a": 8, "b": 2}, "y": {"a": 1, "b": 3}, "z": {"b": 9}},
)


def test_the_formula():
    found = {one.of: one for one in verdicts(LEARNED, ["x", "unheard"])}
    usual = 10 / 400
    likely = {"a": (8 + MU * usual) / (100 + MU), "b": (2 + MU * usual) / (300 + MU)}
    odds = {"a": 11 / 42 * likely["a"], "b": 31 / 42 * likely["b"]}
    assert found["a"].probability == pytest.approx(odds["a"] / sum(odds.values()))
    assert found["a"].weights == {"x": pytest.approx(math.log(likely["a"] / usual))}
    assert found["b"].weights["x"] < 0 < found["a"].weights["x"]


def test_a_text_without_a_known_word_is_of_nothing():
    assert verdicts(LEARNED, ["unheard"]) == []
    assert verdicts(Learned({}), ["x"]) == []


def test_one_ticket_less():
    less = LEARNED.without("a", ["x", "y"])
    assert less.totals["a"] == Total(9, 98)
    assert (less.counts["x"]["a"], less.counts["y"]["a"]) == (7, 0)
    assert LEARNED.counts["x"]["a"] == 8  # the other stays as it was
    assert "a" not in Learned({"a": Total(1, 1)}, {"x": {"a": 1}}).without("a", ["x"]).totals


counts = st.dictionaries(
    st.sampled_from("uvwxyz"),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 20)),
    min_size=1,
)


@given(counts, st.lists(st.sampled_from("uvwxyz"), min_size=1, unique=True))
def test_probabilities_are_probabilities_and_no_word_breaks_them(table, words):
    totals = {
        one: Total(20, 1 + sum(found.get(one, 0) for found in table.values())) for one in "abc"
    }
    found = verdicts(Learned(totals, table), words)
    if found:
        assert sum(one.probability for one in found) == pytest.approx(1)
        assert all(0 < one.probability < 1 for one in found)
        assert found == sorted(found, key=lambda one: -one.probability)
