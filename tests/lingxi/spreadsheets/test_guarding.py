"""Texts that no spreadsheet program takes for a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingxi.spreadsheets.guarding import guarded, unguarded

SIGNS = "=+-@\t\r＝＋－＠"
texts = st.text(alphabet=st.sampled_from([*SIGNS, "'", " ", "\n", "\u3000", "a", "1", "中"]))


@given(texts | st.text())
def test_no_text_begins_as_a_formula(text):
    found = guarded(text)
    assert not found.startswith(tuple(SIGNS))
    assert not found.lstrip().startswith(tuple(SIGNS))


@given(texts | st.text())
def test_what_was_guarded_comes_back_as_it_was(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+8613800001111", "-5", "@SUM(A1)", "\t=1", "  =1", "＝1", "'=1", "=HYPERLINK()"],
)
def test_what_looks_like_a_formula_gets_an_apostrophe(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "退款", "a=b", "1-2", "it's", "'quoted'", "13800001111"])
def test_other_texts_stay(text):
    assert guarded(text) == text
    assert unguarded(text) == text
