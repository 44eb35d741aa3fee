"""Warnings and breaches at their minute, and later after a downtime, each once.

The sweep asks two partial indexes for what is due and touches nothing else, so that it costs by
what is due. It locks the tickets it tells of; one that somebody else holds is left to them or to
the next sweep, and a second sweep passes over what the first is at. A kill undoes a batch whole.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lingxi.sweeps import attempt
from tickets.models import Ticket
from tickets.models.sla import ClockState, SlaClock
from tickets.sla.clock import fired
from tickets.sla.rows import columns, value_of
from tickets.sla.telling import What, firings_of, tell

BATCH, MOST = 100, 5000  # tickets in one transaction; clocks in one sweep, of warnings and breaches
MARKS = ("state", "warned_at", "breached_at")


def sweep(now: dt.datetime | None = None) -> int:
    """Tell of what was due before `now`; of how many tickets."""
    at = now or timezone.now()
    ids = due(at)
    batches = [ids[first : first + BATCH] for first in range(0, len(ids), BATCH)]
    return sum(_attempt(batch, at) for batch in batches)


def due(at: dt.datetime) -> list[uuid.UUID]:
    """Tickets with something to be told of, by id."""
    running = SlaClock.objects.filter(state=ClockState.RUNNING)
    late = running.filter(due_at__lt=at).order_by("due_at")
    soon = running.filter(warned_at=None, warn_at__lt=at).order_by("warn_at")
    return sorted(
        {pk for rows in (late, soon) for pk in rows.values_list("ticket", flat=True)[:MOST]}
    )


def _attempt(ids: Sequence[uuid.UUID], at: dt.datetime) -> int:
    """A batch; when that fails each ticket by itself, so that one does not hold up the others."""
    done = attempt(fire, ids, at)
    return done or (sum(attempt(fire, [one], at) for one in ids) if len(ids) > 1 else 0)


@transaction.atomic
def fire(ids: Sequence[uuid.UUID], at: dt.datetime) -> int:
    """Tell of what is due on these tickets, but for those that are held; how many it were."""
    tickets = Ticket.objects.select_related("type", "group", "assignee__user")
    locked = tickets.select_for_update(of=("self",), no_key=True, skip_locked=True)
    held = {one.pk: one for one in locked.filter(pk__in=ids).order_by("pk")}
    running = SlaClock.objects.filter(ticket__in=held, state=ClockState.RUNNING)
    is_due = Q(due_at__lt=at) | Q(warned_at=None, warn_at__lt=at)
    firings = []
    changed = list(running.filter(is_due).select_related("policy").order_by("due_at", "pk"))
    for row in changed:
        clock = value_of(row)
        firings += firings_of(held[row.ticket_id], row, clock, at)
        marks = columns(fired(clock, at))
        for name in MARKS:
            setattr(row, name, marks[name])
    SlaClock.objects.bulk_update(changed, MARKS)
    late = {one.ticket.pk for one in firings if one.what == What.BREACH}
    Ticket.objects.filter(pk__in=late).update(is_breached=True)
    tell(firings)
    return len({one.ticket.pk for one in firings})
