"""Which policy fits a ticket, and what it asks for."""

import datetime as dt
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from routing import schedule
from routing.models import BusinessHours
from routing.worktime import WorkTime
from tickets.models import Ticket
from tickets.models.sla import Metric, SlaPolicy, WarnUnit
from tickets.sla.clock import Terms

MINUTE = dt.timedelta(minutes=1)
UNLIMITED = Terms()


@dataclass(frozen=True, slots=True)
class Facts:
    """What policies ask about a ticket: the type's key, the priority, the customer's level."""

    type: str
    priority: int
    level: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """An active policy. Empty conditions fit everything."""

    id: uuid.UUID
    name: str
    types: frozenset[str]
    priorities: frozenset[int]
    levels: frozenset[str]
    terms: Mapping[Metric, Terms]

    def fits(self, facts: Facts) -> bool:
        """Whether it is for such a ticket."""
        return (
            (not self.types or facts.type in self.types)
            and (not self.priorities or facts.priority in self.priorities)
            and (not self.levels or facts.level in self.levels)
        )

    def covers(self, other: "Policy") -> bool:
        """Whether it fits everything that `other` fits."""
        pairs = (
            (self.types, other.types),
            (self.priorities, other.priorities),
            (self.levels, other.levels),
        )
        return all(not mine or (bool(theirs) and theirs <= mine) for mine, theirs in pairs)


@dataclass(frozen=True)
class Policies:
    """The active policies in their order, and the business times of calendars."""

    all: tuple[Policy, ...] = ()
    calendars: dict[uuid.UUID, BusinessHours] = field(default_factory=dict)

    def of(self, facts: Facts) -> Policy | None:
        """The first that fits."""
        return next((one for one in self.all if one.fits(facts)), None)

    def work(self, calendar: uuid.UUID | None) -> WorkTime:
        """The business time of a calendar; of one that is gone, round the clock."""
        if calendar is None:
            return ROUND_THE_CLOCK
        hours = self.calendars.get(calendar)
        if hours is None:  # of a policy that was changed or switched off since
            hours = BusinessHours.objects.filter(pk=calendar).first()
            if hours is None:
                return ROUND_THE_CLOCK
            self.calendars[calendar] = hours
        return WorkTime(schedule.plan_of(hours))


ROUND_THE_CLOCK = WorkTime(None)
_kept: tuple[float, Policies] = (0.0, Policies())


def current() -> Policies:
    """The policies as they were read at most `LIVE_KEPT` seconds ago."""
    global _kept
    expires, policies = _kept
    if expires <= time.monotonic():
        policies = read()
        _kept = time.monotonic() + settings.LINGXI["LIVE_KEPT"], policies
    return policies


def forget() -> None:
    """Read them again next time: they were changed here."""
    global _kept
    _kept = 0.0, Policies()


def read() -> Policies:
    """The policies as they stand in the database."""
    rows = list(SlaPolicy.objects.filter(is_active=True).select_related("calendar"))
    calendars = {row.calendar.pk: row.calendar for row in rows if row.calendar is not None}
    return Policies(tuple(compiled(row) for row in rows), calendars)


def compiled(row: SlaPolicy) -> Policy:
    """A row as a value."""
    return Policy(
        id=row.pk,
        name=row.name,
        types=frozenset(row.types),
        priorities=frozenset(row.priorities),
        levels=frozenset(row.levels),
        terms={metric: _terms(row, metric) for metric in Metric},
    )


def _terms(row: SlaPolicy, metric: Metric) -> Terms:
    minutes: int | None = getattr(row, metric)
    if minutes is None:
        return UNLIMITED
    target = minutes * MINUTE
    return Terms(target, _warning(row, target), row.calendar_id)


def _warning(row: SlaPolicy, target: dt.timedelta) -> dt.timedelta | None:
    """After how much business time it warns; nothing when that would be before the start."""
    if row.warn_before is None:
        return None
    is_share = row.warn_unit == WarnUnit.PERCENT
    before = target * row.warn_before / 100 if is_share else row.warn_before * MINUTE
    seconds = int((target - before).total_seconds())
    return dt.timedelta(seconds=seconds) if seconds > 0 else None


def terms_in(policy: Policy | None, metric: Metric) -> Terms:
    """What a policy asks for; without one nothing."""
    return UNLIMITED if policy is None else policy.terms[metric]


def facts_of(ticket: Ticket) -> Facts:
    """The facts of a ticket with its type and requester."""
    level = ticket.requester.level if ticket.requester is not None else ""
    return Facts(ticket.type.key, int(ticket.priority), level)


def shadowed(policy: Policy, earlier: Iterable[Policy]) -> Policy | None:
    """The first of `earlier` that takes everything `policy` is for: it never applies."""
    return next((one for one in earlier if one.covers(policy)), None)
