"""What supervisors do in others' conversations: monitor, whisper, barge in, take over, force end.

One place asks whether they may (`may_supervise`), for socket, API and pages alike, and each act is
in the audit log, with its actor, before it happens and in the same transaction.
"""

import uuid
from typing import Any

from auditlog.models import LogEntry
from django.db import transaction

from conversations import actions, participation
from conversations.actors import Actor
from conversations.changes import Change
from conversations.locking import locked
from conversations.models import (
    Conversation,
    MessageKind,
    Participant,
    ParticipantRole,
    TransferState,
)
from conversations.roles import WRITERS, role_in
from conversations.transfers import KIND, settle
from lingxi.access.models import Scope
from lingxi.access.permissions import can, check, scope_of
from lingxi.errors import Conflict, ConversationClosed, Forbidden, NotFound
from routing import presence, takeover
from routing.models import Agent, AgentStatus, SkillGroup

PERMISSION = "conversations.supervise"


def may_supervise(user: Any, conversation: Conversation | None = None) -> bool:
    """Whether the person leads, and, when one is given, whether they see this conversation."""
    if not can(user, PERMISSION) or scope_of(user) not in {Scope.GROUP, Scope.ALL}:
        return False
    return conversation is None or (
        Conversation.objects.visible_to(user).filter(pk=conversation.pk).exists()
    )


def may_whisper(agent_id: uuid.UUID, conversation_id: uuid.UUID) -> Any:
    """The person behind an agent, if they supervise this conversation; else None."""
    agent = Agent.objects.select_related("user").filter(pk=agent_id).first()
    if agent is None or not may_supervise(agent.user, Conversation(pk=conversation_id)):
        return None
    return agent.user


def agent_for(user: Any) -> Agent:
    """The person's agent row; a supervisor without one gets one, in no group and offline."""
    check(user, PERMISSION)
    name = (user.get_full_name() or user.get_username())[:40]
    return Agent.objects.get_or_create(user=user, defaults={"name": name})[0]


def audit(conversation_id: uuid.UUID, user: Any, what: str, **more: Any) -> None:
    """Write down who does what to the conversation."""
    LogEntry.objects.log_create(
        Conversation(pk=conversation_id),
        action=LogEntry.Action.ACCESS if what in _LOOKS else LogEntry.Action.UPDATE,
        changes={},
        object_repr=str(conversation_id),
        actor=user,
        additional_data={"supervision": what, **more},
    )


_LOOKS = frozenset({"monitor", "stop_monitor", "whisper"})


def _begin(conversation_id: uuid.UUID, user: Any, what: str, **more: Any) -> Conversation:
    """Lock, ask, and write down. Raises `NotFound`, `Forbidden` or `ConversationClosed`."""
    check(user, PERMISSION)
    conversation = locked(conversation_id)
    if not Conversation.objects.visible_to(user).filter(pk=conversation_id).exists():
        raise NotFound("会话不存在")
    if not may_supervise(user, conversation):
        raise Forbidden
    if not conversation.is_open:
        raise ConversationClosed
    audit(conversation_id, user, what, **more)
    return conversation


@transaction.atomic
def monitor(conversation_id: uuid.UUID, user: Any) -> Conversation:
    """监听: look on unseen. Raises `Conflict` for who serves or takes part already."""
    conversation = _begin(conversation_id, user, "monitor")
    agent = agent_for(user)
    if agent.id == conversation.agent_id:
        raise Conflict("该会话由你接待")
    if role_in(conversation.id, agent.id) in WRITERS:
        raise Conflict("你已加入该会话")
    Participant.objects.update_or_create(
        conversation=conversation, agent=agent, defaults={"role": ParticipantRole.MONITOR}
    )
    return conversation


@transaction.atomic
def stop(conversation_id: uuid.UUID, user: Any) -> Conversation:
    """End looking on or barging in; who does neither is not there, which is no error."""
    check(user, PERMISSION)
    agent, conversation = agent_for(user), locked(conversation_id)
    role = role_in(conversation.id, agent.id)
    if role in {ParticipantRole.MONITOR, ParticipantRole.BARGE_IN}:
        audit(conversation.id, user, f"stop_{role}")
        change = Change()
        participation.part(conversation, change, agent, Actor.agent(agent))
        change.commit()
    return conversation


@transaction.atomic
def barge_in(conversation_id: uuid.UUID, user: Any) -> Conversation:
    """强插: speak to the visitor beside the agent who serves. Twice is no error."""
    conversation = _begin(conversation_id, user, "barge_in")
    agent = agent_for(user)
    if agent.id == conversation.agent_id:
        raise Conflict("该会话由你接待")
    if role_in(conversation.id, agent.id) == ParticipantRole.BARGE_IN:
        return conversation
    change = Change()
    role = ParticipantRole.BARGE_IN
    participation.join(conversation, change, agent, role, by=Actor.agent(agent))
    change.commit()
    return conversation


@transaction.atomic
def take_over(conversation_id: uuid.UUID, user: Any, reason: str = "") -> Conversation:
    """接管: it is the supervisor's from now on, whatever their capacity; its agent is released.

    Who was offline counts as busy from here on: they serve, but are given nothing else.
    """
    conversation = _begin(conversation_id, user, "take_over", reason=reason)
    agent = agent_for(user)
    if agent.id == conversation.agent_id:
        return conversation
    actor, change = Actor.agent(agent), Change()
    settle(conversation, change, TransferState.WITHDRAWN, by=actor)
    change.log(conversation, MessageKind.TRANSFER, actor, _taken(conversation, agent, reason))
    told = {"from": _named(conversation.agent), "to": _named(agent), "note": reason}
    change.event("conversation.transferred", conversation, told)
    change.commit()
    if agent.status in {AgentStatus.OFFLINE, AgentStatus.BREAK}:
        presence.set_status(agent, AgentStatus.BUSY, "接管会话")
    Participant.objects.filter(conversation=conversation, agent=agent).update(role="")
    group = SkillGroup.objects.get(pk=conversation.group_id)
    kind = conversation.channel.kind
    takeover.hand_to(KIND, conversation.id, agent, group, channel_kind=kind)
    return locked(conversation_id)


def _taken(conversation: Conversation, agent: Agent, reason: str) -> dict[str, Any]:
    return {
        "transfer": None,
        "from": _named(conversation.agent),
        "to": {"agent": str(agent.id), "name": agent.name},
        "note": reason,
        "status": "taken_over",
        "by": _named(agent),
        "state": "serving",
    }


def _named(agent: Agent | None) -> dict[str, str] | None:
    return {"id": str(agent.id), "name": agent.name} if agent else None


@transaction.atomic
def force_end(conversation_id: uuid.UUID, user: Any, reason: str) -> Conversation:
    """强制结束: end it over the head of the agent who serves; the reason stays as a note."""
    conversation = _begin(conversation_id, user, "force_end", reason=reason)
    actor = Actor.agent(agent_for(user))
    if reason:
        change = Change()
        content = {"type": "text", "text": f"强制结束：{reason}"}
        change.log(conversation, MessageKind.NOTE, actor, content)
        change.commit()
    return actions.close_conversation(
        conversation.id, actor, reason="closed_by_supervisor", forced=True
    )
