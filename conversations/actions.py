"""Every change of a conversation, each a transaction of its own.

All of them lock the conversation first, then its work item, then agents: see `routing.registry`.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from auditlog.models import LogEntry
from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import blocklist, declared, participation, placing
from conversations.actors import SYSTEM, Actor
from conversations.changes import Change
from conversations.facts import facts_of
from conversations.locking import locked
from conversations.models import (
    AuthorType,
    Channel,
    Conversation,
    MessageKind,
    Participant,
    Rating,
    State,
    TransferState,
)
from conversations.principals import Visitor
from conversations.states import Trigger, pull
from conversations.transfers import KIND, TRANSFER_PRIORITY, accept, settle
from lingxi.errors import Conflict, Forbidden, Invalid, NotFound, TransitionNotAllowed
from routing import assignment, queue
from routing.models import Agent, PickingMethod, SkillGroup, WorkItem, WorkState


def open_conversation(
    visitor: Visitor, context: Mapping[str, Any], fields: Mapping[str, Any]
) -> tuple[Conversation, bool]:
    """The visitor's open conversation, or a new one in its channel's queue; True when new.

    The database holds the rule "one open per customer and channel", so parallel calls agree.
    Raises `Blocked`.
    """
    blocklist.refuse(visitor.customer_id, visitor.address)
    found = _open_of(visitor)
    if found is not None:
        return found, False
    try:
        with transaction.atomic():
            return _start(visitor, context, fields), True
    except IntegrityError:
        found = _open_of(visitor)
        if found is None:
            raise
        return found, False


def _open_of(visitor: Visitor) -> Conversation | None:
    return (
        Conversation.objects.open()
        .filter(customer_id=visitor.customer_id, channel_id=visitor.channel_id)
        .select_related("channel")
        .first()
    )


def _start(visitor: Visitor, context: Mapping[str, Any], fields: Mapping[str, Any]) -> Conversation:
    channel = Channel.objects.select_related("group").filter(pk=visitor.channel_id).first()
    if channel is None or not channel.is_active:
        raise NotFound("渠道不存在或已停用")
    kept, version_id = declared.of_visitor("conversation", fields)
    conversation = Conversation.objects.create(
        customer_id=visitor.customer_id,
        channel=channel,
        group=channel.group,
        context=dict(context),
        fields=kept,
        fields_version_id=version_id,
    )
    Participant.objects.create(conversation=conversation)
    change = Change()
    change.state(conversation, SYSTEM, "start")
    change.event("conversation.created", conversation, {"context": dict(context)})
    change.opened(conversation)
    placing.place(conversation, change, facts_of(conversation))
    change.commit()
    return conversation


@transaction.atomic
def close_conversation(
    conversation_id: uuid.UUID, by: Actor, *, reason: str = "", forced: bool = False
) -> Conversation:
    """End it, by its visitor, the agent who serves it or the system.

    `reason` is what the log says instead of who ended it; `forced` by a supervisor, whose right
    to do so the caller has asked for (`conversations.supervision`). Raises `NotFound`,
    `ConversationClosed` or `Forbidden`.
    """
    conversation = locked(conversation_id)
    if by.type == AuthorType.VISITOR and conversation.customer_id != by.id:
        raise NotFound("会话不存在")
    is_other = by.type == AuthorType.AGENT and conversation.agent_id != by.id
    if is_other and conversation.is_open and not forced:
        raise Forbidden("该会话不由你接待")
    pull(conversation, Trigger.CLOSE, by.type)
    conversation.closed_at, conversation.closed_by = timezone.now(), by.type
    conversation.save(update_fields=["state", "closed_at", "closed_by"])
    reason = reason or f"closed_by_{by.type}"
    queue.leave(KIND, conversation.id, reason)
    change = Change()
    settle(conversation, change, TransferState.ENDED)
    participation.clear(conversation)
    change.state(conversation, by, reason)
    change.tell(conversation.agent_id, conversation, "closed")
    change.event(
        "conversation.closed",
        conversation,
        {"closed_by": by.type, "closed_at": conversation.closed_at.isoformat()},
    )
    change.queue([conversation.group_id])
    change.commit()
    if conversation.agent_id:
        assignment.rerun_for_agents_on_commit([conversation.agent_id])
    return conversation


@transaction.atomic
def rate_conversation(
    conversation_id: uuid.UUID,
    visitor: Visitor,
    score: int,
    resolved: bool | None = None,
    comment: str = "",
) -> Rating:
    """The visitor's one rating after the end; the same one again is no error.

    Raises `NotFound`, `TransitionNotAllowed` while it is open, `Conflict` for another rating.
    """
    if not 1 <= score <= 5:
        raise Invalid(fields={"score": ["1 到 5"]})
    conversation = locked(conversation_id)
    if conversation.customer_id != visitor.customer_id:
        raise NotFound("会话不存在")
    if conversation.is_open:
        raise TransitionNotAllowed("会话结束后才能评价")
    said = {"score": score, "resolved": resolved, "comment": comment}
    rating = Rating.objects.filter(conversation=conversation).first()
    if rating is not None:
        if {key: getattr(rating, key) for key in said} != said:
            raise Conflict("已经评价过")
        return rating
    rating = Rating.objects.create(conversation=conversation, agent=conversation.agent, **said)
    change = Change()
    change.log(conversation, MessageKind.RATING, Actor.visitor(visitor.customer_id), said)
    change.tell(conversation.agent_id, conversation, "updated")
    change.event("conversation.rated", conversation, said)
    change.commit()
    return rating


@transaction.atomic
def claim_conversation(conversation_id: uuid.UUID, agent: Agent) -> Conversation:
    """抢接: an agent takes a waiting conversation of their groups, within their capacity.

    Raises `Conflict` when somebody else was faster, `AgentUnavailable`, `Forbidden`.
    """
    conversation = locked(conversation_id)
    if conversation.state == State.TRANSFERRING:
        return accept(conversation_id, agent)
    if not agent.groups.filter(pk=conversation.group_id).exists():
        raise Forbidden("该会话不在你的技能组")
    if conversation.group.picking == PickingMethod.MANUAL:
        raise Forbidden("该技能组由主管分配，不能抢接")
    assignment.assign_to(_item_to_give(conversation), agent)
    return locked(conversation_id)


def _item_to_give(conversation: Conversation) -> WorkItem:
    """The locked item of a conversation nobody serves; left offline, it gets a new one.

    Raises `Conflict` when somebody has it, or is being asked.
    """
    item = WorkItem.objects.pending().filter(kind=KIND, item_id=conversation.id)
    found = item.select_related("group").select_for_update(of=("self",), no_key=True).first()
    if found is None and conversation.state == State.OFFLINE:
        return _enqueue_again(conversation)
    if found is None or found.state != WorkState.WAITING or found.is_transfer:
        raise Conflict("该会话已被接走")
    return found


def _enqueue_again(conversation: Conversation, priority: int = 0) -> WorkItem:
    """Into its group's queue by the facts and the decision of its last stay."""
    last = (
        WorkItem.objects.filter(kind=KIND, item_id=conversation.id).order_by("enqueued_at").last()
    )
    group = SkillGroup.objects.get(pk=conversation.group_id)
    kind = conversation.channel.kind
    return queue.enqueue(
        KIND, conversation.id, group, priority=priority, channel_kind=kind, like=last
    )


