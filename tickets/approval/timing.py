"""Steps that nobody answered in time: remind, ask those above, reject or approve."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from lingxi.sweeps import attempt
from tickets.approval import people, telling
from tickets.approval.asking import ask, end, go_on
from tickets.approval.chain import Step
from tickets.approval.deciding import close, pull
from tickets.locking import lock_if_free
from tickets.models import ApprovalAnswer, ApprovalState, ApprovalStep
from tickets.service.actors import By
from tickets.service.change import Change, change_of

MOST = 200  # of one sweep
BY = By.rule("审批超时")
ASKED = ApprovalAnswer.State.ASKED


def sweep(now: dt.datetime | None = None) -> int:
    """Do what is due; of how many steps."""
    at = now or timezone.now()
    due = ApprovalStep.objects.filter(state=ApprovalState.PENDING, due_at__lte=at)
    found = list(due.order_by("due_at").values_list("pk", "approval__ticket_id")[:MOST])
    return sum(attempt(time_out, pk, ticket_id, at) for pk, ticket_id in found)


@transaction.atomic
def time_out(step_id: uuid.UUID, ticket_id: uuid.UUID, at: dt.datetime) -> int:
    """Do it for one step, once; 0 when somebody else is at the ticket or was faster."""
    if not lock_if_free(ticket_id):
        return 0
    rows = ApprovalStep.objects.select_related("approval__asked_by")
    step = rows.filter(pk=step_id, state=ApprovalState.PENDING, due_at__lte=at).first()
    if step is None:
        return 0
    with change_of(ticket_id, BY, at=at) as change:
        step.timed_out_at, step.due_at = at, None
        _DO[_what(step)](change, step)
        step.save(update_fields=["timed_out_at", "due_at"])
    if step.approval.state == ApprovalState.APPROVED:
        pull(step.approval)
    return 1


def _what(step: ApprovalStep) -> str:
    """Asking those above happens once; afterwards they are reminded."""
    wanted = Step(step.spec).on_timeout
    is_again = wanted == "escalate" and step.answers.filter(is_escalated=True).exists()
    return "remind" if is_again else wanted


def _remind(change: Change, step: ApprovalStep) -> None:
    asked = [one.user for one in step.answers.filter(state=ASKED).select_related("user")]
    telling.tell_asked(change, step, asked, "等待你审批，已超过时限")
    telling.entry(change, step.approval, "reminded", f"“{step.name}”超时，已提醒审批人")
    _wait_again(change, step)


def _wait_again(change: Change, step: ApprovalStep) -> None:
    time = Step(step.spec).time
    step.due_at = change.at + time if time else None


def _escalate(change: Change, step: ApprovalStep) -> None:
    known = step.answers.values_list("user_id", flat=True)
    found = people.above(change.ticket, step.approval.asked_by_id, known)
    if not found:
        _remind(change, step)
        return
    names = "、".join(telling.name_of(one.user) for one in found[:5])
    text = f"“{step.name}”超时，升级给 {names}"
    telling.entry(change, step.approval, "escalated", text, step=step.name)
    ask(change, step, found, is_escalated=True)
    _wait_again(change, step)


def _reject(change: Change, step: ApprovalStep) -> None:
    text = f"“{step.name}”超时，自动驳回"
    close(change, step, ApprovalState.REJECTED)
    end(change, step.approval, ApprovalState.REJECTED, text)
    telling.entry(change, step.approval, "rejected", text, step=step.name)
    telling.decided(change, step.approval, "rejected", step, text)
    telling.tell_asker(change, step.approval, "已被驳回：超时未审批")


def _approve(change: Change, step: ApprovalStep) -> None:
    text = f"“{step.name}”超时，自动通过"
    close(change, step, ApprovalState.APPROVED)
    telling.entry(change, step.approval, "approved", text, step=step.name)
    go_on(change, step.approval)
    telling.decided(change, step.approval, "approved", step, text)


_DO = {"remind": _remind, "escalate": _escalate, "reject": _reject, "approve": _approve}
