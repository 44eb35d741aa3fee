"""Phones and identity cards are masked wherever they stand, and nothing else is."""

import json
import re
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingxi.access.masking import is_id_card, mask_json, mask_text

ID_CARD = "11010119900307451"  # and its check character
ID_CARD += "10X98765432"[
    sum(
        int(digit) * weight
        for digit, weight in zip(
            ID_CARD, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True
        )
    )
    % 11
]
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def check_character(seventeen: str) -> str:
    """The published rule in another form than the code's: weights are powers of two mod 11."""
    rest = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(seventeen)) % 11
    return "0123456789X"[(12 - rest) % 11]


phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
dates = st.dates().filter(lambda day: 1900 <= day.year <= 2099)
id_cards = (
    st.tuples(
        st.from_regex(r"[1-8][0-9]{5}", fullmatch=True),
        dates,
        st.from_regex(r"[0-9]{3}", fullmatch=True),
    )
    .map(lambda parts: f"{parts[0]}{parts[1]:%Y%m%d}{parts[2]}")
    .map(lambda start: start + check_character(start))
)
words = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=20).filter(
    lambda text: not text or not re.search(r"[0-9０-９]", text)
)
gaps = st.sampled_from(["", " ", "-", "–", ".", "·", "\u3000", " - ", "\u200b"])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13812345678", "138****5678"),
        ("我的手机13812345678，请回电", "我的手机138****5678，请回电"),
        ("138-1234-5678", "138-****-5678"),
        ("138 1234 5678", "138 **** 5678"),
        ("138 - 1234 - 5678", "138 - **** - 5678"),
        ("1381-234-5678", "138*-***-5678"),
        ("138 123 45678", "138 *** *5678"),
        ("+8613812345678", "+86138****5678"),
        ("+86 138 1234 5678", "+86 138 **** 5678"),
        ("008613812345678", "0086138****5678"),
        ("013812345678", "0138****5678"),
        ("(86)13812345678", "(86)138****5678"),
        ("tel:13812345678;x", "tel:138****5678;x"),
        ("微信wx13812345678", "微信wx138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("13812345678 13987654321", "138****5678 139****4321"),
        ("1391 138 1234 5678", "139* *** **** 5678"),
        ("138\u200b1234\u200b5678", "138\u200b****\u200b5678"),
        (ID_CARD, f"110101********{ID_CARD[-4:]}"),
        (f"证件{ID_CARD}ok", f"证件110101********{ID_CARD[-4:]}ok"),
        ("110101900307451", "110101******451"),
        ("11010119000101009x", "110101********009x"),
    ],
)
def test_examples(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "订单 20260105123456 已发货",
        "共 12345678901 次",  # 11 digits, but no mobile number begins with 12
        "1381234567",  # one short
        "138123456789",  # one long
        "14.215.177.138",
        "2026-01-05 13:45:00.123456",
        "110101199013074511",  # month 13
        ID_CARD[:-1] + ("0" if ID_CARD[-1] != "0" else "1"),  # wrong check character
        "https://example.com/files/0199a138-1234-7678-8123-138123456781",
        "01936b1e-8f00-7000-8000-013812345678",
    ],
)
def test_left_alone(text):
    assert mask_text(text) == text


@given(words, phones, words, gaps, st.sampled_from(["", "+86", "86", "0086", "+86 ", "86-"]))
def test_every_phone_is_masked(before, phone, after, gap, prefix):
    written = gap.join((phone[:3], phone[3:7], phone[7:]))
    masked = mask_text(f"{before}{prefix}{written}{after}")
    assert masked == f"{before}{prefix}{gap.join((phone[:3], '****', phone[7:]))}{after}"


@given(words, id_cards, words)
def test_every_id_card_is_masked(before, number, after):
    assert is_id_card(number)
    assert mask_text(f"{before}{number}{after}") == (
        f"{before}{number[:6]}********{number[14:]}{after}"
    )


@given(id_cards, st.lists(gaps, min_size=17, max_size=17))
def test_separators_do_not_hide_an_id_card(number, between):
    masked = mask_text(number[0] + "".join(map("".join, zip(between, number[1:], strict=True))))
    shown = [char for char in masked if char in "0123456789X*"]
    assert shown[6:14] == list("********")  # overlapping look-alikes may hide more
    assert len(shown) == 18


@given(st.one_of(phones, id_cards))
def test_full_width_is_masked_alike(number):
    wide = mask_text(number.translate(FULL_WIDTH))
    assert wide == mask_text(number).translate(FULL_WIDTH)


@given(st.text(alphabet=string.digits + "０１x Xｘ-.+单", max_size=80))
def test_length_is_kept_and_only_digits_are_hidden(text):
    masked = mask_text(text)
    assert len(masked) == len(text)
    assert all(
        new == old or (new == "*" and old in "0123456789０１")
        for old, new in zip(text, masked, strict=True)
    )


@given(st.text(alphabet=string.digits + " -单", max_size=60))
def test_masking_twice_changes_nothing_more(text):
    assert mask_text(mask_text(text)) == mask_text(text)


@given(
    st.text(alphabet="0123456789 ", max_size=40),
    phones,
    st.text(alphabet="0123456789 ", max_size=40),
)
def test_no_phone_is_left_among_other_numbers(before, phone, after):
    masked = mask_text(f"{before}，{phone}，{after}")
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", masked)


@given(st.uuids())
def test_ids_survive(value: uuid.UUID):
    assert mask_json({"id": str(value)}) == {"id": str(value)}
    assert mask_text(f"/a/{value}/b") == f"/a/{value}/b"


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | phones
shapes = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(shapes)
def test_json_keeps_its_shape(value):
    def shape(item):
        if isinstance(item, dict):
            return {key: shape(inner) for key, inner in item.items()}
        return [shape(inner) for inner in item] if isinstance(item, list) else None

    assert shape(mask_json(value)) == shape(value)
    json.dumps(mask_json(value))


@given(phones)
def test_numbers_in_json_are_masked(phone):
    masked = f"{phone[:3]}****{phone[7:]}"
    assert mask_json({"a": [int(phone), {"b": float(phone)}]}) == {"a": [masked, {"b": masked}]}


def test_plain_numbers_in_json_stay_numbers():
    value = {"seq": 41, "ms": 1767600000000, "price": 12.5, "big": 10**30, "no": float("inf")}
    assert mask_json(value) == value


@pytest.mark.parametrize(
    "text", ["1" * 200_000, "1 " * 100_000, "1380013800 " * 20_000, "86 " * 60_000]
)
def test_long_texts_take_linear_time(text):
    import time

    start = time.perf_counter()
    mask_text(text)
    assert time.perf_counter() - start < 2
