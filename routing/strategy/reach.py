"""Rules that can never be done: their conditions contradict, or an earlier rule always comes first.

Conditions are written out as alternatives, each a set of atoms that must hold together. A rule is
out of reach when each of its alternatives follows from one of an earlier rule that surely places.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from routing.strategy.atoms import Atom, atom_of, excludes, implies
from routing.strategy.problem import Problem
from routing.strategy.rules import Condition, Conditions, Rule

MOST_ALTERNATIVES = 128  # beyond it a rule is taken to be reachable
MOST_LOOKS = 300_000  # comparisons of alternatives, so that checking takes a second at most

Alternative = tuple[Atom, ...]


@dataclass(frozen=True)
class Earlier:
    """An alternative of an earlier rule that surely places."""

    number: int
    atoms: Alternative
    keys: frozenset[tuple[str, str]]


def unreachable(rules: Sequence[Rule]) -> Iterator[Problem]:
    """A problem for each enabled rule that can never be done. Rules count from 1."""
    earlier: list[Earlier] = []
    looks = 0
    for number, rule in enumerate(rules, start=1):
        if not rule.enabled:
            continue
        found = alternatives(rule.when)
        if found is None:
            continue
        possible = [one for one in found if not contradicts(one)]
        if not possible:
            yield _problem(rule, number, "条件互相矛盾，永远不会满足")
            continue
        looks += len(possible) * len(earlier)
        if looks > MOST_LOOKS:
            return
        before = _all_covered(possible, earlier)
        if before:
            yield _problem(rule, number, f"永远轮不到：{before}先满足并已分配")
        if rule.always_places:
            keys = ((one, frozenset(atom.key for atom in one)) for one in possible)
            earlier += [Earlier(number, one, keys_of) for one, keys_of in keys]


def _problem(rule: Rule, number: int, message: str) -> Problem:
    return Problem(rule.id, f"第 {number} 条：{message}", path=str(number - 1))


def alternatives(conditions: Conditions) -> list[Alternative] | None:
    """Sets of atoms of which one must hold; None when broken or too many."""
    parts = [_part(item) for item in conditions.items]
    if any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    if not known:
        return [()]
    if conditions.match == "any":
        joined = [one for part in known for one in part]
        return joined if len(joined) <= MOST_ALTERNATIVES else None
    count = 1
    for part in known:
        count *= len(part)
    if count > MOST_ALTERNATIVES:
        return None
    return [tuple(atom for one in choice for atom in one) for choice in product(*known)]


def _part(item: Condition | Conditions) -> list[Alternative] | None:
    if isinstance(item, Conditions):
        return alternatives(item)
    atom = atom_of(item)
    return None if atom is None else [(atom,)]


def contradicts(atoms: Alternative) -> bool:
    """Whether the atoms can surely never hold together."""
    for place, one in enumerate(atoms):
        if any(excludes(one, other) for other in atoms[place + 1 :]):
            return True
        others = [other for other in atoms if other.key == one.key and other.view == one.view]
        if one.values is not None and not any(
            all(other.test(value) for other in others) for value in one.values
        ):
            return True
    return False


def _all_covered(possible: list[Alternative], earlier: list[Earlier]) -> str:
    """The rules that come first, in words, when they leave none of the alternatives."""
    numbers = set()
    for one in possible:
        keys = {atom.key for atom in one}
        found = next((e.number for e in earlier if e.keys <= keys and _follows(e.atoms, one)), None)
        if found is None:
            return ""
        numbers.add(found)
    return "、".join(f"第 {number} 条" for number in sorted(numbers))


def _follows(wanted: Alternative, given: Alternative) -> bool:
    """Whether all of `wanted` hold whenever all of `given` do."""
    return all(any(implies(one, want) for one in given) for want in wanted)
