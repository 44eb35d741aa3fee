"""The active rules, and what they look at of a ticket."""

import datetime as dt
import time
import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings

from lingxi.errors import NeverOpen
from routing import schedule
from routing.worktime import WorkTime
from tickets.escalation.conditions import Facts, Rule
from tickets.models import EscalationRule, SlaClock, Ticket
from tickets.models.sla import ClockState

_kept: tuple[float, tuple[Rule, ...]] = (0.0, ())


def current() -> tuple[Rule, ...]:
    """The active rules as they were read at most `LIVE_KEPT` seconds ago."""
    global _kept
    expires, rules = _kept
    if expires <= time.monotonic():
        rules = read()
        _kept = time.monotonic() + settings.LINGXI["LIVE_KEPT"], rules
    return rules


def forget() -> None:
    """Read them again next time: they were changed here."""
    global _kept
    _kept = 0.0, ()


def read() -> tuple[Rule, ...]:
    """The active rules as they stand in the database."""
    rows = EscalationRule.objects.filter(is_active=True).select_related("calendar")
    return tuple(compiled(row) for row in rows.prefetch_related("types", "groups"))


def compiled(row: EscalationRule) -> Rule:
    """A row as a value."""
    return Rule(
        id=row.pk,
        name=row.name,
        types=frozenset(one.pk for one in row.types.all()),
        groups=frozenset(one.pk for one in row.groups.all()),
        min_priority=row.min_priority or 0,
        categories=frozenset(row.categories),
        age=_time(row.age_hours),
        silence=_time(row.silence_hours),
        calendar=row.calendar,
        sla=row.sla,
        urges=row.urges or 0,
    )


def _time(hours: Decimal | None) -> dt.timedelta | None:
    return None if hours is None else dt.timedelta(seconds=round(hours * 3600))


def due_of(rule: Rule, facts: Facts) -> dt.datetime | None:
    """As `Rule.due`, by the rule's calendar; never for one that does not open any more."""
    try:
        return rule.due(facts, _work(rule))
    except NeverOpen:
        return None


def _work(rule: Rule) -> WorkTime:
    return WorkTime(None if rule.calendar is None else schedule.plan_of(rule.calendar))


def facts_of(ticket: Ticket, *, is_warned: bool = False) -> Facts:
    """What rules see of a ticket."""
    return Facts(
        type=ticket.type_id,
        group=ticket.group_id,
        priority=int(ticket.priority),
        category=str(ticket.category),
        since=ticket.reopened_at or ticket.created_at,
        touched_at=ticket.touched_at,
        reopens=ticket.reopens,
        urges=ticket.urges,
        is_warned=is_warned,
        is_breached=ticket.is_breached,
        is_merged=ticket.merged_into_id is not None,
    )


def warned(tickets: Iterable[Ticket], rules: Iterable[Rule]) -> set[uuid.UUID]:
    """Which of these tickets were warned of by their SLA; asked only when a rule wants to know."""
    if not any(one.sla for one in rules):
        return set()
    rows = SlaClock.objects.filter(ticket__in=tickets, warned_at__isnull=False)
    rows = rows.exclude(state=ClockState.CANCELLED)
    return set(rows.values_list("ticket_id", flat=True))
