"""The found words in a text."""

from hypothesis import given
from hypothesis import strategies as st

from audit.archive.highlight import highlight, snippet
from lingxi.grams import normalise


def plain(html: str) -> str:
    from html import unescape

    return unescape(html.replace("<mark>", "").replace("</mark>", ""))


def test_marks_every_place() -> None:
    assert highlight("不错，真不错", ["不错"]) == "<mark>不错</mark>，真<mark>不错</mark>"


def test_touching_places_are_one() -> None:
    assert highlight("很不错的", ["很不", "不错"]) == "<mark>很不错</mark>的"


def test_marks_what_was_written_not_what_was_typed() -> None:
    assert highlight("买ｉＰｈｏｎｅ了", ["iphone"]) == "买<mark>ｉＰｈｏｎｅ</mark>了"


def test_markup_is_text() -> None:
    assert highlight("<b>不错</b>", ["不错"]) == "&lt;b&gt;<mark>不错</mark>&lt;/b&gt;"
    assert highlight("<script>", ["script"]) == "&lt;<mark>script</mark>&gt;"
    assert "<img" not in snippet("<img src=x onerror=alert(1)>" * 20, ["img"])


@given(st.text(max_size=100), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_the_text_itself_is_never_changed(text: str, words: list[str]) -> None:
    terms = [term for word in words for term in normalise(word).split()]
    assert plain(highlight(text, terms)) == text.replace("<mark>", "").replace("</mark>", "")


def test_a_snippet_shows_the_first_found_word() -> None:
    html = snippet("甲" * 500 + "不错" + "乙" * 500, ["不错"])
    assert html.startswith("…甲")
    assert html.endswith("乙…")
    assert "<mark>不错</mark>" in html
    assert len(plain(html)) == 162


def test_a_short_text_is_not_cut() -> None:
    assert snippet("很\n不错", ["不错"]) == "很 <mark>不错</mark>"
