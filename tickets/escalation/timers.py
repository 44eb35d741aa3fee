"""Timers: when a rule is to be looked at for a ticket. They cost nothing until they are due.

A timer is a reason to look, never the decision: the sweep asks the rule again with the ticket
locked. So one that is too early does no harm; one that is too late must not be, which is why every
change of a ticket keeps its timers up, in the same transaction.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from lingxi.events.models import Event
from lingxi.events.subscribers import subscriber
from lingxi.ids import parse_id
from tickets.escalation.conditions import Facts, Rule
from tickets.escalation.rules import current, due_of, facts_of, warned
from tickets.models import EscalationRule, EscalationTimer, SlaMark, Ticket
from tickets.service.change import Change

LOOKED_AT = (
    "type_id",
    "group_id",
    "priority",
    "category",
    "reopens",
    "touched_at",
    "urges",
    "is_breached",
    "merged_into_id",
)
MARKS = {"ticket.sla_warning": [SlaMark.WARNING], "ticket.sla_breached": [*SlaMark]}


def on_change(change: Change) -> None:
    """Keep the ticket's timers up; a listener of the service, after those that change it."""
    rules = current()
    if not rules:
        return
    is_new = "created" in change.kinds
    change.after(lambda: _follow_change(change, rules, is_new))


def _follow_change(change: Change, rules: Sequence[Rule], is_new: bool) -> None:
    ticket = change.ticket
    if is_new:
        follow([ticket], rules, known=())
    elif any(getattr(ticket, name) != change.before[name] for name in LOOKED_AT):
        follow([ticket], rules)


@dataclass
class _Writes:
    """What is to be written."""

    new: list[EscalationTimer] = field(default_factory=list)
    moved: list[EscalationTimer] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    def save(self) -> None:
        """A statement for each kind. A timer that an event made meanwhile is taken over."""
        EscalationTimer.objects.bulk_create(
            self.new,
            update_conflicts=True,
            unique_fields=["ticket", "rule"],
            update_fields=["due_at"],
        )
        EscalationTimer.objects.bulk_update(self.moved, ["due_at"])
        if self.gone:
            EscalationTimer.objects.filter(pk__in=self.gone).delete()


def follow(
    tickets: Sequence[Ticket],
    rules: Sequence[Rule],
    known: Iterable[EscalationTimer] | None = None,
) -> None:
    """Put the timers of these locked tickets where the rules say; `known` spares the asking."""
    ids = [one.id for one in rules]
    if known is None:
        known = EscalationTimer.objects.filter(ticket__in=tickets, rule__in=ids)
    by_ticket: dict[uuid.UUID, dict[uuid.UUID, EscalationTimer]] = defaultdict(dict)
    for row in known:
        by_ticket[row.ticket_id][row.rule_id] = row
    were_warned = warned(tickets, rules)
    writes = _Writes()
    for ticket in tickets:
        facts = facts_of(ticket, is_warned=ticket.pk in were_warned)
        for rule in rules:
            _place(writes, ticket, rule, facts, by_ticket[ticket.pk].get(rule.id))
    writes.save()


def _place(
    writes: _Writes, ticket: Ticket, rule: Rule, facts: Facts, row: EscalationTimer | None
) -> None:
    has_fired = row is not None and row.fired == rule.episode(facts)
    due = None if has_fired else due_of(rule, facts)
    if row is None:
        if due is not None:
            writes.new.append(EscalationTimer(rule_id=rule.id, ticket=ticket, due_at=due))
    elif due is None and not row.fired:
        writes.gone.append(row.pk)
    elif row.due_at != due:
        row.due_at = due
        writes.moved.append(row)


@subscriber("tickets.escalation", types=MARKS)
def on_sla(events: list[Event]) -> None:
    """The SLA has warned or was breached: rules that wait for that are looked at now.

    Only timers are written, no ticket is locked: the relay holds other things. An event that comes
    twice has a rule looked at twice.
    """
    now = timezone.now()
    for mark, ids in _marked(events).items():
        rules = EscalationRule.objects.filter(is_active=True, sla=mark).values_list("pk", flat=True)
        _look_now(sorted(ids), sorted(rules), now)


def _marked(events: Iterable[Event]) -> dict[str, set[uuid.UUID]]:
    """Tickets by the mark that rules wait for."""
    found: dict[str, set[uuid.UUID]] = defaultdict(set)
    for event in events:
        ticket_id = parse_id(str(event.payload.get("ticket_id", "")))
        for mark in MARKS.get(event.type, ()) if ticket_id else ():
            found[str(mark)].add(ticket_id)  # type: ignore[arg-type]
    return found


def _look_now(tickets: list[uuid.UUID], rules: list[uuid.UUID], now: dt.datetime) -> None:
    there = Ticket.objects.filter(pk__in=tickets).values_list("pk", flat=True)
    EscalationTimer.objects.bulk_create(
        (
            EscalationTimer(rule_id=rule, ticket_id=ticket, due_at=now)
            for ticket in sorted(there)
            for rule in rules
        ),
        update_conflicts=True,
        unique_fields=["ticket", "rule"],
        update_fields=["due_at"],
    )
