"""Text as searches compare and index it. Pure functions.

A search term matches wherever it stands in a text, in Chinese as in numbers and latin words, after
both were normalised. The index holds the *grams* of each run of letters and digits: every two
neighbours (很不错 gives 很不 and 不错), and every three where they are ASCII, because there are
only a hundred pairs of digits and 8888 is one of them. All grams of a term must be there for a text
to be a candidate; whether the term itself is there is then read from the text. So nothing is missed
and nothing is found wrongly, and no dictionary decides what a word is.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

MAX_QUERY = 100
MAX_TERMS = 8
_RUN = re.compile(r"[^\W_]+")
_ASCII_RUN = re.compile(r"[a-z0-9]{3,}")
_DROPPED = {"Cf", "Mn", "Me", "Cs"}  # zero-width characters, accents, half a surrogate pair
_BLANK = {"Cc", "Zs", "Zl", "Zp"}
_OFFSET = 1 << 31


class BadQuery(ValueError):
    """The words cannot be searched for; the message says why, to the person who typed them."""


@dataclass(frozen=True)
class Query:
    """What to look for: each term must be in the text, and so all its grams in the index."""

    terms: tuple[str, ...]
    grams: tuple[int, ...]


class _Folding(dict[int, str]):
    """Character → its compared form, worked out when first met."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code)).casefold()
        folded = "".join(_fold_one(char) for char in unicodedata.normalize("NFKD", decomposed))
        self[code] = folded
        return folded


def _fold_one(char: str) -> str:
    category = unicodedata.category(char)
    if category in _DROPPED:
        return ""
    return " " if category in _BLANK else char


_FOLDED = _Folding()


def normalise(text: str) -> str:
    """The compared form: full width is half width, case and accents do not count, one space."""
    return " ".join(text.translate(_FOLDED).split())


def normalise_with_origin(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the index in `text` it came from."""
    folded = [_FOLDED[ord(char)] for char in text]
    origin = [index for index, piece in enumerate(folded) for _ in piece]
    return "".join(folded), origin


def grams(normalised: str) -> list[int]:
    """The grams of a normalised text as sorted 32-bit numbers, each once.

    Two characters of 16 bits make a number; beyond the basic plane the high bits are cut off,
    which lets two grams share a number and costs a look at the text, no more. Three of ASCII make
    a smaller number than any two can: letters and digits begin at 0x30.
    """
    found: set[int] = set()
    for run in _RUN.findall(normalised):
        codes = [ord(char) & 0xFFFF for char in run]
        found.update((a << 16 | b) - _OFFSET for a, b in pairwise(codes))
    for run in _ASCII_RUN.findall(normalised):
        codes = run.encode()
        triples = zip(codes, codes[1:], codes[2:], strict=False)
        found.update((a << 14 | b << 7 | c) - _OFFSET for a, b, c in triples)
    return sorted(found)


def parse(words: str) -> Query:
    """What a person typed. Raises `BadQuery` for what cannot be searched for."""
    if len(words) > MAX_QUERY:
        raise BadQuery(f"最多 {MAX_QUERY} 个字")
    terms = tuple(dict.fromkeys(normalise(words).split()))
    if len(terms) > MAX_TERMS:
        raise BadQuery(f"最多 {MAX_TERMS} 个词")
    found = _union(grams(term) for term in terms)
    if not found:
        raise BadQuery("请至少输入两个连续的字、字母或数字")
    return Query(terms, found)


def _union(lists: Iterable[list[int]]) -> tuple[int, ...]:
    return tuple(sorted({number for numbers in lists for number in numbers}))
