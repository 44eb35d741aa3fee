"""What the index holds never hides a ticket that fits."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from tickets.listing import terms

numbers = st.one_of(
    st.integers(-(10**12) + 1, 10**12 - 1),
    st.decimals(-(10**9), 10**9, places=3).map(float),
    st.sampled_from([0, 0.001, -0.001, 1, 15, 16, 17, 255, 256, 4095.999]),
)
days = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)).map(dt.date.isoformat)


def cells(type: str, value: object) -> set[int]:
    place = terms.place_of(type, value)
    assert place is not None
    return set(terms.cells_of("key", type, place))


def between(type: str, low: object, high: object) -> set[int]:
    ends = [None if one is None else terms.place_of(type, one) for one in (low, high)]
    return set(terms.cells_between("key", type, *ends))


@given(numbers, st.none() | numbers, st.none() | numbers)
def test_a_number_within_a_range_lies_in_one_of_its_cells(value, low, high):
    inside = (low is None or value >= low) and (high is None or value <= high)
    if inside and (low is not None or high is not None):
        assert cells("money", value) & between("money", low, high)


@given(days, st.none() | days, st.none() | days)
def test_a_day_lies_in_the_cells_of_a_range_exactly_when_it_is_within(value, low, high):
    inside = (low is None or value >= low) and (high is None or value <= high)
    assert bool(cells("date", value) & between("date", low, high)) == inside


@given(numbers, numbers)
def test_a_range_needs_few_cells(low, high):
    assert len(between("number", min(low, high), max(low, high))) <= 400
    assert len(between("number", low, None)) <= 250


@given(st.text(max_size=60), st.data())
def test_a_part_of_a_text_has_no_other_terms_than_the_text(text, data):
    at = data.draw(st.integers(0, len(text)))
    part = text[at : data.draw(st.integers(at, len(text)))]
    assert set(terms.text_terms("key", part)) <= set(terms.text_terms("key", text))


def test_the_same_words_in_another_field_are_other_terms():
    assert not set(terms.text_terms("a", "苹果手机")) & set(terms.text_terms("b", "苹果手机"))


def test_texts_that_some_see_masked_are_marked():
    assert terms.masked_mark("") in terms.terms_of("电话 13812345678", {}, {})
    assert terms.masked_mark("") not in terms.terms_of("电话不通", {}, {})
    assert terms.masked_mark("n") in terms.terms_of("t", {"n": 13812345678}, {"n": "number"})


def test_fields_without_a_value_are_marked():
    found = terms.terms_of("t", {"a": "x y"}, {"a": "text", "b": "text"})
    assert terms.empty_mark("b") in found
    assert terms.empty_mark("a") not in found


def test_what_is_no_value_of_its_type_is_nowhere():
    for type, value in (("money", "x"), ("money", True), ("date", "x"), ("datetime", None)):
        assert terms.place_of(type, value) is None
    assert terms.place_of("money", 10**15) is None
    assert terms.place_of("money", float("nan")) is None
