"""The one answer to "what does this person see of a sensitive value?".

Masks Chinese mobile numbers (11 digits, optional +86, separators, full-width digits) and
identity-card numbers (GB 11643: 18 characters with ISO 7064 MOD 11-2 check, or the old 15 digits)
wherever they stand in a text, except inside a UUID.
"""

import re
from collections.abc import Iterator
from typing import Any

# What people, forms and word processors put between groups; " - " is three of them.
_GAP = "[ \t\u00a0\u3000\u200b-\u200d\u2060\ufeff\\-‐‑‒–—−－.．·・]{0,3}"
_ANY_LONG_NUMBER = re.compile(rf"(?:[0-9０-９]{_GAP}){{10}}[0-9０-９]")
# These search a text whose full-width characters are ASCII already. They stand in a look-ahead,
# so that candidates may overlap: what looks like a number must not hide the real one behind it.
_PREFIX = rf"(?:(?:\+{_GAP}|00{_GAP})?86{_GAP}|0{_GAP})?"
_GROUPS = (
    rf"\d{_GAP}\d{{4}}{_GAP}\d{{4}}",
    rf"\d\d{_GAP}\d{{3}}{_GAP}\d{{4}}",
    rf"\d{_GAP}\d{{3}}{_GAP}\d{{5}}",
)  # 3-4-4, 4-3-4 and 3-3-5
_PHONE = re.compile(rf"(?<!\d)(?={_PREFIX}(1[3-9](?:{'|'.join(_GROUPS)}))(?!\d))", re.ASCII)
_ID_CARD = re.compile(rf"(?<!\d)(?=((?:\d{_GAP}){{17}}[\dX])(?!\d))", re.ASCII)
_OLD_ID_CARD = re.compile(r"(?<!\d)(?=(\d{15})(?!\d))", re.ASCII)
_UUID = re.compile(
    r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F])"
)
_TO_ASCII = str.maketrans("０１２３４５６７８９Ｘｘx", "0123456789XXX")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def mask_text(text: str) -> str:
    """`text` with every phone and identity-card number masked; length and layout are kept."""
    if not _ANY_LONG_NUMBER.search(text):
        return text
    searched = _UUID.sub(lambda match: "-" * len(match.group()), text).translate(_TO_ASCII)
    hidden = set(_hidden_places(searched))
    if not hidden:
        return text
    return "".join("*" if place in hidden else char for place, char in enumerate(text))


def _hidden_places(text: str) -> Iterator[int]:
    """Where the characters stand that must not be seen."""
    for match in _PHONE.finditer(text):
        yield from _digit_places(match)[3:7]
    for match in _ID_CARD.finditer(text):
        places = _digit_places(match)
        if is_id_card("".join(text[place] for place in places)):
            yield from places[6:14]
    for match in _OLD_ID_CARD.finditer(text):
        if _is_date(f"19{match.group(1)[6:12]}"):
            yield from _digit_places(match)[6:12]


def _digit_places(match: re.Match[str]) -> list[int]:
    text = match.string
    return [place for place in range(*match.span(1)) if text[place] in "0123456789X"]


def is_id_card(number: str) -> bool:
    """Whether 18 characters carry a possible birth date and the right check character."""
    if not (number[:17].isdigit() and _is_date(number[6:14])):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[17]


def _is_date(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    return 1880 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31


def mask_json(value: Any) -> Any:
    """The same shape with every string and number in it masked; keys and UUIDs are left alone."""
    if isinstance(value, str):
        return value if _UUID.fullmatch(value) else mask_text(value)
    if isinstance(value, int | float) and 10**10 <= value < 10**18 and value == int(value):
        masked = mask_text(str(int(value)))
        return masked if "*" in masked else value
    if isinstance(value, dict):
        return {key: mask_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_json(item) for item in value]
    return value


def sees_plain(user: Any) -> bool:
    """Whether the person's role shows sensitive values in plain."""
    from lingxi.access.permissions import can

    return can(user, "sensitive.view")


def for_viewer(user: Any, value: Any) -> Any:
    """`value` as `user` may see it."""
    return value if sees_plain(user) else mask_json(value)
