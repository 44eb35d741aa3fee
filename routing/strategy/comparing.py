"""What is other between two lists of rules."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from routing.strategy import names
from routing.strategy.rules import Rule, parse
from routing.strategy.sentences import sentence

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True)
class Change:
    """One rule that is other. `before` and `after` are its sentences, "" where there is none.

    A rule is `moved` when it is the same, but stands elsewhere among those that both lists have.
    """

    rule_id: str
    name: str
    kind: Kind
    before: str = ""
    after: str = ""

    def as_dict(self) -> dict[str, str]:
        """As it goes over the wire."""
        return asdict(self)


def compare(before: Any, after: Any) -> list[Change]:
    """The changes from one list of rules to another: removed ones first, then in the new order."""
    known = names.current()
    old = {rule.id: rule for rule in parse(before).rules}
    new = {rule.id: rule for rule in parse(after).rules}
    moved = _moved([key for key in old if key in new], [key for key in new if key in old])
    changes = [
        Change(key, rule.name, "removed", before=sentence(rule, known))
        for key, rule in old.items()
        if key not in new
    ]
    for key, rule in new.items():
        after_text = sentence(rule, known)
        if key not in old:
            changes.append(Change(key, rule.name, "added", after=after_text))
        elif not _same(old[key], rule):
            said = sentence(old[key], known)
            changes.append(Change(key, rule.name, "changed", said, after_text))
        elif key in moved:
            changes.append(Change(key, rule.name, "moved", after_text, after_text))
    return changes


def _same(a: Rule, b: Rule) -> bool:
    return a.as_json() == b.as_json()


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest rules that must move to turn one order into the other."""
    place = {key: number for number, key in enumerate(before)}
    best: list[list[str]] = []  # for each length, the run with the smallest end
    for key in after:
        length = next((n for n, run in enumerate(best) if place[run[-1]] > place[key]), len(best))
        run = [*best[length - 1], key] if length else [key]
        best[length : length + 1] = [run]
    return set(after) - set(best[-1] if best else ())
