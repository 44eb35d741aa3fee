"""When a rule holds. Everything here is plain values; nothing touches the database.

A rule holds when all of its conditions do. Some change only when the ticket does (type, priority,
urges, SLA); time does the rest. So for a ticket as it is there is one instant from which on the
rule holds, or none, and it need not be looked at before.

A rule fires once in an *episode* of a ticket. Reopening begins a new one, and age is counted from
there. For rules about silence each silence is one: when somebody has worked on the ticket and it is
left alone again, they fire again. A change of priority begins nothing anew: what was done about the
ticket has been done, and rules raise priorities themselves.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from routing.worktime import WorkTime
from tickets.models.types import ACTIVE

WARNING, BREACHED = "warning", "breached"


@dataclass(frozen=True, slots=True)
class Facts:
    """A ticket as rules see it. `since` is when its episode began, `touched_at` the silence."""

    type: uuid.UUID
    group: uuid.UUID
    priority: int
    category: str
    since: dt.datetime
    touched_at: dt.datetime
    reopens: int = 0
    urges: int = 0
    is_warned: bool = False
    is_breached: bool = False
    is_merged: bool = False


@dataclass(frozen=True)
class Rule:
    """A rule. Empty conditions fit every ticket; times are of the calendar."""

    id: uuid.UUID
    name: str = ""
    types: frozenset[uuid.UUID] = frozenset()
    groups: frozenset[uuid.UUID] = frozenset()
    min_priority: int = 0
    categories: frozenset[str] = frozenset()
    age: dt.timedelta | None = None
    silence: dt.timedelta | None = None
    calendar: Any = None
    sla: str = ""
    urges: int = 0

    def fits(self, facts: Facts) -> bool:
        """Whether all holds that does not change with time alone."""
        return (
            not facts.is_merged
            and facts.category in (self.categories or ACTIVE)
            and (not self.types or facts.type in self.types)
            and (not self.groups or facts.group in self.groups)
            and facts.priority >= self.min_priority
            and facts.urges >= self.urges
            and self._fits_sla(facts)
        )

    def _fits_sla(self, facts: Facts) -> bool:
        """What is breached has been warned of, though no sweep may have come to tell."""
        if self.sla == BREACHED:
            return facts.is_breached
        return not self.sla or facts.is_warned or facts.is_breached

    def due(self, facts: Facts, work: WorkTime) -> dt.datetime | None:
        """From when on the rule holds for a ticket that stays as it is; None: never.

        Raises `NeverOpen` for a calendar that does not open long enough any more.
        """
        if not self.fits(facts):
            return None
        found = [facts.since]
        if self.age is not None:
            found.append(work.add(facts.since, self.age))
        if self.silence is not None:
            found.append(work.add(facts.touched_at, self.silence))
        return max(found)

    def episode(self, facts: Facts) -> str:
        """In what the rule fires once."""
        silence = f"@{facts.touched_at.timestamp():.6f}" if self.silence is not None else ""
        return f"{facts.reopens}{silence}"
