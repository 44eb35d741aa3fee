"""催办: the customer or a colleague asks for a ticket to be seen to."""

import datetime as dt
import uuid
from typing import Any

from django.conf import settings

from conversations.notices import notify, supervisors_of_group
from lingxi.errors import Conflict, Forbidden, RateLimited
from tickets.models import Category, EntryKind, Ticket, Urge
from tickets.service.actors import By
from tickets.service.change import Change, by_columns, change_of
from tickets.service.creating import checked_text, may_see, refuse_merged

MAX_TEXT = 500
DAY = dt.timedelta(days=1)


def urge(ticket_id: uuid.UUID, by: By, text: str = "") -> Urge:
    """Urge for a ticket. Each person may so often for one ticket: once in `URGE_EVERY` seconds and
    `URGE_PER_DAY` times in 24 hours (settings `LINGXI`).

    Raises `RateLimited` with `retry_after` beyond that, `Conflict` for a resolved ticket,
    `TooLong`, `NotFound`, `Forbidden`.
    """
    by.check("tickets.comment")
    if by.user is None and by.customer is None:
        raise Forbidden("只有客户和员工可以催办")
    may_see(ticket_id, by)
    said = checked_text(text, MAX_TEXT, "text")
    with change_of(ticket_id, by) as change:
        refuse_merged(change.ticket)
        if change.ticket.category in (Category.RESOLVED, Category.CLOSED):
            raise Conflict("工单已解决，无需催办")
        _refuse_haste(change)
        return _add(change, said)


def wait_of(ticket: Ticket, by: By, now: dt.datetime) -> float:
    """In how many seconds this person may urge for it; 0 when now."""
    limits = settings.LINGXI
    recent = Urge.objects.filter(ticket=ticket, created_at__gt=now - DAY, **_who(by))
    times = list(recent.order_by("-created_at").values_list("created_at", flat=True))
    waits = [0.0]
    if times:
        every = dt.timedelta(seconds=limits["URGE_EVERY"])
        waits.append((times[0] + every - now).total_seconds())
    if len(times) >= limits["URGE_PER_DAY"]:
        frees = times[limits["URGE_PER_DAY"] - 1] + DAY
        waits.append((frees - now).total_seconds())
    return max(waits)


def _who(by: By) -> dict[str, Any]:
    return {"user": by.user} if by.user is not None else {"customer": by.customer}


def _refuse_haste(change: Change) -> None:
    """Counted from the rows, with the ticket locked: two at once are one after the other."""
    wait = wait_of(change.ticket, change.by, change.at)
    if wait > 0:
        raise RateLimited("已催办过，请稍后再试", retry_after=max(1, round(wait)))


def _add(change: Change, text: str) -> Urge:
    ticket = change.ticket
    row = Urge.objects.create(
        ticket=ticket, text=text, created_at=change.at, **by_columns(change.by)
    )
    ticket.urges += 1
    change.kinds.add("urged")
    said = f"催办（第 {ticket.urges} 次）"
    data = {"text": f"{said}：{text}" if text else said, "count": ticket.urges}
    # What colleagues say to each other is not for the customer.
    change.entry(EntryKind.URGED, data, is_public=change.by.user is None or not text)
    change.event("ticket.urged", {"urge_id": str(row.pk), "count": ticket.urges, "text": text})
    people = supervisors_of_group(ticket.group)
    if ticket.assignee is not None:
        people = [ticket.assignee.user]
    actor = change.by.user
    others = [one for one in people if actor is None or one.pk != actor.pk]
    line = f"{change.by.name} 催办工单 {ticket.reference}（第 {ticket.urges} 次）"
    notify(others, line, f"/tickets/{ticket.reference}/")
    return row
