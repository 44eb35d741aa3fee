"""Requests as one person sees them; every text is masked for them already."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from conversations.workbench.rows import display_name
from lingxi.access.masking import for_viewer, sees_plain
from lingxi.access.permissions import can
from lingxi.fields.showing import ShownField
from tickets.approval import telling
from tickets.approval.chain import asked_fields
from tickets.forms import form_of_ticket
from tickets.models import (
    Approval,
    ApprovalAnswer,
    ApprovalState,
    ApprovalStep,
    Priority,
    Ticket,
)
from tickets.service.change import RELATED
from tickets.workflows import workflow_of

MOST_FIELDS = 8
CHIPS = {
    "pending": "warn",
    "approved": "ok",
    "rejected": "danger",
    "returned": "warn",
    "asked": "info",
}


@dataclass(slots=True)
class ShownAnswer:
    """What one person asked has said."""

    name: str
    state: str
    label: str
    reason: str
    at: dt.datetime | None
    delegated_by: str
    is_escalated: bool

    @property
    def chip(self) -> str:
        """The colour of its state."""
        return CHIPS.get(self.state, "")


@dataclass(slots=True)
class ShownStep:
    """A step with its answers. `due_at`: when it runs out of time."""

    name: str
    state: str
    label: str
    needs_all: bool
    due_at: dt.datetime | None
    answers: list[ShownAnswer]


@dataclass(slots=True)
class ShownApproval:
    """A request. `may_decide`: the person is asked now; `steps` tell its history."""

    id: uuid.UUID
    transition: str
    state: str
    label: str
    reason: str
    outcome: str
    asked_by: str
    asked_at: dt.datetime
    ended_at: dt.datetime | None
    steps: list[ShownStep]
    may_decide: bool
    may_withdraw: bool
    ticket: "ShownTicket | None" = None

    @property
    def chip(self) -> str:
        """The colour of its state."""
        return CHIPS.get(self.state, "")

    @property
    def is_pending(self) -> bool:
        """Whether it is not over."""
        return self.state == ApprovalState.PENDING


@dataclass(slots=True)
class ShownTicket:
    """What an approver has to know of the ticket."""

    reference: str
    title: str
    type: str
    status: str
    category: str
    priority: str
    priority_rank: int
    requester: str
    assignee: str
    group: str
    fields: list[ShownField] = field(default_factory=list)


def approvals_of(ticket: Ticket, user: Any) -> list[ShownApproval]:
    """The requests of a ticket that the person may see, the latest first; 3 queries at most."""
    rows = Approval.objects.filter(ticket=ticket).order_by("-created_at")
    return [shown(row, ticket, user) for row in _with_steps(rows)]


def shown_list(rows: Any, user: Any) -> list[ShownApproval]:
    """Requests of several tickets, each with its ticket; constant queries."""
    related = (f"ticket__{name}" for name in RELATED)
    found = []
    for row in _with_steps(rows.select_related("ticket", *related)):
        one = shown(row, row.ticket, user)
        one.ticket = _ticket(row, user)
        found.append(one)
    return found


def _with_steps(rows: Any) -> Any:
    return rows.select_related("asked_by").prefetch_related(
        "steps__answers__user", "steps__answers__delegated_by"
    )


def shown(approval: Approval, ticket: Ticket, user: Any) -> ShownApproval:
    """One request."""
    is_pending = approval.state == ApprovalState.PENDING
    may_answer = is_pending and can(user, "tickets.approve")
    steps = list(approval.steps.all())
    return ShownApproval(
        id=approval.pk,
        transition=telling.transition_name(approval, ticket),
        state=str(approval.state),
        label=approval.get_state_display(),
        reason=for_viewer(user, approval.reason),
        outcome=for_viewer(user, approval.outcome),
        asked_by=approval.asked_name or "系统",
        asked_at=approval.created_at,
        ended_at=approval.decided_at,
        steps=[_step(one, user) for one in steps],
        may_decide=may_answer and any(_is_asked(one, user) for one in steps),
        may_withdraw=may_answer and approval.asked_by_id == user.pk,
    )


def _is_asked(step: ApprovalStep, user: Any) -> bool:
    asked = ApprovalAnswer.State.ASKED
    return step.state == ApprovalState.PENDING and any(
        one.user_id == user.pk and one.state == asked for one in step.answers.all()
    )


def _step(step: ApprovalStep, user: Any) -> ShownStep:
    answers = sorted(step.answers.all(), key=lambda one: (one.asked_at, one.pk))
    return ShownStep(
        name=step.name,
        state=str(step.state),
        label=step.get_state_display(),
        needs_all=step.needs_all,
        due_at=step.due_at,
        answers=[_answer(one, user) for one in answers],
    )


def _answer(answer: ApprovalAnswer, user: Any) -> ShownAnswer:
    return ShownAnswer(
        name=telling.name_of(answer.user),
        state=str(answer.state),
        label=answer.get_state_display(),
        reason=for_viewer(user, answer.reason),
        at=answer.answered_at,
        delegated_by=telling.name_of(answer.delegated_by) if answer.delegated_by else "",
        is_escalated=answer.is_escalated,
    )


def _ticket(approval: Approval, user: Any) -> ShownTicket:
    ticket = approval.ticket
    status = workflow_of(ticket).status(ticket.status)
    requester = ticket.requester
    name = display_name(requester.name, requester.pk, plain=sees_plain(user)) if requester else ""
    return ShownTicket(
        reference=ticket.reference,
        title=for_viewer(user, ticket.title),
        type=ticket.type.name,
        status=status.name,
        category=str(ticket.category),
        priority=str(Priority(ticket.priority).label),
        priority_rank=int(ticket.priority),
        requester=name,
        assignee=ticket.assignee.name if ticket.assignee else "",
        group=ticket.group.name,
        fields=_fields(approval, user),
    )


def _fields(approval: Approval, user: Any) -> list[ShownField]:
    """What the chain asks about, what the transition requires, and all amounts; else the first."""
    ticket = approval.ticket
    form = form_of_ticket(ticket)
    if form is None:
        return []
    step = workflow_of(ticket).transitions.get(approval.transition)
    keys = {*asked_fields(approval.chain), *(step.required if step else ())}
    given = [one for one in form.shown(ticket.fields, user) if one.text]
    return list(_telling(given, keys))[:MOST_FIELDS] or given[:MOST_FIELDS]


def _telling(given: Iterable[ShownField], keys: set[str]) -> Iterable[ShownField]:
    return (one for one in given if one.key in keys or one.type == "money")
