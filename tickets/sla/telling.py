"""Telling of warnings and breaches: timeline, events, notices. Each is told once, by its marks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone

from conversations.notices import notify, supervisors_of_group
from lingxi.events.outbox import NewEvent, emit_many
from tickets.models import Entry, EntryKind, Ticket
from tickets.models.sla import Metric, SlaClock
from tickets.service.actors import SYSTEM
from tickets.service.change import by_columns, describe
from tickets.service.origin import NOWHERE, Origin, origins_of
from tickets.sla.clock import Clock, fires


class What(StrEnum):
    """What a clock fires."""

    WARNING = "warning"
    BREACH = "breach"


EVENTS = {What.WARNING: "ticket.sla_warning", What.BREACH: "ticket.sla_breached"}


@dataclass(frozen=True, slots=True)
class Firing:
    """A warning or breach of a clock, at the instant it was due, however late it is noticed.

    `details` is how timeline and events tell of it: times in ISO, the target in minutes.
    """

    ticket: Ticket
    clock_id: int
    what: What
    at: dt.datetime
    due_at: dt.datetime
    details: Mapping[str, Any]

    @property
    def label(self) -> str:
        """“首次响应”."""
        return Metric(self.details["metric"]).label


def firings_of(ticket: Ticket, row: SlaClock, clock: Clock, at: dt.datetime) -> list[Firing]:
    """What lies before `at` and has not been told of; `row` comes with its policy."""
    warned, breached = fires(clock, at)
    if clock.due_at is None or not (warned or breached):
        return []
    details = _details(row, clock.due_at)
    pairs = ((What.WARNING, warned), (What.BREACH, breached))
    return [
        Firing(ticket, row.pk, what, moment, clock.due_at, details)
        for what, moment in pairs
        if moment is not None
    ]


def _details(row: SlaClock, due_at: dt.datetime) -> dict[str, Any]:
    return {
        "metric": row.metric,
        "round": row.round,
        "due_at": due_at.isoformat(),
        "target_minutes": row.target_seconds // 60 if row.target_seconds else None,
        "policy": row.policy.name if row.policy else "",
    }


def tell(firings: Iterable[Firing]) -> None:
    """Write entries, events and notices, in the caller's transaction.

    The tickets come with type, group, assignee and the assignee's user.
    """
    told = list(firings)
    Entry.objects.bulk_create([_entry(one) for one in told])
    origins = origins_of({one.ticket.pk for one in told})
    emit_many(_event(one, origins.get(one.ticket.pk, NOWHERE)) for one in told)
    _notify(told)


def _entry(firing: Firing) -> Entry:
    data = {"what": str(firing.what), "label": firing.label, **firing.details}
    return Entry(
        ticket=firing.ticket,
        revision=firing.ticket.revision,
        kind=EntryKind.SLA,
        data=data,
        created_at=firing.at,
        **by_columns(SYSTEM),
    )


def _event(firing: Firing, origin: Origin) -> NewEvent:
    by = {"kind": str(SYSTEM.kind), "name": SYSTEM.name}
    return NewEvent(
        type=EVENTS[firing.what],
        conversation_id=origin.conversation_id,
        customer_id=firing.ticket.requester_id,
        channel=origin.channel,
        payload={**describe(firing.ticket), "by": by, **firing.details},
        occurred_at=firing.at,
    )


def _notify(firings: list[Firing]) -> None:
    """Assignee and supervisors of the group; of a breach, not of the warning it overtook."""
    late = {one.clock_id for one in firings if one.what == What.BREACH}
    leads: dict[Any, list[Any]] = {}
    lines: dict[str, list[Any]] = defaultdict(list)
    urls: dict[str, str] = {}
    for one in firings:
        if one.what == What.WARNING and one.clock_id in late:
            continue
        ticket = one.ticket
        if ticket.group_id not in leads:
            leads[ticket.group_id] = supervisors_of_group(ticket.group)
        text = _line(one)
        urls[text] = url_of(ticket)
        lines[text] += [*leads[ticket.group_id], *_assignees(ticket)]
    for text, users in lines.items():
        notify(users, text, urls[text])


def _assignees(ticket: Ticket) -> list[Any]:
    return [] if ticket.assignee is None else [ticket.assignee.user]


def _line(firing: Firing) -> str:
    when = f"{timezone.localtime(firing.due_at):%m-%d %H:%M}"
    if firing.what == What.BREACH:
        return f"工单 {firing.ticket.reference} {firing.label}已超时（应于 {when} 前完成）"
    return f"工单 {firing.ticket.reference} {firing.label}即将超时（{when} 到期）"


def url_of(ticket: Ticket) -> str:
    """The ticket's page."""
    return f"/tickets/{ticket.reference}/"
