"""Which words a text has."""

from hypothesis import given
from hypothesis import strategies as st

from tickets.classification.tokens import LONGEST, MOST, merged, tokens, words


def test_chinese_pairs_and_latin_words_without_numbers():
    assert words("开发票！ iPhone 15 订单 20231118") == ["开发", "发票", "iphone", "订单"]


def test_width_and_case_do_not_count():
    assert words("ＶＩＰ vip Vip") == ["vip"]


def test_a_single_character_says_nothing():
    assert words("好 a 。 1") == []


def test_neighbours_are_read_as_one_with_the_sum_of_their_weights():
    text = "我要开发票，抬头错了"
    found = [(token, 1.0) for token in tokens(text) if token.word in {"开发", "发票", "抬头"}]
    assert merged(found, text) == [("开发票", 2.0), ("抬头", 1.0)]


@given(st.text(max_size=2_000))
def test_words_are_different_short_and_stand_in_the_text(text):
    from lingxi.grams import normalise

    found = tokens(text)
    assert len({token.word for token in found}) == len(found) <= MOST
    plain = normalise(text)
    for token in found:
        assert 2 <= len(token.word) <= LONGEST
        assert plain[token.start : token.end].startswith(token.word)
