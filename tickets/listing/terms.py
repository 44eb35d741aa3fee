"""The index of what tickets say, so that any of it can be found among many. Pure functions.

`Ticket.terms` holds numbers of 32 bits, which a GIN index finds:

- of the title and of each custom text, its grams (see `lingxi.grams`), so that a text *contains*;
- of each custom number, date and instant, the cells of a tree that it lies in, finest first, each
  level 16 times as wide: a *range* is covered by few cells (as in Lucene's former numeric fields:
  U. Schindler, M. Diepenbroek, Generic XML-based framework for metadata portals, Computers &
  Geosciences 34 (2008));
- a mark on each text or number of which some people see a masked form only, and on each field
  that is empty.

Different things may share a number. So terms say which tickets *may* fit; whether one does is read
from the ticket itself.
"""

import datetime as dt
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lingxi.access.masking import mask_json
from lingxi.grams import grams, normalise

TITLE = ""  # no custom field has this key
_BITS = 4  # of a number, per level
_FINE = 128  # cells of the finest level that a number of a range must be worth
_THOUSANDTHS = 1000
_ZERO = 1 << 51  # numbers of fields are less than 10^12, with three decimals
_FIRST_MINUTE = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
LEVELS = {"number": 13, "money": 13, "date": 6, "datetime": 7}
_LEVEL_NAMES = [f"cell{level}" for level in range(max(LEVELS.values()))]
TEXTS = frozenset({"text", "long_text", "order_number"})


def terms_of(title: str, fields: Mapping[str, Any], types: Mapping[str, str]) -> list[int]:
    """The terms of a ticket; `types` says of which type each custom field is."""
    found = set(text_terms(TITLE, title))
    if _is_masked(title):
        found.add(masked_mark(TITLE))
    for key, value in fields.items():
        found.update(_field_terms(key, types.get(key, ""), value))
    found.update(empty_mark(key) for key in types if key not in fields)
    return sorted(found)


def _field_terms(key: str, type: str, value: Any) -> Iterator[int]:
    if type in TEXTS and isinstance(value, str):
        yield from text_terms(key, value)
    elif type in LEVELS:
        place = place_of(type, value)
        if place is not None:
            yield from cells_of(key, type, place)
    if _is_masked(value):
        yield masked_mark(key)


def _is_masked(value: Any) -> bool:
    return bool(mask_json(value) != value)


def text_terms(key: str, text: str) -> list[int]:
    """The terms of a text, or of a part of one; none for a single character."""
    base = _base(key, "text")
    return [_signed(base ^ (gram & 0xFFFFFFFF)) for gram in grams(normalise(text))]


def masked_mark(key: str) -> int:
    """The term of tickets whose value of `key` is masked for some."""
    return _signed(_base(key, "masked"))


def empty_mark(key: str) -> int:
    """The term of tickets whose form has `key`, but which have no value of it."""
    return _signed(_base(key, "empty"))


def place_of(type: str, value: Any) -> int | None:
    """Where a stored value lies on the axis of its type; None for what is no such value."""
    try:
        if type == "date":
            return dt.date.fromisoformat(value).toordinal()
        if type == "datetime":
            at = dt.datetime.fromisoformat(value)
            return int((at - _FIRST_MINUTE) / dt.timedelta(minutes=1))
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        place = round(value * _THOUSANDTHS) + _ZERO
    except (TypeError, ValueError, OverflowError):
        return None
    return place if 0 <= place < 2 * _ZERO else None


def cells_of(key: str, type: str, place: int) -> Iterator[int]:
    """The cells a place lies in."""
    for level in range(LEVELS[type]):
        yield _cell(key, level, place >> (_BITS * level))


def cells_between(key: str, type: str, low: int | None, high: int | None) -> list[int]:
    """Few cells that cover the places from `low` to `high`, both included; none for no places.

    They may reach over an end by a hundredth of its value: fewer are looked up faster.
    """
    most = (1 << (_BITS * LEVELS[type])) - 1
    level = _coarseness(type, low, high)
    low, high = max(low or 0, 0), most if high is None else min(high, most)
    cells = _cover(low >> _BITS * level, high >> _BITS * level, level, LEVELS[type])
    return [_cell(key, *cell) for cell in cells]


def _coarseness(type: str, low: int | None, high: int | None) -> int:
    """The level that is fine enough for these ends."""
    if type not in {"number", "money"}:
        return 0
    sizes = [abs(end - _ZERO) for end in (low, high) if end not in {None, _ZERO}]
    if low is not None and high is not None:
        sizes.append(max(high - low, 0))
    fine, level = min(sizes, default=0) // _FINE, 0
    while fine >> _BITS * (level + 1):
        level += 1
    return level


def _cover(low: int, high: int, level: int, levels: int) -> Iterator[tuple[int, int]]:
    """The ragged ends on this level, what is between them on the next ones."""
    side = (1 << _BITS) - 1
    while level < levels - 1 and high - low > side:
        while low & side:
            yield level, low
            low += 1
        while high & side != side:
            yield level, high
            high -= 1
        low, high, level = low >> _BITS, high >> _BITS, level + 1
    yield from ((level, cell) for cell in range(low, high + 1))


def _cell(key: str, level: int, cell: int) -> int:
    return _signed(zlib.crc32(cell.to_bytes(8, "big"), _base(key, _LEVEL_NAMES[level])))


@lru_cache(maxsize=4096)
def _base(key: str, kind: str) -> int:
    return zlib.crc32(f"{key}\0{kind}".encode())


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number
