"""小休: asking for a break that needs approval, and deciding about it.

The agent's status stays as it is until somebody approves. Locks: the agent, then the request.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from lingxi.access.permissions import check
from lingxi.errors import Conflict, Forbidden, Invalid, NotFound
from lingxi.events.outbox import emit
from routing.models import Agent, AgentStatus, BreakReason, BreakRequest, BreakRequestState
from routing.statuses import change_status

PENDING = BreakRequestState.PENDING


def reason_to_ask_for(agent: Agent, text: str) -> BreakReason | None:
    """The reason of that name when this agent's break for it needs approval; None: it does not.

    A text that is nobody's name is free text. Raises `Invalid` for a reason out of use.
    """
    reason = BreakReason.objects.filter(name=text).first()
    if reason is None:
        return None
    if not reason.is_active:
        raise Invalid("该小休原因已停用", fields={"reason": ["该小休原因已停用"]})
    on_it = agent.status == AgentStatus.BREAK and agent.status_reason == reason.name
    return reason if reason.needs_approval and not on_it else None


def pending_of(agent: Agent) -> BreakRequest | None:
    """The agent's request that waits for a decision."""
    return agent.break_requests.filter(state=PENDING).select_related("reason").first()


@transaction.atomic
def ask(agent: Agent, reason: BreakReason) -> BreakRequest:
    """Ask for a break; asking twice for the same is one request.

    Raises `Conflict` for an agent who is offline or waits for another decision.
    """
    locked = _lock(agent)
    if locked.status == AgentStatus.OFFLINE:
        raise Conflict("离线时不能申请小休")
    pending = pending_of(locked)
    if pending is not None:
        if pending.reason_id == reason.pk:
            return pending
        raise Conflict(f"已有待审批的小休申请：{pending.reason.name}")
    request = BreakRequest.objects.create(agent=locked, reason=reason)
    emit("agent.break_requested", payload=_told(request))
    return request


@transaction.atomic
def decide(request: BreakRequest, by: Any, approve: bool, note: str = "") -> BreakRequest:
    """Approve, which begins the break, or reject.

    Raises `Forbidden`, `NotFound` for agents out of the person's sight, and `Conflict` when it is
    decided or withdrawn already, or the agent has gone.
    """
    check(by, "breaks.approve")
    agent = _lock(request.agent)
    locked = _pending(BreakRequest.objects.visible_to(by), request)
    if agent.user_id == by.pk:
        raise Forbidden("不能审批自己的小休申请")
    if approve and agent.status == AgentStatus.OFFLINE:
        raise Conflict("该坐席已离线")
    _close(locked, BreakRequestState.APPROVED if approve else BreakRequestState.REJECTED, by, note)
    if approve:
        change_status(agent, AgentStatus.BREAK, locked.reason.name)
    return locked


@transaction.atomic
def withdraw(request: BreakRequest) -> BreakRequest:
    """Take a request back. Raises `Conflict` when it is no longer pending."""
    _lock(request.agent)
    locked = _pending(BreakRequest.objects.all(), request)
    _close(locked, BreakRequestState.WITHDRAWN)
    return locked


@transaction.atomic
def withdraw_any(agent: Agent) -> None:
    """Take back what an agent waits for; nothing happens when they wait for nothing."""
    withdraw_pending(_lock(agent))


def withdraw_pending(agent: Agent) -> None:
    """Take back what a locked agent waits for, if anything."""
    pending = pending_of(agent)
    if pending is not None:
        _close(pending, BreakRequestState.WITHDRAWN)


def _lock(agent: Agent) -> Agent:
    return Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)


def _pending(requests: Any, wanted: BreakRequest) -> BreakRequest:
    rows = requests.select_for_update(of=("self",), no_key=True).select_related("reason")
    found = rows.filter(pk=wanted.pk).first()
    if found is None:
        raise NotFound
    if found.state != PENDING:
        raise Conflict(f"该申请{found.get_state_display()}")
    return found


def _close(request: BreakRequest, state: str, by: Any = None, note: str = "") -> None:
    request.state, request.decided_by, request.note = state, by, note[:200]
    request.decided_at = timezone.now()
    request.save(update_fields=["state", "decided_by", "note", "decided_at"])
    emit("agent.break_decided", payload={**_told(request), "state": state})


def _told(request: BreakRequest) -> dict[str, str]:
    return {
        "request": str(request.pk),
        "agent": str(request.agent_id),
        "reason": request.reason.name,
    }
