"""Resolved tickets are closed when nobody has reopened them for the days their type says."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from lingxi.errors import LingxiError
from lingxi.sweeps import attempt
from tickets.locking import lock_if_free
from tickets.models import Category, Ticket
from tickets.service.actors import By
from tickets.service.change import change_of
from tickets.service.moving import move
from tickets.workflow import Transition
from tickets.workflows import workflow_of

MOST = 500  # of one sweep
BY = By.rule("自动关闭")
AGAIN = dt.timedelta(days=1)  # after something stood against it


def sweep(now: dt.datetime | None = None) -> int:
    """Close what is due; how many."""
    at = now or timezone.now()
    due = Ticket.objects.filter(category=Category.RESOLVED, close_due_at__lte=at)
    found = list(due.order_by("close_due_at").values_list("pk", flat=True)[:MOST])
    return sum(attempt(close, pk, at) for pk in found)


@transaction.atomic
def close(ticket_id: uuid.UUID, at: dt.datetime) -> int:
    """Close one; 0 when somebody else is at it, or it is not to be closed any more.

    Where the workflow leaves it to no rule it stays resolved; where something else stands against
    it, it is tried again a day later.
    """
    if not lock_if_free(ticket_id):
        return 0
    rows = Ticket.objects.filter(category=Category.RESOLVED, close_due_at__lte=at)
    ticket = rows.filter(pk=ticket_id).first()
    if ticket is None:
        return 0
    step = _step(ticket)
    if step is None:
        _put_off(ticket_id, None)
        return 0
    try:
        move(ticket_id, step.key, BY)
    except LingxiError:
        _put_off(ticket_id, at + AGAIN)
        return 0
    return 1


def _step(ticket: Ticket) -> Transition | None:
    """The first way to a closed status that rules may take, and that asks for nobody's word."""
    workflow = workflow_of(ticket)
    ways = (
        one
        for one in workflow.leaving(ticket.status)
        if workflow.status(one.to).category == Category.CLOSED and one.allows("", {"rule"})
    )
    return next((one for one in ways if not one.approval and not one.needs_comment), None)


def _put_off(ticket_id: uuid.UUID, until: dt.datetime | None) -> None:
    with change_of(ticket_id, BY) as change:
        change.ticket.close_due_at = until
