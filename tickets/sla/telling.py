"""Telling of warnings and breaches: timeline, events, notices. Each is told once, by its marks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
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


class What(StrEnum):
    """What a clock fires."""

    WARNING = "warning"
    BREACH = "breach"


EVENTS = {What.WARNING: "ticket.sla_warning", What.BREACH: "ticket.sla_breached"}


@dataclass(frozen=True, slots=True)
class Firing:
    """A warning or breach of a clock, at the instant it was due, however late it is noticed."""

    ticket: Ticket
    row: SlaClock
    what: What
    at: dt.datetime

    @property
    def label(self) -> str:
        """“首次响应”."""
        return Metric(self.row.metric).label


def firings_of(
    ticket: Ticket, row: SlaClock, warned: dt.datetime | None, breached: dt.datetime | None
) -> list[Firing]:
    """What `clock.fires` told of a row."""
    pairs = ((What.WARNING, warned), (What.BREACH, breached))
    return [Firing(ticket, row, what, at) for what, at in pairs if at is not None]


def tell(firings: Iterable[Firing]) -> None:
    """Write entries, events and notices, in the caller's transaction.

    The tickets come with type, group, assignee and the assignee's user.
    """
    told = list(firings)
    Entry.objects.bulk_create([_entry(one) for one in told])
    emit_many(_event(one) for one in told)
    _notify(told)


def details(firing: Firing) -> dict[str, Any]:
    """A firing as timeline and events have it; times in ISO, the target in minutes."""
    row = firing.row
    return {
        "metric": row.metric,
        "round": row.round,
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "target_minutes": row.target_seconds // 60 if row.target_seconds else None,
        "policy": row.policy.name if row.policy else "",
    }


def _entry(firing: Firing) -> Entry:
    data = {"what": str(firing.what), "label": firing.label, **details(firing)}
    return Entry(
        ticket=firing.ticket,
        revision=firing.ticket.revision,
        kind=EntryKind.SLA,
        data=data,
        created_at=firing.at,
        **by_columns(SYSTEM),
    )


def _event(firing: Firing) -> NewEvent:
    by = {"kind": str(SYSTEM.kind), "name": SYSTEM.name}
    return NewEvent(
        type=EVENTS[firing.what],
        customer_id=firing.ticket.requester_id,
        payload={**describe(firing.ticket), "by": by, **details(firing)},
        occurred_at=firing.at,
    )


def _notify(firings: list[Firing]) -> None:
    """The assignee and the group's supervisors; a warning that was overtaken is not worth a line."""
    late = {one.row.pk for one in firings if one.what == What.BREACH}
    leads: dict[Any, list[Any]] = {}
    lines: dict[str, list[Any]] = defaultdict(list)
    urls: dict[str, str] = {}
    for one in firings:
        if one.what == What.WARNING and one.row.pk in late:
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
    due = firing.row.due_at
    when = f"{timezone.localtime(due):%m-%d %H:%M}" if due else ""
    if firing.what == What.BREACH:
        return f"工单 {firing.ticket.reference} {firing.label}已超时（应于 {when} 前完成）"
    return f"工单 {firing.ticket.reference} {firing.label}即将超时（{when} 到期）"


def url_of(ticket: Ticket) -> str:
    """The ticket's page."""
    return f"/tickets/{ticket.reference}/"
