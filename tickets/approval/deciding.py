"""Answers to a request: approve, reject, return, delegate; and taking it back."""

import uuid
from typing import Any

from django.db import transaction

from lingxi.access.permissions import check
from lingxi.errors import Conflict, Forbidden, Invalid, LingxiError, NotFound
from tickets.approval import people, telling
from tickets.approval.asking import drop_asked, end, go_on
from tickets.approval.chain import Answer, verdict
from tickets.models import Approval, ApprovalAnswer, ApprovalState, ApprovalStep
from tickets.service.actors import SYSTEM, By
from tickets.service.change import Change, change_of
from tickets.service.commenting import add_comment
from tickets.service.creating import checked_text

MAX_REASON = 2000
State = ApprovalAnswer.State
DECISIONS = {"approve": State.APPROVED, "reject": State.REJECTED, "return": State.RETURNED}
WORDS = {State.APPROVED: "同意", State.REJECTED: "驳回", State.RETURNED: "退回"}
ENDS = {"rejected": "已被驳回", "returned": "已退回，请修改后重新申请"}


def decide(approval_id: uuid.UUID, user: Any, decision: str, reason: str = "") -> Approval:
    """Answer for oneself: `decision` approve, reject or return; the latter two need a reason.

    With the last yes the transition is pulled; should that be impossible by now, the request says
    so. Raises `Invalid`, `NotFound`, `Forbidden` for those who are not asked or may not approve
    any more, `Conflict` when it was decided meanwhile.
    """
    if decision not in DECISIONS:
        raise Invalid(fields={"decision": ["应为 approve、reject 或 return"]})
    said = checked_text(reason, MAX_REASON, "reason")
    if decision != "approve" and not said:
        raise Invalid("请填写理由", fields={"reason": ["必填"]})
    ticket_id = _ticket_of(approval_id, user)
    with transaction.atomic():
        with change_of(ticket_id, By.staff(user)) as change:
            approval, answer = _asked(approval_id, user)
            _record(change, approval, answer, DECISIONS[decision], said)
        if approval.state == ApprovalState.APPROVED:
            pull(approval)
    return approval


def delegate(approval_id: uuid.UUID, user: Any, to: Any, reason: str = "") -> Approval:
    """转交: somebody else is asked instead. Neither the asker nor anybody asked already.

    Raises as `decide` does, and `Invalid` for somebody who cannot approve this.
    """
    said = checked_text(reason, MAX_REASON, "reason")
    ticket_id = _ticket_of(approval_id, user)
    with change_of(ticket_id, By.staff(user)) as change:
        approval, answer = _asked(approval_id, user)
        _refuse_delegate(approval, answer.step, to)
        _answered(change, answer, State.DELEGATED, said)
        ApprovalAnswer.objects.create(
            step=answer.step,
            user=to,
            delegated_by=user,
            is_escalated=answer.is_escalated,
            asked_at=change.at,
        )
        text = f"“{answer.step.name}”转交给 {telling.name_of(to)}"
        more = {"step": answer.step.name, "reason": said, "to": telling.name_of(to)}
        telling.entry(change, approval, "delegated", text, **more)
        telling.decided(change, approval, "delegate", answer.step, said)
        telling.asked(change, approval, answer.step, [to])
        change.touch()
    return approval


def withdraw(approval_id: uuid.UUID, user: Any) -> Approval:
    """Take back one's own request. Raises `NotFound`, `Forbidden`, `Conflict`."""
    ticket_id = _ticket_of(approval_id, user)
    with change_of(ticket_id, By.staff(user)) as change:
        approval = _pending(approval_id)
        if approval.asked_by_id != user.pk:
            raise Forbidden("只有申请人可以撤回")
        give_up(change, approval, "申请人撤回")
    return approval


def give_up(change: Change, approval: Approval, why: str) -> None:
    """End a pending request without a decision; those who were asked are told."""
    step = approval.steps.filter(state=ApprovalState.PENDING).first()
    asked = _waiting_for(step) if step is not None else []
    end(change, approval, ApprovalState.WITHDRAWN, why)
    telling.entry(change, approval, "withdrawn", f"审批已结束：{why}")
    telling.decided(change, approval, "withdraw", step, why)
    telling.tell_asker(change, approval, f"的审批已结束：{why}")
    if step is not None:
        step.approval = approval
        telling.tell_asked(change, step, asked, f"的审批已结束：{why}")


def _waiting_for(step: ApprovalStep) -> list[Any]:
    return [one.user for one in step.answers.filter(state=State.ASKED).select_related("user")]


