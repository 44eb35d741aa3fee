"""Keywords that supervisors gave to issue types."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from lingxi.grams import normalise
from routing.strategy.keeping import Kept
from tickets.models import IssueType


@dataclass(frozen=True)
class Keyed:
    """An issue type with its keywords in compared form, and each as it was written."""

    id: uuid.UUID
    words: tuple[tuple[str, str], ...]
    depth: int


def _read() -> tuple[Keyed, ...]:
    rows = IssueType.objects.filter(is_active=True).select_related("parent__parent__parent")
    return tuple(
        Keyed(row.pk, words, _depth(row))
        for row in rows
        if (words := tuple((normalise(word), word) for word in row.keywords if normalise(word)))
    )


def _depth(row: IssueType) -> int:
    depth, above = 0, row.parent
    while above is not None and depth < 10:
        depth, above = depth + 1, above.parent
    return depth


_keyed = Kept(_read)


def forget() -> None:
    """Keywords were changed by this process: read them again next time."""
    _keyed.forget()


def found_in(text: str) -> list[tuple[uuid.UUID, list[str]]]:
    """Issue types with keywords in the text, and these; the most and the longest words first.

    Of two with as many, the deeper one of the tree.
    """
    plain = normalise(text)
    hits = []
    for one in _keyed.get():
        words = [written for compared, written in one.words if compared in plain]
        if words:
            hits.append((len(words), sum(map(len, words)), one.depth, one.id, words))
    hits.sort(key=lambda hit: (*(-part for part in hit[:3]), hit[3]))
    return [(hit[3], hit[4]) for hit in hits]


def checked(given: Sequence[str]) -> list[str]:
    """Keywords as they are kept: trimmed, each once whatever its case."""
    kept: dict[str, str] = {}
    for word in given:
        tidy = " ".join(str(word).split())
        if tidy:
            kept.setdefault(normalise(tidy), tidy)
    return list(kept.values())
