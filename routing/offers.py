"""Offers: an agent is asked, and accepts, declines or does not answer.

An offer is a work item in the state `offered`; it counts as the agent's load, so there is room when
they accept. Of accepting, declining, withdrawing and running out exactly one wins, because each
locks the thing and its item first.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from lingxi.errors import Conflict
from lingxi.events.outbox import emit
from lingxi.sweeps import attempt
from routing import giving, queue
from routing.assignment import (
    assign_to,
    available,
    check_room,
    rerun_for_agents_on_commit,
    rerun_on_commit,
)
from routing.models import Agent, AgentStatus, SkillGroup, WorkItem, WorkState
from routing.registry import handler_of

ASK_AGAIN = dt.timedelta(seconds=30)  # who declined is asked again when nobody else took it
MOST = 200


def offer_to(
    kind: str,
    item_id: uuid.UUID,
    agent: Agent,
    group: SkillGroup,
    *,
    seconds: int,
    channel_kind: str = "",
    facts: Mapping[str, Any] | None = None,
) -> WorkItem:
    """Ask one agent to take over a thing that is served, inside the caller's transaction.

    The caller has locked the thing. Raises `AgentUnavailable`; `Conflict` when it is offered.
    """
    now = timezone.now()
    if WorkItem.objects.pending().filter(kind=kind, item_id=item_id).exists():
        raise Conflict("该会话正在转接")
    member = available(agent, group, now, kind)
    check_room(member, channel_kind)
    item = queue.enqueue(
        kind,
        item_id,
        group,
        facts,
        channel_kind=channel_kind,
        is_transfer=True,
        give_up_at=now + dt.timedelta(seconds=seconds),
    )
    candidate = member.candidate(group)
    candidate.take(channel_kind, now.timestamp())
    giving.offer([(item, candidate)], now, seconds, {"method": "transfer"})
    return item


def _locked(kind: str, item_id: uuid.UUID) -> WorkItem | None:
    """The thing's pending item, with both locked."""
    handler_of(kind).lock([item_id])
    return (
        WorkItem.objects.pending()
        .select_related("group")
        .select_for_update(of=("self",), no_key=True)
        .filter(kind=kind, item_id=item_id)
        .first()
    )


@transaction.atomic
def accept(kind: str, item_id: uuid.UUID, agent: Agent) -> WorkItem:
    """The agent takes what they were offered; saying so twice is no error.

    Raises `Conflict` when the offer is gone or has run out, `AgentUnavailable` when the agent is
    not there.
    """
    item = _locked(kind, item_id)
    if item is None or item.state != WorkState.OFFERED or item.agent_id != agent.pk:
        held = WorkItem.objects.filter(kind=kind, item_id=item_id, state=WorkState.ASSIGNED)
        mine = held.filter(agent=agent).first()
        if mine is None or item is not None:
            raise Conflict("该会话已不再等待你接受")
        return mine
    if item.offer_expires_at is not None and item.offer_expires_at <= timezone.now():
        raise Conflict("已超过应答时限")
    assign_to(item, agent, why="accepted")
    Agent.objects.filter(pk=agent.pk).update(missed=0)
    return item


@transaction.atomic
def decline(kind: str, item_id: uuid.UUID, agent: Agent) -> WorkItem:
    """The agent does not take it. Raises `Conflict` when it is not offered to them any more."""
    item = _locked(kind, item_id)
    if item is None or item.state != WorkState.OFFERED or item.agent_id != agent.pk:
        raise Conflict("该会话已不再等待你接受")
    _take_back(item, "refused")
    return item


@transaction.atomic
def withdraw(kind: str, item_id: uuid.UUID) -> WorkItem:
    """The transfer is not wanted any more. Raises `Conflict` when it is over."""
    item = _locked(kind, item_id)
    if item is None or not item.is_transfer:
        raise Conflict("转接已结束")
    _give_up(item, "withdrawn")
    return item


def _take_back(item: WorkItem, outcome: str) -> None:
    """A locked offer that was not accepted: a direct one is over, any other waits again."""
    if item.give_up_at is not None and item.give_up_at == item.offer_expires_at:
        _give_up(item, outcome)
        return
    agent_id, now = item.agent_id, timezone.now()
    item.declined_by = [*item.declined_by, *([agent_id] if agent_id else [])]
    item.agent, item.state, item.declined_at = None, WorkState.WAITING, now
    item.offered_at = item.offer_expires_at = None
    item.save(
        update_fields=[
            "agent",
            "state",
            "declined_by",
            "declined_at",
            "offered_at",
            "offer_expires_at",
        ]
    )
    item.explanation["asked"] = str(agent_id)
    handler_of(item.kind).not_taken([item], outcome)
    rerun_on_commit([item.group_id])
    if agent_id is not None:
        rerun_for_agents_on_commit([agent_id])


def _give_up(item: WorkItem, outcome: str) -> None:
    agent_id = item.agent_id
    queue.end([item], outcome)
    item.explanation["asked"] = str(agent_id) if agent_id else ""
    handler_of(item.kind).not_taken([item], outcome)
    if agent_id is not None:
        rerun_for_agents_on_commit([agent_id])


def expire() -> int:
    """The sweep: offers that ran out, transfers nobody took, people to be asked again.

    Returns how many moved on.
    """
    now = timezone.now()
    due = WorkItem.objects.pending().filter(
        Q(state=WorkState.OFFERED, offer_expires_at__lte=now) | Q(give_up_at__lte=now)
    )
    moved = sum(attempt(_expire_one, pk) for pk in due.values_list("pk", flat=True)[:MOST])
    WorkItem.objects.waiting().exclude(declined_by=[]).filter(
        declined_at__lte=now - ASK_AGAIN
    ).update(declined_by=[])
    return moved


@transaction.atomic
def _expire_one(pk: uuid.UUID) -> bool:
    found = WorkItem.objects.filter(pk=pk).values_list("kind", "item_id").first()
    item = _locked(*found) if found else None
    if item is None or item.pk != pk:
        return False
    now = timezone.now()
    missed_by = item.agent_id if item.state == WorkState.OFFERED else None
    if item.give_up_at is not None and item.give_up_at <= now:
        _give_up(item, "timed_out")
    elif item.offer_expires_at is not None and item.offer_expires_at <= now:
        _take_back(item, "timed_out")
    else:
        return False
    if missed_by is not None:
        _count_missed(missed_by, item)
    return True


def _count_missed(agent_id: uuid.UUID, item: WorkItem) -> None:
    """自动小休: who misses several in a row is not there, whatever their status says."""
    from routing.presence import set_status

    Agent.objects.filter(pk=agent_id).update(missed=F("missed") + 1)
    payload = {"agent": str(agent_id), "kind": item.kind, "item": str(item.item_id)}
    emit("agent.missed_offer", payload=payload)
    agent = Agent.objects.get(pk=agent_id)
    limit = item.group.missed_limit
    if limit and agent.missed >= limit and agent.status == AgentStatus.READY:
        set_status(agent, AgentStatus.BREAK, f"连续 {agent.missed} 次未应答")


def decline_all(agent: Agent) -> int:
    """The agent cannot answer any more (gone offline): what they were asked moves on."""
    offered = WorkItem.objects.filter(agent=agent, state=WorkState.OFFERED)
    count = 0
    for kind, item_id in list(offered.values_list("kind", "item_id")):
        try:
            decline(kind, item_id, agent)
            count += 1
        except Conflict:
            continue
    return count
