"""督办: a leader orders something to be done about a ticket, by a deadline, and is answered.

While an order is open the ticket is listed as supervised, and can be neither resolved nor closed.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.notices import notify, supervisors_of_group
from lingxi.errors import Conflict, Forbidden, Invalid, NotFound
from lingxi.sweeps import attempt
from routing.models import Agent
from tickets.locking import lock_if_free
from tickets.models import (
    Category,
    EntryKind,
    OrderState,
    SupervisionOrder,
    Ticket,
)
from tickets.service import hooks
from tickets.service.actors import By
from tickets.service.change import Change, change_of
from tickets.service.creating import checked_text, may_see, refuse_merged
from tickets.workflow import Status

MAX_TEXT = 2000
MOST_DAYS = 366
MOST = 200  # of one sweep
DONE = (Category.RESOLVED, Category.CLOSED)
BY = By.rule("督办")


def order(ticket_id: uuid.UUID, by: By, text: str, due_at: dt.datetime) -> SupervisionOrder:
    """Order something; `due_at` lies ahead. Raises `Invalid`, `Conflict` for a resolved ticket,
    `NotFound`, `Forbidden`.
    """
    by.check("tickets.supervise")
    may_see(ticket_id, by)
    with change_of(ticket_id, by) as change:
        refuse_merged(change.ticket)
        return add(change, text, due_at)


def add(change: Change, text: str, due_at: dt.datetime) -> SupervisionOrder:
    """The same inside an open change, as rules do it."""
    ticket, by = change.ticket, change.by
    said = checked_text(text, MAX_TEXT, "text")
    if not said:
        raise Invalid("请填写督办要求", fields={"text": ["必填"]})
    if not change.at < due_at <= change.at + dt.timedelta(days=MOST_DAYS):
        raise Invalid("期限应在一年之内，且晚于现在", fields={"due_at": ["应晚于现在"]})
    if ticket.category in DONE:
        raise Conflict("工单已解决，不能督办")
    row = SupervisionOrder.objects.create(
        ticket=ticket,
        text=said,
        due_at=due_at,
        ordered_by=by.user,
        ordered_name=by.name[:80],
        created_at=change.at,
    )
    _tell(change, row, "ordered", f"督办：{said}")
    change.event("ticket.supervised", _about(row))
    due = f"{timezone.localtime(due_at):%m-%d %H:%M}"
    notify(
        _workers(ticket), f"{by.name} 督办工单 {ticket.reference}，请在 {due} 前回复", _url(ticket)
    )
    return row


def answer(order_id: uuid.UUID, by: By, text: str) -> SupervisionOrder:
    """Answer an order, by whoever may work on the ticket. Raises `Invalid`, `NotFound`,
    `Forbidden`, and `Conflict` for one that is over.
    """
    by.check("tickets.edit")
    said = checked_text(text, MAX_TEXT, "text")
    if not said:
        raise Invalid("请填写回复", fields={"text": ["必填"]})
    with change_of(_ticket_of(order_id, by), by) as change:
        row = _open(order_id)
        _end(change, row, OrderState.ANSWERED, said)
        _tell(change, row, "answered", f"回复督办：{said}")
        change.event("ticket.supervised", {**_about(row), "answer": said})
        change.touch()
        text = f"工单 {change.ticket.reference} 的督办已回复"
        notify(_without(_ordering(row), by.user), text, _url(change.ticket))
    return row


def withdraw(order_id: uuid.UUID, by: By) -> SupervisionOrder:
    """Take an order back: who gave it, or any leader for those of rules. Raises as `answer`."""
    by.check("tickets.supervise")
    with change_of(_ticket_of(order_id, by), by) as change:
        row = _open(order_id)
        if by.user is not None and row.ordered_by_id not in (None, by.user.pk):
            raise Forbidden("只有下达人可以撤回督办")
        _end(change, row, OrderState.WITHDRAWN, "")
        _tell(change, row, "withdrawn", "撤回督办")
        change.event("ticket.supervised", _about(row))
    return row


def orders_of(ticket: Ticket) -> list[SupervisionOrder]:
    """The orders on a ticket, open ones first, then the latest."""
    rows = list(ticket.orders.select_related("answered_by").order_by("-created_at"))
    return sorted(rows, key=lambda one: not one.is_open)


def sweep(now: dt.datetime | None = None) -> int:
    """Tell of orders that were not answered in time, each once; of how many."""
    at = now or timezone.now()
    due = SupervisionOrder.objects.filter(
        state=OrderState.OPEN, overdue_at=None, due_at__lte=at
    ).order_by("due_at")
    found = list(due.values_list("pk", "ticket_id")[:MOST])
    return sum(attempt(miss, pk, ticket_id, at) for pk, ticket_id in found)


@transaction.atomic
def miss(order_id: uuid.UUID, ticket_id: uuid.UUID, at: dt.datetime) -> int:
    """Note that one is overdue; 0 when somebody else is at the ticket or was faster."""
    if not lock_if_free(ticket_id):
        return 0
    rows = SupervisionOrder.objects.select_related("ordered_by")
    row = rows.filter(pk=order_id, state=OrderState.OPEN, overdue_at=None).first()
    if row is None:
        return 0
    with change_of(ticket_id, BY, at=at) as change:
        row.overdue_at = at
        row.save(update_fields=["overdue_at"])
        _tell(change, row, "overdue", "督办逾期未回复")
        change.event("ticket.supervised", _about(row))
        ticket = change.ticket
        people = [*_ordering(row, ticket), *_workers(ticket)]
        notify(people, f"工单 {ticket.reference} 的督办逾期未回复", _url(ticket))
    return 1


def refuse_unanswered(change: Change, status: Status) -> None:
    """A guard of transitions: what is supervised is answered before it is done with."""
    if status.category not in DONE or change.ticket.category in DONE:
        return
    if change.ticket.orders.filter(state=OrderState.OPEN).exists():
        raise Conflict("请先回复督办", fields={"supervision": ["有未回复的督办"]})


def on_change(change: Change) -> None:
    """A listener: orders on a ticket that was merged into another are over."""
    ticket = change.ticket
    if ticket.merged_into_id is None or change.before["merged_into_id"] is not None:
        return
    for row in SupervisionOrder.objects.filter(ticket=ticket, state=OrderState.OPEN):
        _end(change, row, OrderState.WITHDRAWN, "工单已合并")


def register() -> None:
    """Called once, when the app is ready."""
    hooks.guard(refuse_unanswered)
    hooks.listen(on_change)


def _ticket_of(order_id: uuid.UUID, by: By) -> uuid.UUID:
    rows = SupervisionOrder.objects.filter(pk=order_id)
    if by.user is not None:
        rows = rows & SupervisionOrder.objects.visible_to(by.user)
    ticket_id = rows.values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound("督办不存在，或你无权查看")
    return ticket_id


def _open(order_id: uuid.UUID) -> SupervisionOrder:
    """The order, as it is with the ticket locked."""
    row = SupervisionOrder.objects.select_related("ordered_by").get(pk=order_id)
    if not row.is_open:
        raise Conflict(f"该督办{row.get_state_display()}")
    return row


def _end(change: Change, row: SupervisionOrder, state: OrderState, answer: str) -> None:
    row.state, row.answer, row.ended_at = state, answer, change.at
    row.answered_by = change.by.user if state == OrderState.ANSWERED else None
    row.save(update_fields=["state", "answer", "ended_at", "answered_by"])


def _tell(change: Change, row: SupervisionOrder, what: str, text: str) -> None:
    data = {"what": what, "text": text, "order": str(row.pk), "due_at": row.due_at.isoformat()}
    change.entry(EntryKind.SUPERVISED, data)


def _about(row: SupervisionOrder) -> dict[str, Any]:
    """An order as events have it."""
    return {
        "order_id": str(row.pk),
        "text": row.text,
        "due_at": row.due_at.isoformat(),
        "state": "overdue" if row.is_open and row.overdue_at else str(row.state),
        "ordered_by": row.ordered_name,
    }


def _workers(ticket: Ticket) -> list[Any]:
    """Who has to answer: the assignee; without one, the agents of the group."""
    if ticket.assignee is not None:
        return [ticket.assignee.user]
    members = Agent.objects.filter(groups=ticket.group_id, user__is_active=True)
    return [one.user for one in members.select_related("user")]


def _ordering(row: SupervisionOrder, ticket: Ticket | None = None) -> list[Any]:
    """Who gave the order; for one of a rule those who answer for the group."""
    if row.ordered_by is not None:
        return [row.ordered_by]
    return supervisors_of_group((ticket or row.ticket).group)


def _without(people: Iterable[Any], user: Any) -> list[Any]:
    return [one for one in people if user is None or one.pk != user.pk]


def _url(ticket: Ticket) -> str:
    return f"/tickets/{ticket.reference}/"
