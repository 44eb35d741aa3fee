"""Pulling transitions: the one place where a ticket's status changes."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from lingxi.errors import Forbidden, Invalid, TransitionNotAllowed
from tickets.models import ActorKind, Category, EntryKind, Ticket
from tickets.service import clock, hooks
from tickets.service.actors import By
from tickets.service.change import Change, change_of
from tickets.service.commenting import add_comment
from tickets.service.creating import may_see, refuse_merged
from tickets.service.editing import apply
from tickets.workflow import Transition
from tickets.workflows import workflow_of

Said = Mapping[str, Any]
DONE = (Category.RESOLVED, Category.CLOSED)


def transitions_for(ticket: Ticket, by: By) -> list[Transition]:
    """What this person may pull now; what needs an approval counts."""
    if ticket.merged_into_id is not None:
        return []
    relations, role = set(by.relations(ticket)), by.role
    leaving = workflow_of(ticket).leaving(ticket.status)
    if by.customer is not None and not _may_reopen(ticket):
        leaving = [one for one in leaving if ticket.category not in DONE]
    return [one for one in leaving if one.allows(role, relations)]


def move(
    ticket_id: uuid.UUID,
    transition: str,
    by: By,
    said: Said | None = None,
    *,
    comment: str = "",
    is_public: bool = False,
    revision: int | None = None,
    approved: bool = False,
) -> Ticket:
    """Pull `transition`, by its key, writing `said` (see `editing.edit`) and a comment with it.

    A transition with an approval chain asks for the approval instead, and the ticket stays where
    it is until it is given; `approved` says that it was. Raises `TransitionNotAllowed` when the
    workflow has no such step from here, `Forbidden` for those it is not left to, `Invalid` with
    the fields that are required then, `Conflict` for an old `revision`, `NotFound`.
    """
    by.check("tickets.edit")
    may_see(ticket_id, by)
    with change_of(ticket_id, by, revision=revision) as change:
        refuse_merged(change.ticket)
        step = _step(change.ticket, transition, by)
        _check_reopening(change.ticket, by)
        apply(change, said or {}, step.required)
        if step.needs_comment and not approved and not comment.strip():
            raise Invalid("请填写说明", fields={"comment": ["必填"]})
        hooks.ask_guards(change, workflow_of(change.ticket).status(step.to))
        if not approved and _waits(change, step, comment, is_public):
            return change.ticket
        if comment.strip():
            add_comment(change, comment, is_public=is_public)
        pull(change, step)
    return change.ticket


def _waits(change: Change, step: Transition, comment: str, is_public: bool) -> bool:
    """Whether an approval was asked for; what was said then waits for it too."""
    from tickets.approval import begin

    if not step.approval or change.by.kind == ActorKind.SYSTEM:
        return False
    return begin(change, step, comment, is_public=is_public)


def _step(ticket: Ticket, key: str, by: By) -> Transition:
    workflow = workflow_of(ticket)
    step = workflow.transitions.get(key)
    if step is None or not step.leaves(ticket.status):
        here = workflow.status(ticket.status).name
        raise TransitionNotAllowed(f"“{here}”状态下不能执行此操作")
    if by.kind != ActorKind.SYSTEM and not step.allows(by.role, by.relations(ticket)):
        raise Forbidden(f"你不能执行“{step.name}”")
    return step


def pull(change: Change, step: Transition) -> None:
    """Put the ticket into the status `step` leads to, inside an open change."""
    ticket = change.ticket
    status = workflow_of(ticket).status(step.to)
    was_done = ticket.category in DONE
    change.set("status", status.key, "status")
    before, ticket.category = ticket.category, status.category
    _set_times(change, was_done)
    change.touch()
    data = {
        "transition": step.name,
        "changes": change.changes,
        "category": {"from": str(before), "to": str(status.category)},
    }
    change.entry(EntryKind.STATUS, data, is_public=True)
    if status.category == Category.RESOLVED:
        change.event("ticket.resolved", {"reopens": ticket.reopens})
    elif status.category == Category.CLOSED:
        change.event("ticket.closed")


def _set_times(change: Change, was_done: bool) -> None:
    ticket = change.ticket
    days = ticket.type.close_after_days
    if ticket.category == Category.RESOLVED:
        ticket.resolved_at, ticket.closed_at = change.at, None
        ticket.close_due_at = change.at + dt.timedelta(days=days) if days else None
    elif ticket.category == Category.CLOSED:
        ticket.closed_at, ticket.close_due_at = change.at, None
        ticket.resolved_at = ticket.resolved_at or change.at
    elif was_done:
        ticket.resolved_at = ticket.closed_at = ticket.close_due_at = None
        ticket.reopens += 1
        ticket.reopened_at = change.at
        change.kinds.add("reopened")


def _check_reopening(ticket: Ticket, by: By) -> None:
    if by.customer is not None and ticket.category in DONE and not _may_reopen(ticket):
        raise Forbidden("已超过可重新打开的期限，请提交新工单")


def _may_reopen(ticket: Ticket) -> bool:
    since, days = ticket.resolved_at, ticket.type.reopen_days
    return since is not None and clock.now() - since <= dt.timedelta(days=days)
