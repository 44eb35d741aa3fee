"""Two versions side by side, with what differs marked."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

Shown = dict[str, Any]
Kind = Literal["added", "removed", "changed", "moved"]
KINDS: dict[Kind, str] = {"added": "新增", "removed": "删除", "changed": "修改", "moved": "移动"}
# Quoted texts, latin words and runs of Chinese between spaces are looked at as a whole.
_WORD = re.compile(r"“[^”]*”|[\w./:-]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Difference:
    """One part that differs: what it is called, and a sentence of each side; empty: not there."""

    kind: Kind
    name: str
    before: str = ""
    after: str = ""


def summary(kinds: Iterable[str], unit: str) -> str:
    """How many of each kind, in words."""
    found = Counter(kinds)
    parts = [f"{label} {found[kind]} {unit}" for kind, label in KINDS.items() if found[kind]]
    return "、".join(parts) or "没有不同"


def shown(difference: Difference) -> Shown:
    """As the page of the comparison wants it."""
    before, after = difference.before, difference.after
    both = difference.kind == "changed"
    return {
        "kind": difference.kind,
        "label": KINDS[difference.kind],
        "name": difference.name,
        "before": marked(before, after if both else before),
        "after": marked(after, before if both else after),
    }


def marked(text: str, other: str) -> list[Shown]:
    """`text` in pieces, each with whether `other` lacks it."""
    mine, theirs = _WORD.findall(text), _WORD.findall(other)
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    pieces, at = [], 0
    for start, _, size in matcher.get_matching_blocks():
        pieces.append({"text": "".join(mine[at:start]), "changed": True})
        pieces.append({"text": "".join(mine[start : start + size]), "changed": False})
        at = start + size
    return [piece for piece in pieces if piece["text"]]
