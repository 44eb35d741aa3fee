"""Text as the archive compares it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingxi.grams import BadQuery, grams, normalise, normalise_with_origin, parse

cjk = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
letters = st.characters(categories=("Lu", "Ll", "Lo", "Nd"))
anything = st.text(max_size=200)


def is_candidate(text: str, words: str) -> bool:
    return set(parse(words).grams) <= set(grams(normalise(text)))


def is_found(text: str, words: str) -> bool:
    folded = normalise(text)
    return is_candidate(text, words) and all(term in folded for term in parse(words).terms)


@given(before=anything, word=st.text(cjk, min_size=2, max_size=30), after=anything)
def test_chinese_of_two_and_more_is_found_anywhere(before: str, word: str, after: str) -> None:
    assert is_found(before + word + after, word)


@given(text=st.text(st.one_of(cjk, letters), min_size=2, max_size=60), data=st.data())
def test_any_part_of_a_run_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    part = text[start : data.draw(st.integers(start + 2, len(text)))]
    try:
        parse(part)
    except BadQuery:
        return  # folds to less than two characters, as "²" to a digit and a combining sign to none
    assert is_found(text, part)


@given(anything)
def test_comparing_is_stable(text: str) -> None:
    folded = normalise(text)
    assert normalise(folded) == folded
    assert "\x00" not in folded
    folded.encode()  # no half surrogate pairs


@given(anything)
def test_every_character_knows_its_origin(text: str) -> None:
    folded, origin = normalise_with_origin(text)
    assert len(folded) == len(origin)
    assert origin == sorted(origin)
    assert " ".join(folded.split()) == normalise(text)


@given(anything)
def test_grams_fit_the_column(text: str) -> None:
    assert all(-(2**31) <= number < 2**31 for number in grams(normalise(text)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("这家酒店很不错", "不错"),
        ("这家酒店很不错", "酒店 不错"),
        ("苹果iPhone15手机", "IPHONE"),
        ("苹果iPhone15手机", "15手机"),
        ("订单号20261121000123", "000123"),
        ("ＡＢＣ１２３", "abc123"),
        ("abc123", "ＡＢＣ１２３"),
        ("Crème brûlée", "creme"),
        ("退\u200b款", "退款"),
        ("价格：3.14元", "3.14"),
        ("第一行\n第二行", "第二行"),
        ("𠮷野家的饭", "𠮷野家"),
        ("100%好评", "100%"),
        ("snake_case", "snake_case"),
    ],
)
def test_found(text: str, words: str) -> None:
    assert is_found(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("不好，错了", "不错"),
        ("错不了", "不错"),
        ("酒店很好", "酒店 不错"),
        ("1888元", "8888"),
        ("100元好评", "100%"),
        ("snakeXcase", "snake_case"),
    ],
)
def test_not_found(text: str, words: str) -> None:
    assert not is_found(text, words)


@pytest.mark.parametrize(
    "words", ["", " ", "好", "a", "?!", "好 坏", "。。。", "😀😀", "\x00", "\ud800"]
)
def test_too_little_is_refused_with_a_reason(words: str) -> None:
    with pytest.raises(BadQuery, match="至少输入两个"):
        parse(words)


def test_a_single_character_may_stand_beside_a_word() -> None:
    assert is_found("退款单", "退款 单")
    assert not is_found("退款", "退款 单")


def test_too_much_is_refused() -> None:
    with pytest.raises(BadQuery, match="100 个字"):
        parse("不错" * 51)
    with pytest.raises(BadQuery, match="8 个词"):
        parse("一二 二三 三四 四五 五六 六七 七八 八九 九十")


def test_repeated_digits_have_grams_of_their_own() -> None:
    assert len(parse("8888").grams) == 2