@transaction.atomic
def assign_conversation(conversation_id: uuid.UUID, agent: Agent, by: Any) -> Conversation:
    """A supervisor (`by`, a user) hands a waiting conversation to an agent, who may be full.

    Raises `Conflict` when somebody has it, `AgentUnavailable`, `Invalid` for a foreign agent.
    """
    conversation = locked(conversation_id)
    if not agent.groups.filter(pk=conversation.group_id).exists():
        raise Invalid("该坐席不在此技能组", fields={"agent": ["不在此技能组"]})
    item = _item_to_give(conversation)
    LogEntry.objects.log_create(
        conversation,
        action=LogEntry.Action.ACCESS,
        changes={},
        actor=by,
        additional_data={"supervision": "assign", "agent": str(agent.pk)},
    )
    assignment.assign_to(item, agent, respect_capacity=False, why="manual")
    return locked(conversation_id)


@transaction.atomic
def requeue_conversation(conversation_id: uuid.UUID, reason: str) -> Conversation:
    """Back to the queue, in front: its agent is gone. Only the system does this."""
    conversation = locked(conversation_id)
    left, change = conversation.agent_id, Change()
    settle(conversation, change, TransferState.WITHDRAWN, by=SYSTEM)
    pull(conversation, Trigger.REQUEUE, AuthorType.SYSTEM)
    conversation.agent = None
    conversation.save(update_fields=["state", "agent"])
    queue.leave(KIND, conversation.id, reason)
    _enqueue_again(conversation, TRANSFER_PRIORITY)
    change.state(conversation, SYSTEM, reason)
    change.tell(left, conversation, "released")
    change.event("conversation.requeued", conversation, {"reason": reason})
    change.queue([conversation.group_id])
    change.commit()
    assignment.rerun_on_commit([conversation.group_id])
    return conversation


def mark_offline(conversation_id: uuid.UUID) -> None:
    """Nobody of its group is online: say so; it stays in the queue and words are kept (留言)."""
    _mark(conversation_id, State.QUEUED, Trigger.NOBODY_ONLINE)


def mark_online(conversation_id: uuid.UUID) -> None:
    """Somebody of its group is back: it is in the queue as before."""
    _mark(conversation_id, State.OFFLINE, Trigger.SOMEONE_ONLINE)


@transaction.atomic
def _mark(conversation_id: uuid.UUID, only_if: State, trigger: Trigger) -> None:
    conversation = locked(conversation_id)
    if conversation.state != only_if:
        return
    pull(conversation, trigger, AuthorType.SYSTEM)
    conversation.save(update_fields=["state"])
    change = Change()
    change.state(conversation, SYSTEM, str(trigger))
    change.commit()