def _ticket_of(approval_id: uuid.UUID, user: Any) -> uuid.UUID:
    check(user, "tickets.approve")
    found = Approval.objects.visible_to(user).filter(pk=approval_id)
    ticket_id = found.values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        raise NotFound("审批不存在，或你无权查看")
    return ticket_id


def _pending(approval_id: uuid.UUID) -> Approval:
    """The request, as it is with the ticket locked."""
    approval = Approval.objects.select_related("asked_by").get(pk=approval_id)
    if approval.state != ApprovalState.PENDING:
        raise Conflict(f"该审批{approval.get_state_display()}")
    return approval


def _asked(approval_id: uuid.UUID, user: Any) -> tuple[Approval, ApprovalAnswer]:
    """The request, and the row in which the person is asked now."""
    approval = _pending(approval_id)
    if approval.asked_by_id == user.pk:
        raise Forbidden("不能审批自己的申请")
    rows = ApprovalAnswer.objects.filter(
        step__approval=approval, step__state=ApprovalState.PENDING, user=user
    )
    answer = rows.select_related("step", "as_group").first()
    if answer is None:
        raise Forbidden("你不是当前步骤的审批人")
    if answer.state != State.ASKED:
        raise Conflict(f"你已处理：{answer.get_state_display()}")
    if not people.may_still(answer):
        raise Forbidden("你的角色已变更，不能再审批此申请")
    answer.step.approval = approval
    return approval, answer


def _record(
    change: Change, approval: Approval, answer: ApprovalAnswer, state: State, reason: str
) -> None:
    step = answer.step
    _answered(change, answer, state, reason)
    text = f"“{step.name}”{WORDS[state]}"
    telling.entry(change, approval, str(state), text, step=step.name, reason=reason)
    change.touch()
    advance(change, approval, step)
    telling.decided(change, approval, str(state), step, reason)


def _answered(change: Change, answer: ApprovalAnswer, state: State, reason: str) -> None:
    answer.state, answer.reason, answer.answered_at = state, reason, change.at
    answer.save(update_fields=["state", "reason", "answered_at"])


def advance(change: Change, approval: Approval, step: ApprovalStep) -> None:
    """See what the answers of a step amount to, and go on from there."""
    answers = list(step.answers.select_related("as_group"))
    if step.needs_all:
        _drop_lost(answers)
    said = verdict(step.needs_all, [Answer(one.state, one.is_escalated) for one in answers])
    if said == "pending":
        return
    close(change, step, ApprovalState(said))
    if said == "approved":
        go_on(change, approval)
        return
    end(change, approval, ApprovalState(said))
    telling.tell_asker(change, approval, ENDS[said])


def _drop_lost(answers: list[ApprovalAnswer]) -> None:
    """Of those who all have to approve, who may not any more is waited for no longer."""
    for one in answers:
        if one.state == State.ASKED and not people.may_still(one):
            one.state = State.NOT_NEEDED
            one.save(update_fields=["state"])


def close(change: Change, step: ApprovalStep, state: ApprovalState) -> None:
    """A step is over."""
    step.state, step.decided_at, step.due_at = state, change.at, None
    step.save(update_fields=["state", "decided_at", "due_at"])
    drop_asked(step.answers.all())


def pull(approval: Approval) -> None:
    """Do what was approved, after the change in which it was. What stands against it is noted."""
    from tickets.service.moving import move

    try:
        with transaction.atomic():
            _say_reason(approval)
            move(approval.ticket_id, approval.transition, SYSTEM, approved=True)
    except LingxiError as error:
        with change_of(approval.ticket_id, SYSTEM) as change:
            approval.outcome = f"未能执行：{error.detail}"[:200]
            approval.save(update_fields=["outcome"])
            text = f"审批已通过，但未能执行：{error.detail}"
            telling.entry(change, approval, "not_done", text)
            telling.tell_asker(change, approval, f"审批已通过，但未能执行：{error.detail}")


def _say_reason(approval: Approval) -> None:
    """What the asker said with the transition becomes their comment."""
    asker = approval.asked_by
    if asker is None or not approval.reason:
        return
    with change_of(approval.ticket_id, By.staff(asker)) as change:
        add_comment(change, approval.reason, is_public=bool(approval.values.get("is_public")))


def _refuse_delegate(approval: Approval, step: ApprovalStep, to: Any) -> None:
    problem = ""
    if to is None or not people.approvers().filter(pk=to.pk).exists():
        problem = "此人不能审批工单"
    elif to.pk == approval.asked_by_id:
        problem = "不能转交给申请人"
    elif step.answers.filter(user=to).exists():
        problem = "此人已在本步骤中"
    if problem:
        raise Invalid(problem, fields={"user": [problem]})
