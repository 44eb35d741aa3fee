"""Single conditions as logic: when one follows from another, and when two exclude each other.

Both answers err on one side: `implies` and `excludes` are only true when they are certain.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from routing.strategy import facts, operators
from routing.strategy.operators import Test
from routing.strategy.rules import Condition

_NEGATED = {
    "contains": "not_contains",
    "is": "is_not",
    "in": "not_in",
    ">=": "<",
    ">": "<=",
    "is_true": "is_false",
    "is_empty": "is_set",
    "has_any": "has_none",
}
_NEGATED |= {after: before for before, after in _NEGATED.items()}
_FILLED = {"contains", "contains_any", "prefix", "has_any", "has_all"}  # never hold on nothing
_NO_LIMIT = (float("inf"), 0)

Limit = tuple[float, int]  # a number, and whether it lies just beside it: -1, 0 or 1


@dataclass(frozen=True)
class Atom:
    """A condition in folded form. `view` and `test` follow from the rest."""

    key: tuple[str, str]
    operator: str
    value: Any
    view: Callable[[Any], Any] = field(compare=False)
    test: Test = field(compare=False)

    @property
    def values(self) -> frozenset[Any] | None:
        """The only values it holds on, when they can be counted."""
        if self.operator == "is":
            return frozenset({self.value})
        return self.value if self.operator == "in" else None

    @property
    def excluded(self) -> frozenset[Any] | None:
        """The only values it does not hold on, when they can be counted."""
        if self.operator == "is_not":
            return frozenset({self.value})
        return self.value if self.operator == "not_in" else None

    @property
    def parts(self) -> frozenset[str] | None:
        """Texts of which one must be in the value."""
        if self.operator in ("contains", "prefix"):
            return frozenset({self.value})
        return self.value if self.operator == "contains_any" else None

    @property
    def span(self) -> tuple[Limit, Limit] | None:
        """The numbers it holds on; None when they are not one stretch."""
        low, high = (-_NO_LIMIT[0], 0), _NO_LIMIT
        if self.operator == "between":
            start, end, is_time = self.value
            if is_time and start > end:
                return None
            return (start, 0), (end, -1 if is_time else 0)
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            spans = {
                "is": ((self.value, 0), (self.value, 0)),
                ">=": ((self.value, 0), high),
                ">": ((self.value, 1), high),
                "<=": (low, (self.value, 0)),
                "<": (low, (self.value, -1)),
            }
            return spans.get(self.operator)
        return None

    def negated(self) -> "Atom | None":
        """The condition that holds exactly when this one does not, if there is one."""
        name = _NEGATED.get(self.operator)
        operator = operators.get(name)
        if name is None or operator is None:
            return None
        return Atom(self.key, name, self.value, self.view, operator.test(self.value))


def atom_of(one: Condition) -> Atom | None:
    """The condition as an atom; None for one that is broken."""
    fact, operator = facts.get(one.fact), operators.get(one.operator)
    if one.broken or fact is None or operator is None:
        return None
    value = operator.fold(one.value, fact)
    key = (one.fact, one.subject)
    return Atom(key, one.operator, value, operator.view(fact), operator.test(value))


def implies(a: Atom, b: Atom) -> bool:
    """Whether `b` surely holds whenever `a` does."""
    if a.key != b.key or a.view != b.view:
        return False
    if a.operator == b.operator and a.value == b.value:
        return True
    if a.values is not None:
        return all(b.test(value) for value in a.values)
    if a.span is not None and b.span is not None:
        return b.span[0] <= a.span[0] and a.span[1] <= b.span[1]
    return _excludes_more(a, b) or _text_implies(a, b) or _labels_imply(a, b)


def _excludes_more(a: Atom, b: Atom) -> bool:
    if a.excluded is not None and b.excluded is not None:
        return b.excluded <= a.excluded
    return b.operator == "is_set" and a.operator in _FILLED


def _text_implies(a: Atom, b: Atom) -> bool:
    if a.operator == b.operator == "not_contains":
        return a.value in b.value
    if b.operator == "prefix":
        return a.operator == "prefix" and a.value.startswith(b.value)
    if a.parts is None or b.parts is None:
        return False
    wanted = b.parts
    return all(any(part in whole for part in wanted) for whole in a.parts)


_LABELS: dict[tuple[str, str], Callable[[frozenset[str], frozenset[str]], bool]] = {
    ("has_any", "has_any"): lambda a, b: a <= b,
    ("has_all", "has_all"): lambda a, b: a >= b,
    ("has_all", "has_any"): lambda a, b: not a.isdisjoint(b),
    ("has_none", "has_none"): lambda a, b: a >= b,
}


def _labels_imply(a: Atom, b: Atom) -> bool:
    rule = _LABELS.get((a.operator, b.operator))
    return rule is not None and rule(a.value, b.value)


def excludes(a: Atom, b: Atom) -> bool:
    """Whether `a` and `b` surely never hold together."""
    if a.key != b.key or a.view != b.view:
        return False
    if a.operator == b.operator == "prefix":
        return not (a.value.startswith(b.value) or b.value.startswith(a.value))
    if a.span is not None and b.span is not None:
        return a.span[1] < b.span[0] or b.span[1] < a.span[0]
    return any(
        negated is not None and implies(one, negated)
        for one, negated in ((a, b.negated()), (b, a.negated()))
    )
