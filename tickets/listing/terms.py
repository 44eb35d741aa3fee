"""The index of what tickets say, so that any of it can be found among many. Pure functions.

`Ticket.terms` holds numbers of 32 bits, which a GIN index finds:

- of the title and of each custom text, its grams (see `lingxi.grams`), so that a text *contains*;
- of each custom number, date and instant, the cells of a tree that it lies in, finest first, each
  level 16 times as wide: a *range* is covered by few cells (as in Lucene's former numeric fields:
  U. Schindler, M. Diepenbroek, Generic XML-based framework for metadata portals, Computers &
  Geosciences 34 (2008));
- a mark on each text or number of which some people see a masked form only.

Different things may share a number. So terms say which tickets *may* fit; whether one does is read
from the ticket itself.
"""

import datetime as dt
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from lingxi.access.masking import mask_json
from lingxi.grams import grams, normalise

TITLE = ""  # no custom field has this key
_BITS = 4  # of a number, per level
_THOUSANDTHS = 1000
_ZERO = 1 << 51  # numbers of fields are less than 10^12, with three decimals
_FIRST_MINUTE = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
LEVELS = {"number": 13, "money": 13, "date": 6, "datetime": 7}
TEXTS = frozenset({"text", "long_text", "order_number"})


def terms_of(title: str, fields: Mapping[str, Any], types: Mapping[str, str]) -> list[int]:
    """The terms of a ticket; `types` says of which type each custom field is."""
    found = set(text_terms(TITLE, title))
    if _is_masked(title):
        found.add(masked_mark(TITLE))
    for key, value in fields.items():
        found.update(_field_terms(key, types.get(key, ""), value))
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
    """The fewest cells that cover the places from `low` to `high`, both of them included."""
    most = (1 << (_BITS * LEVELS[type])) - 1
    low, high = max(low or 0, 0), most if high is None else min(high, most)
    return [_cell(key, level, cell) for level, cell in _cover(low, high, LEVELS[type])]


def _cover(low: int, high: int, levels: int) -> Iterator[tuple[int, int]]:
    side = (1 << _BITS) - 1
    for level in range(levels):
        if low > high:
            return
        if (
            level == levels - 1
            or low >> _BITS == high >> _BITS
            and (low & side or high & side < side)
        ):
            yield from ((level, cell) for cell in range(low, high + 1))
            return
        while low & side and low <= high:
            yield level, low
            low += 1
        while high & side != side and low <= high:
            yield level, high
            high -= 1
        low, high = low >> _BITS, high >> _BITS


def _cell(key: str, level: int, cell: int) -> int:
    return _signed(zlib.crc32(cell.to_bytes(8, "big"), _base(key, f"cell{level}")))


@lru_cache(maxsize=4096)
def _base(key: str, kind: str) -> int:
    return zlib.crc32(f"{key}\0{kind}".encode())


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


def all_terms(lists: Iterable[Iterable[int]]) -> list[int]:
    """Those of several, each once."""
    return sorted({one for some in lists for one in some})
