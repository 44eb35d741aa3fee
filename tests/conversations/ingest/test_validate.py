"""What a message may be."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.ingest.validate import clean_client_msg_id, clean_content, clean_text
from lingxi.errors import Invalid, LingxiError, TooLong

ID = "01936b1e-8f00-7000-8000-00000000000a"


def test_texts_are_kept_with_one_kind_of_line_end():
    assert clean_text("一\r\n二\r三") == "一\n二\n三"


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "a\x07b", "\x7f", None, 3, ["x"], {"a": 1}])
def test_empty_control_and_other_types_are_refused(text):
    with pytest.raises(Invalid):
        clean_text(text)


def test_five_thousand_characters_are_the_limit():
    assert len(clean_text("长" * 5000)) == 5000
    with pytest.raises(TooLong):
        clean_text("长" * 5001)


@pytest.mark.parametrize("value", ["", "x" * 65, "a b", "中", None, 1, "a\n"])
def test_client_ids_are_plain(value):
    with pytest.raises(Invalid):
        clean_client_msg_id(value)


def test_a_reply_names_the_message_it_answers():
    cleaned = clean_content("text", {"text": "好"}, ID)
    assert cleaned == {"type": "text", "text": "好", "reply_to": ID}
    with pytest.raises(Invalid):
        clean_content("text", {"text": "好"}, "not an id")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("video", {"text": "x"}),
        (["text"], {"text": "x"}),
        ("text", ["x"]),
        ("text", {"text": "x", "html": "<b>"}),
        ("image", {"attachment": "../../etc/passwd"}),
        ("file", {}),
    ],
)
def test_what_is_not_a_message_is_refused(kind, content):
    with pytest.raises(Invalid):
        clean_content(kind, content)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(anything, anything, anything)
def test_whatever_comes_is_taken_or_refused_in_the_family(kind, content, reply_to):
    with contextlib.suppress(LingxiError):
        assert clean_content(kind, content, reply_to)["type"]
