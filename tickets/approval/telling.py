"""Telling of a request: timeline, events, notices and the audit log."""

from collections.abc import Iterable
from typing import Any

from auditlog.models import LogEntry

from conversations.notices import notify
from tickets.models import Approval, ApprovalStep, EntryKind, Ticket
from tickets.service.change import Change
from tickets.workflows import workflow_of

PAGE = "/tickets/approvals/"


def name_of(user: Any) -> str:
    """What a person is called."""
    return user.first_name or user.get_username()


def transition_name(approval: Approval, ticket: Ticket) -> str:
    """What is asked for, in words."""
    step = workflow_of(ticket).transitions.get(approval.transition)
    return step.name if step else approval.transition


def entry(change: Change, approval: Approval, what: str, text: str, **more: Any) -> None:
    """A line in the timeline; `text` is its sentence, `what` names what happened."""
    data = {"what": what, "text": text, "approval": str(approval.pk), **more}
    change.entry(
        EntryKind.APPROVAL,
        {**data, "transition": transition_name(approval, change.ticket)},
    )


def asked(change: Change, approval: Approval, step: ApprovalStep, people: Iterable[Any]) -> None:
    """A step has begun, or more people were asked in it."""
    asked_now = list(people)
    payload = {
        **about(change, approval, step),
        "approvers": [{"id": user.pk, "name": name_of(user)} for user in asked_now],
    }
    # After what led here: the answer to the step before is told first.
    change.after(lambda: change.event("ticket.approval_requested", payload))
    what = f"{change.ticket.reference} {transition_name(approval, change.ticket)}"
    asker = approval.asked_name or "系统"
    notify(asked_now, f"{asker} 的“{what}”等待你审批", PAGE)


def decided(
    change: Change, approval: Approval, decision: str, step: ApprovalStep | None, reason: str
) -> None:
    """Somebody, or a time-out, has decided; `approval.state` says what became of the request."""
    payload = {**about(change, approval, step), "decision": decision, "reason": reason}
    change.event("ticket.approval_decided", payload)
    actor = change.by.user
    LogEntry.objects.log_create(
        approval,
        action=LogEntry.Action.UPDATE,
        changes={"state": ["pending", str(approval.state)]},
        actor=actor,
        additional_data={
            "decision": decision,
            "step": step.name if step else "",
            "reason": reason,
            "ticket": change.ticket.reference,
        },
    )


def about(change: Change, approval: Approval, step: ApprovalStep | None) -> dict[str, Any]:
    """A request as events have it."""
    return {
        "approval_id": str(approval.pk),
        "transition": approval.transition,
        "step": step.name if step else "",
        "state": str(approval.state),
        "asked_by": approval.asked_name,
    }


def tell_asker(change: Change, approval: Approval, text: str) -> None:
    """A notice to who asked, unless they did it themselves."""
    asker = approval.asked_by
    if asker is None or (change.by.user is not None and change.by.user.pk == asker.pk):
        return
    what = f"{change.ticket.reference} {transition_name(approval, change.ticket)}"
    notify([asker], f"“{what}”{text}", f"/tickets/{change.ticket.reference}/")


def tell_asked(change: Change, step: ApprovalStep, users: Iterable[Any], text: str) -> None:
    """A notice to those who were asked, without the one who acts."""
    actor = change.by.user
    others = [user for user in users if actor is None or user.pk != actor.pk]
    what = f"{change.ticket.reference} {transition_name(step.approval, change.ticket)}"
    notify(others, f"“{what}”{text}", PAGE)
