"""The sweep of escalation: what is due is looked at with the ticket locked, and done once.

The mark that a rule has fired and what it does are one transaction. A kill undoes both, a second
sweep passes over tickets that the first is at, and after a downtime the timers are still there.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from lingxi.sweeps import attempt
from tickets.escalation.acting import act
from tickets.escalation.rules import compiled, due_of, facts_of, warned
from tickets.locking import lock_if_free
from tickets.models import EscalationTimer, Ticket

MOST = 500  # of one sweep


def sweep(now: dt.datetime | None = None) -> int:
    """Fire what is due; how many rules did."""
    at = now or timezone.now()
    due = EscalationTimer.objects.filter(due_at__lte=at).order_by("due_at")
    found = list(due.values_list("pk", "ticket_id")[:MOST])
    return sum(attempt(fire, pk, ticket_id, at) for pk, ticket_id in found)


@transaction.atomic
def fire(timer_id: int, ticket_id: uuid.UUID, at: dt.datetime) -> int:
    """Look at one timer: 1 when its rule fired, 0 when it does not hold, or somebody else is at it.

    A timer that was too early is set to the right time.
    """
    if not lock_if_free(ticket_id):
        return 0
    timers = EscalationTimer.objects.select_related("rule__calendar", "rule__to_group")
    timer = timers.filter(pk=timer_id, due_at__lte=at).first()
    if timer is None:
        return 0
    ticket = Ticket.objects.get(pk=ticket_id)
    rule = compiled(timer.rule)
    facts = facts_of(ticket, is_warned=bool(warned([ticket], [rule])))
    due = due_of(rule, facts) if timer.rule.is_active else None
    episode = rule.episode(facts)
    if due is None or timer.fired == episode or due > at:
        timer.due_at = due if due is not None and timer.fired != episode else None
        timer.save(update_fields=["due_at"])
        return 0
    timer.due_at, timer.fired, timer.fired_at = None, episode, at
    timer.save(update_fields=["due_at", "fired", "fired_at"])
    act(timer.rule, ticket_id, at)
    return 1
