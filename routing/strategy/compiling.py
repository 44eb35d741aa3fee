"""Rules made fast: each becomes one function of a `Reader`.

Every distinct (fact, subject, way of comparing) is a slot that is read once per decision, when the
first condition asks for it.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from routing.strategy import facts, operators, sentences
from routing.strategy.actions import Action
from routing.strategy.moment import Moment
from routing.strategy.names import Names
from routing.strategy.rules import Act, Condition, Conditions, Rule, parse
from routing.strategy.values import MISSING


class Slot:
    """A fact as one kind of operator sees it. Hashed by identity, which is fast."""

    __slots__ = ("fact", "name", "subject", "view")

    def __init__(self, fact: facts.Fact, subject: str, view: Callable[[Any], Any]) -> None:
        self.fact, self.subject, self.view = fact, subject, view
        self.name = fact.name

    def raw(self, moment: Moment) -> Any:
        """The value as supplied, or `MISSING`; a fact taken away since is missing."""
        if facts.get(self.name) is not self.fact:
            return MISSING
        return self.fact.read(moment, self.subject)

    def read(self, moment: Moment) -> Any:
        """The value as it is compared, None when it is not known."""
        raw = self.raw(moment)
        return None if raw is MISSING else self.view(raw)


class Reader(dict[Slot, Any]):
    """The values of one decision, read when first asked for."""

    __slots__ = ("moment",)

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self.moment = moment

    def __missing__(self, slot: Slot) -> Any:
        value = self[slot] = slot.read(self.moment)
        return value


Holds = Callable[[Reader], bool]


@dataclass(frozen=True)
class Check:
    """A condition ready to run. `slot` is None when it is broken."""

    condition: Condition
    slot: Slot | None
    holds: Holds


@dataclass(frozen=True)
class CompiledRule:
    """A rule ready to run. `checks` are its conditions one by one, for explanations."""

    rule: Rule
    holds: Holds
    checks: tuple[Check, ...]
    acts: tuple[tuple[Action, Act], ...]

    @property
    def places(self) -> bool:
        """Whether it says where the item goes, if it can."""
        return any(action.places for action, _ in self.acts)


@dataclass
class Compiled:
    """The rules that are enabled, in order, and which version they are of."""

    rules: tuple[CompiledRule, ...]
    version_id: uuid.UUID | None = None
    version: dict[str, Any] | None = None
    _sentences: tuple[Names | None, dict[str, str]] = field(default=(None, {}), repr=False)

    def sentence(self, rule: Rule, names: Names) -> str:
        """The rule in words; kept while the names are the same object."""
        kept_for, found = self._sentences
        if kept_for is not names:
            found = {}
            self._sentences = (names, found)
        if rule.id not in found:
            found[rule.id] = sentences.sentence(rule, names)
        return found[rule.id]


def compile_rules(
    rules: Any, *, version_id: uuid.UUID | None = None, version: dict[str, Any] | None = None
) -> Compiled:
    """The rules of a list as it is kept in a version. Never raises: see `rules.parse`."""
    compiler = _Compiler()
    enabled = (rule for rule in parse(rules).rules if rule.enabled)
    return Compiled(tuple(compiler.rule(rule) for rule in enabled), version_id, version)


class _Compiler:
    def __init__(self) -> None:
        self.slots: dict[tuple[str, str, Any], Slot] = {}

    def rule(self, rule: Rule) -> CompiledRule:
        """One rule."""
        checks: list[Check] = []
        return CompiledRule(rule, self._group(rule.when, checks), tuple(checks), tuple(rule.acts))

    def _group(self, group: Conditions, checks: list[Check]) -> Holds:
        parts: list[Holds] = []
        for item in group.items:
            if isinstance(item, Condition):
                check = self._check(item)
                checks.append(check)
                parts.append(check.holds)
            else:
                parts.append(self._group(item, checks))
        return _any_of(parts) if group.match == "any" else _all_of(parts)

    def _check(self, one: Condition) -> Check:
        fact, operator = facts.get(one.fact), operators.get(one.operator)
        if one.broken or fact is None or operator is None:
            return Check(one, None, _never)
        view = operator.view(fact)
        key = (fact.name, one.subject, view)
        slot = self.slots.setdefault(key, Slot(fact, one.subject, view))
        test = operator.test(operator.fold(one.value, fact))

        def holds(reader: Reader) -> bool:
            value = reader[slot]
            return value is not None and test(value)

        return Check(one, slot, holds)


def _never(reader: Reader) -> bool:
    return False


def _always(reader: Reader) -> bool:
    return True


def _all_of(parts: Sequence[Holds]) -> Holds:
    return _until(False, parts) if len(parts) > 1 else parts[0] if parts else _always


def _any_of(parts: Sequence[Holds]) -> Holds:
    return _until(True, parts) if len(parts) > 1 else parts[0] if parts else _always


def _until(end: bool, parts: Sequence[Holds]) -> Holds:
    """Looks at the parts until one answers `end`; that one is looked at first the next time.

    What rarely holds so comes to the front, and most rules are done with one look. The order
    makes no difference to the answer. It is replaced as a whole, so threads do not disturb
    each other.
    """
    order = tuple(parts)

    def holds(reader: Reader) -> bool:
        nonlocal order
        for part in order:
            if part(reader) is end:
                if part is not order[0]:
                    order = (part, *(one for one in order if one is not part))
                return end
        return not end

    return holds
