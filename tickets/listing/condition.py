"""What a filter asks of tickets: exactly, and what an index knows of it.

`exact` decides. `hint` is fulfilled by every ticket that `exact` finds, and by some more; it is
what an index can look up. It is asked only when tickets are looked up, because to read it from a
ticket takes longer than `exact` does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from lingxi.access.masking import sees_plain
from tickets.listing import terms

_DIGIT = re.compile(r"[0-9０-９Xx]")


@dataclass(frozen=True)
class Condition:
    """All of it must hold. `overlaps`: of each list, the ticket has at least one term."""

    exact: Q = field(default_factory=Q)
    overlaps: Sequence[Sequence[int]] = ()
    has: frozenset[int] = frozenset()
    hint: Q = field(default_factory=Q)

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(
            self.exact & other.exact,
            [*self.overlaps, *other.overlaps],
            self.has | other.has,
            self.hint & other.hint,
        )

    def __bool__(self) -> bool:
        return bool(self.exact or self.overlaps or self.has or self.hint)

    @property
    def indexed(self) -> Q:
        """What an index can look up."""
        found = self.hint
        for some in self.overlaps:
            found &= Q(terms__overlap=list(some))
        return found & Q(terms__contains=sorted(self.has)) if self.has else found


NOTHING = Condition(Q(pk__in=[]))


def contains(key: str, words: str, exact: Q, user: Any) -> Condition:
    """Tickets whose text `key` has `words` in it, as `exact` says.

    Who sees a masked form of some texts does not find them by digits: else a few searches would
    tell what is hidden.
    """
    if not sees_plain(user) and _DIGIT.search(words):
        exact &= ~Q(terms__contains=[terms.masked_mark(key)])
    return Condition(exact, has=frozenset(terms.text_terms(key, words)))
