"""Two lists of rules side by side, with what differs marked."""

from collections.abc import Iterable
from typing import Any

from lingxi.versioned.admin import marking
from lingxi.versioned.admin.marking import KINDS, marked
from routing.strategy import versions
from routing.strategy.versions import Change

Shown = dict[str, Any]


def summary(changes: Iterable[Change]) -> str:
    """How many of each kind, in words."""
    return marking.summary((change.kind for change in changes), "条")


def between(before: list[Any], after: list[Any]) -> tuple[list[Shown], str]:
    """The changes as the page shows them, and their summary."""
    changes = versions.compare(before, after)
    old, new = _places(before), _places(after)
    return [_shown(change, old, new) for change in changes], summary(changes)


def _places(rules: list[Any]) -> dict[str, tuple[int, str]]:
    return {rule["id"]: (place, rule["name"]) for place, rule in enumerate(rules, start=1)}


def _shown(
    change: Change, old: dict[str, tuple[int, str]], new: dict[str, tuple[int, str]]
) -> Shown:
    before = _text(old.get(change.rule_id), change.before)
    after = _text(new.get(change.rule_id), change.after)
    both = change.kind == "changed"
    return {
        "kind": change.kind,
        "label": KINDS[change.kind],
        "name": change.name,
        "before": _side(old.get(change.rule_id), before, after if both else before),
        "after": _side(new.get(change.rule_id), after, before if both else after),
    }


def _text(found: tuple[int, str] | None, sentence: str) -> str:
    """What is compared: the name belongs to it."""
    return f"{found[1]}：{sentence}" if found and found[1] else sentence


def _side(found: tuple[int, str] | None, text: str, other: str) -> Shown | None:
    return {"place": found[0], "parts": marked(text, other)} if found else None
