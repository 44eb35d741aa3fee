"""A request begins, and its steps one after the other; how it ends."""

from typing import Any

from lingxi.errors import Conflict
from tickets.approval import people, telling
from tickets.approval.chain import Step, steps_of
from tickets.models import Approval, ApprovalAnswer, ApprovalState, ApprovalStep, Ticket
from tickets.service.change import Change
from tickets.service.commenting import add_comment
from tickets.workflow import Transition
from tickets.workflows import workflow_of

NOBODY = "没有可以审批的人"
ASKED = ApprovalAnswer.State.ASKED


def pending_of(ticket: Ticket) -> Approval | None:
    """The request that the ticket waits for."""
    rows = Approval.objects.filter(ticket=ticket, state=ApprovalState.PENDING)
    return rows.select_related("asked_by").first()


def begin(change: Change, step: Transition, comment: str, *, is_public: bool = False) -> bool:
    """Ask for the approval of `step`, inside the open change of who pulls it.

    False when no step of the chain applies: it may be pulled at once. `comment` is the reason of
    the request; it becomes a comment of the asker once approved. Raises `Conflict` while another
    request is pending, for a chain that is not there, and when nobody could approve.
    """
    ticket = change.ticket
    if pending_of(ticket) is not None:
        raise Conflict("已有进行中的审批，请等待审批结束或先撤回")
    chain = workflow_of(ticket).approvals.get(step.approval)
    if chain is None:
        raise Conflict(f"“{step.name}”需要审批，但流程中没有设置审批链，请联系管理员")
    facts = facts_of(ticket)
    applicable = [one.applies(facts) for one in steps_of(chain)]
    if not any(applicable):
        return False
    _refuse_without_people(change, chain, applicable)
    approval = _create(change, step, chain, comment, is_public)
    _add_steps(approval, chain, applicable)
    text = f"申请“{step.name}”，等待审批"
    telling.entry(change, approval, "asked", text, reason=approval.reason)
    go_on(change, approval)
    change.touch()
    if comment.strip() and change.by.user is None:
        add_comment(change, comment, is_public=is_public)
    return True


def facts_of(ticket: Ticket) -> dict[str, Any]:
    """What conditions of a chain look at."""
    level = ticket.requester.level if ticket.requester is not None else ""
    own = {"@priority": int(ticket.priority), "@type": ticket.type.key, "@level": level}
    return {**ticket.fields, **own}


def _refuse_without_people(change: Change, chain: Any, applicable: list[bool]) -> None:
    """Told when it is asked for, not when the step is reached."""
    asker_id = change.by.user.pk if change.by.user is not None else None
    for one, applies in zip(steps_of(chain), applicable, strict=True):
        if applies and not people.of_step(one, change.ticket, asker_id):
            raise Conflict(f"审批步骤“{one.name}”{NOBODY}，请联系管理员")


def _create(
    change: Change, step: Transition, chain: Any, comment: str, is_public: bool
) -> Approval:
    by = change.by
    return Approval.objects.create(
        ticket=change.ticket,
        transition=step.key,
        chain=dict(chain),
        values={"is_public": is_public},
        reason=comment.strip(),
        asked_by=by.user,
        asked_name=by.name[:80],
        created_at=change.at,
    )


def _add_steps(approval: Approval, chain: Any, applicable: list[bool]) -> None:
    pairs = enumerate(zip(steps_of(chain), applicable, strict=True))
    ApprovalStep.objects.bulk_create(
        ApprovalStep(
            approval=approval,
            order=number,
            name=one.name[:60],
            spec=dict(one.spec),
            needs_all=one.needs_all,
            state=ApprovalState.WAITING if applies else ApprovalState.SKIPPED,
        )
        for number, (one, applies) in pairs
    )


def go_on(change: Change, approval: Approval) -> None:
    """Begin the next step; without one the request is approved."""
    row = approval.steps.filter(state=ApprovalState.WAITING).first()
    if row is None:
        end(change, approval, ApprovalState.APPROVED)
        telling.tell_asker(change, approval, "已通过审批")
        return
    row.approval = approval
    step = Step(row.spec)
    found = people.of_step(step, change.ticket, approval.asked_by_id)
    if not found:  # they were there when it was asked for
        end(change, approval, ApprovalState.RETURNED, f"“{row.name}”{NOBODY}")
        telling.tell_asker(change, approval, f"已退回：“{row.name}”{NOBODY}")
        return
    row.state, row.started_at = ApprovalState.PENDING, change.at
    row.due_at = change.at + step.time if step.time else None
    row.save(update_fields=["state", "started_at", "due_at"])
    ask(change, row, found)


def ask(
    change: Change, step: ApprovalStep, found: list[people.Asked], *, is_escalated: bool = False
) -> None:
    """Put these people into a step, and tell them."""
    ApprovalAnswer.objects.bulk_create(
        ApprovalAnswer(
            step=step,
            user=one.user,
            as_role=one.as_role,
            as_group=one.as_group,
            is_escalated=is_escalated,
            asked_at=change.at,
        )
        for one in found
    )
    telling.asked(change, step.approval, step, [one.user for one in found])


def end(change: Change, approval: Approval, state: ApprovalState, outcome: str = "") -> None:
    """The request is over; what is still open of it with it."""
    approval.state, approval.decided_at = state, change.at
    approval.outcome = outcome[:200]
    approval.save(update_fields=["state", "decided_at", "outcome"])
    open_steps = approval.steps.filter(state=ApprovalState.PENDING)
    open_steps.update(state=state, decided_at=change.at, due_at=None)
    approval.steps.filter(state=ApprovalState.WAITING).update(state=ApprovalState.SKIPPED)
    drop_asked(ApprovalAnswer.objects.filter(step__approval=approval))


def drop_asked(answers: Any) -> None:
    """Those who have not answered need not any more."""
    answers.filter(state=ASKED).update(state=ApprovalAnswer.State.NOT_NEEDED)
