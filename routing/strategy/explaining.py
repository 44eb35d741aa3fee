"""Why a decision came out as it did, in the words that are kept with the item."""

from collections.abc import Iterable
from typing import Any

from routing.strategy import facts, sentences
from routing.strategy.actions import Effects
from routing.strategy.compiling import Check, Compiled, CompiledRule, Reader
from routing.strategy.moment import Moment
from routing.strategy.values import MISSING

MOST_MISSED = 20


class Story:
    """Collects what happened to each rule."""

    def __init__(self, compiled: Compiled, moment: Moment) -> None:
        self.compiled = compiled
        self.moment = moment
        self._matched: list[dict[str, Any]] = []
        self._missed: list[dict[str, str]] = []

    def matched(self, rule: CompiledRule, reader: Reader) -> None:
        """The rule held and was done."""
        self._matched.append(
            {
                "id": rule.rule.id,
                "name": rule.rule.name,
                "sentence": self.compiled.sentence(rule.rule, self.moment.names),
                "facts": [
                    {"label": self._label(check), "value": self._value(check)}
                    for check in _of_different_facts(rule.checks)
                    if check.holds(reader)
                ],
            }
        )

    def missed(self, rule: CompiledRule, reader: Reader) -> None:
        """The rule did not hold; the first condition in the way says why."""
        if len(self._missed) < MOST_MISSED:
            self._miss(rule, self._why(rule, reader))

    def failed(self, rule: CompiledRule, notes: Iterable[str]) -> None:
        """The rule held, but the person it names cannot be given anything."""
        self._miss(rule, "条件满足，但" + "；".join(notes))

    def _miss(self, rule: CompiledRule, why: str) -> None:
        self._missed.append({"id": rule.rule.id, "name": rule.rule.name, "why": why})

    def _why(self, rule: CompiledRule, reader: Reader) -> str:
        for check in rule.checks:
            if check.holds(reader):
                continue
            wanted = sentences.condition(check.condition, self.moment.names)
            if check.slot is None:
                return wanted
            what = "均不满足，如需" if rule.rule.when.match == "any" else "需要"
            return f"{what} {wanted}，实际为 {self._value(check)}"
        return "条件不满足"

    def _label(self, check: Check) -> str:
        return sentences.subject(check.condition, self.moment.names)

    def _value(self, check: Check) -> str:
        slot = check.slot
        raw = MISSING if slot is None else slot.raw(self.moment)
        if slot is None or raw is MISSING:
            return "（未知）"
        return slot.fact.show(raw)

    def told(self, effects: Effects) -> dict[str, Any]:
        """The explanation, as JSON; its shape is described in docs/routing.md."""
        names = self.moment.names
        own = {self.moment.group_key: self.moment.group.name}
        group = names.groups.get(effects.group) or own.get(effects.group, "")
        preferred = effects.preferred
        return {
            "version": self.compiled.version,
            "matched": self._matched,
            "missed": self._missed,
            "default": not effects.is_placed,
            "group": {"id": effects.group, "name": group},
            "fallback": {"id": self.moment.group_key, "name": self.moment.group.name},
            "priority": effects.priority,
            "outcome": effects.outcome,
            "preferred": preferred
            and {
                "agent": str(preferred.agent_id),
                "name": effects.preferred_name,
                "seconds": preferred.seconds,
                "reason": preferred.reason,
            },
            "notes": list(self.moment.notes),
        }


def _of_different_facts(checks: Iterable[Check]) -> Iterable[Check]:
    """Each fact once, however many conditions ask for it."""
    seen: set[tuple[str, str]] = set()
    for check in checks:
        key = (check.condition.fact, check.condition.subject)
        if key not in seen and check.slot is not None and facts.get(key[0]) is not None:
            seen.add(key)
            yield check
