"""Who takes part besides the agent who serves: colleagues who assist, supervisors who look on.

`Participant.role` says as what somebody is there now. Coming and going of those who may write to
the visitor is an entry of the log; who monitors leaves no trace in the conversation, only in the
audit log (`conversations.supervision`).
"""

import uuid
from typing import Any

from django.db import transaction

from conversations.actors import Actor
from conversations.changes import Change
from conversations.locking import locked
from conversations.models import Conversation, Message, MessageKind, Participant, ParticipantRole
from conversations.roles import role_in
from lingxi.access.permissions import can
from lingxi.errors import AgentUnavailable, ConversationClosed, Forbidden, Invalid
from routing.models import Agent, AgentStatus


@transaction.atomic
def invite(
    conversation_id: uuid.UUID, by: Agent, agent: Agent, note: str = "", *, leads: bool = False
) -> Conversation:
    """协助: a colleague joins at once, and may write to the visitor. Twice is no error.

    `leads`: the caller has made sure that `by` supervises it, so it need not be theirs. Raises
    `Forbidden` when it is not, `Invalid` for the one who serves, `AgentUnavailable` for somebody
    who is not there.
    """
    conversation = locked(conversation_id)
    if not conversation.is_open:
        raise ConversationClosed
    if conversation.agent_id != by.id and not leads:
        raise Forbidden("该会话不由你接待")
    if agent.id == conversation.agent_id:
        raise Invalid("该坐席正在接待此会话", fields={"agent": ["正在接待此会话"]})
    _check_there(agent)
    if role_in(conversation.id, agent.id) == ParticipantRole.ASSIST:
        return conversation
    change = Change()
    role = ParticipantRole.ASSIST
    join(conversation, change, agent, role, by=Actor.agent(by), note=note)
    change.tell(agent.id, conversation, "assist")
    change.commit()
    return conversation


def _check_there(agent: Agent) -> None:
    is_gone = agent.status == AgentStatus.OFFLINE
    is_gone = is_gone or not Agent.objects.reachable().filter(pk=agent.pk).exists()
    if is_gone or not can(agent.user, "conversations.send"):
        raise AgentUnavailable("该客服不在线")


@transaction.atomic
def leave(conversation_id: uuid.UUID, agent: Agent) -> Conversation:
    """Who assists goes; who does not is not there any more, which is no error."""
    conversation = locked(conversation_id)
    change = Change()
    part(conversation, change, agent, Actor.agent(agent), only=ParticipantRole.ASSIST)
    change.commit()
    return conversation


@transaction.atomic
def remove(
    conversation_id: uuid.UUID, by: Agent, agent: Agent, *, leads: bool = False
) -> Conversation:
    """Send away who assists. Raises `Forbidden` when the conversation is not `by`'s."""
    conversation = locked(conversation_id)
    if conversation.agent_id != by.id and not leads:
        raise Forbidden("该会话不由你接待")
    change = Change()
    part(conversation, change, agent, Actor.agent(by), only=ParticipantRole.ASSIST)
    change.commit()
    return conversation


def join(
    conversation: Conversation,
    change: Change,
    agent: Agent,
    role: ParticipantRole,
    *,
    by: Actor,
    note: str = "",
) -> None:
    """Let an agent into a locked conversation, with an entry of the log."""
    Participant.objects.update_or_create(
        conversation=conversation, agent=agent, defaults={"role": role}
    )
    content: dict[str, Any] = {**_named(agent), "role": str(role)}
    if by.id != agent.id:
        content["by"] = {"id": str(by.id), "name": by.name}
    if note:
        content["note"] = note
    change.log(conversation, MessageKind.JOIN, by, content)
    change.tell(conversation.agent_id, conversation, "assist")
    change.event("conversation.agent_joined", conversation, {**_named(agent), "role": str(role)})


def part(
    conversation: Conversation,
    change: Change,
    agent: Agent,
    by: Actor,
    only: ParticipantRole | None = None,
) -> bool:
    """Let somebody go from a locked conversation; whether they were there (as `only`)."""
    role = role_in(conversation.id, agent.id)
    if not role or (only is not None and role != only):
        return False
    _forget(conversation, agent)
    if role == ParticipantRole.MONITOR or agent.id == conversation.agent_id:
        return True
    content: dict[str, Any] = {**_named(agent), "role": role}
    if by.id != agent.id:
        content["by"] = {"id": str(by.id), "name": by.name}
    change.log(conversation, MessageKind.LEAVE, by, content)
    change.tell(conversation.agent_id, conversation, "assist")
    change.tell(agent.id, conversation, "released")
    change.event("conversation.agent_left", conversation, {**_named(agent), "role": role})
    return True


def clear(conversation: Conversation) -> None:
    """The conversation ends: nobody is there any more."""
    for row in conversation.participants.exclude(role="").select_related("agent"):
        if row.agent is not None:
            _forget(conversation, row.agent)


def _forget(conversation: Conversation, agent: Agent) -> None:
    """The role goes; the row too, when it was made for nothing but looking on."""
    row = Participant.objects.filter(conversation=conversation, agent=agent)
    has_part = Message.objects.filter(
        conversation=conversation,
        kind__in=[MessageKind.ASSIGNMENT, MessageKind.JOIN],
        content__agent__id=str(agent.id),
    )
    if has_part.exists() or conversation.agent_id == agent.id:
        row.update(role="")
    else:
        row.delete()


def _named(agent: Agent) -> dict[str, Any]:
    return {"agent": {"id": str(agent.id), "name": agent.name}}
