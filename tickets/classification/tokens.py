"""The words of a text as the classifier counts them. Pure functions.

Chinese has no blanks between words, so every two neighbouring characters stand for one (开发票
gives 开发 and 发票); of other scripts, words. Numbers say nothing of what a text is about and are
left out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lingxi.grams import normalise

MOST = 400  # different words of a text; what comes later in it counts less anyway
LONGEST = 40
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W\d_{_HAN}][^\W_{_HAN}]+")
_CHINESE = re.compile(rf"[{_HAN}]")


@dataclass(frozen=True)
class Token:
    """A word and where it stands in the normalised text."""

    word: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Each word where it first stands, in the order of the text."""
    found: dict[str, Token] = {}
    for run in _RUN.finditer(normalise(text)):
        for token in _of_run(run.group(), run.start()):
            found.setdefault(token.word, token)
        if len(found) >= MOST:
            break
    return list(found.values())[:MOST]


def _of_run(run: str, at: int) -> Iterable[Token]:
    if not _CHINESE.match(run):
        return [Token(run[:LONGEST], at, at + len(run))]
    return [
        Token(first + second, at + place, at + place + 2)
        for place, (first, second) in enumerate(pairwise(run))
    ]


def words(text: str) -> list[str]:
    """The different words."""
    return [token.word for token in tokens(text)]


def merged(weighted: Sequence[tuple[Token, float]], text: str) -> list[tuple[str, float]]:
    """Words that overlap or touch as one, with the sum of their weights; the heaviest first.

    开发, 发票 and 票抬, one after the other, are read as 开发票抬. `text` is the one that the
    tokens are of.
    """
    plain = normalise(text)
    spans: list[tuple[int, int, float]] = []
    for token, weight in sorted(weighted, key=lambda one: one[0].start):
        if spans and token.start < spans[-1][1]:
            start, end, sum_ = spans[-1]
            spans[-1] = (start, max(end, token.end), sum_ + weight)
        else:
            spans.append((token.start, token.end, weight))
    read = [(plain[start:end], weight) for start, end, weight in spans]
    return sorted(read, key=lambda one: -one[1])
