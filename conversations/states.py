"""The one table of states: what may follow what, on which trigger, pulled by whom.

   queued ──assign──▶ serving ──hand_over──▶ serving
     │  ▲               │  ▲
nobody  │          requeue  assign
     ▼  someone         ▼  │
   offline          transferring (still served, waiting for another group)
   queued, offline ──leave_to_bot──▶ serving by the bot ──handoff──▶ queued
   any open state ──close──▶ closed
"""

from django.db import models

from conversations.models import AuthorType, Conversation, State
from lingxi.errors import ConversationClosed, Forbidden, TransitionNotAllowed


class Trigger(models.TextChoices):
    """What moves a conversation."""

    ASSIGN = "assign", "分配"
    TRANSFER = "transfer", "发起转接"
    KEEP = "keep", "转接未成"
    TAKE_OVER = "take_over", "主管接管"
    REQUEUE = "requeue", "重新排队"
    NOBODY_ONLINE = "nobody_online", "无人在线"
    SOMEONE_ONLINE = "someone_online", "有人上线"
    LEAVE_TO_BOT = "leave_to_bot", "交给机器人"
    HANDOFF = "handoff", "转人工"
    CLOSE = "close", "结束"


_SYSTEM = frozenset({AuthorType.SYSTEM})
_AGENT = frozenset({AuthorType.AGENT})
_AGENT_OR_SYSTEM = _AGENT | _SYSTEM
_VISITOR_OR_SYSTEM = frozenset({AuthorType.VISITOR}) | _SYSTEM
_ANYONE = frozenset(AuthorType)

TRANSITIONS: dict[tuple[State, Trigger], tuple[State, frozenset[AuthorType]]] = {
    (State.QUEUED, Trigger.ASSIGN): (State.SERVING, _AGENT_OR_SYSTEM),
    (State.OFFLINE, Trigger.ASSIGN): (State.SERVING, _AGENT_OR_SYSTEM),
    (State.TRANSFERRING, Trigger.ASSIGN): (State.SERVING, _AGENT_OR_SYSTEM),
    (State.SERVING, Trigger.TRANSFER): (State.TRANSFERRING, _AGENT),
    (State.TRANSFERRING, Trigger.KEEP): (State.SERVING, _AGENT_OR_SYSTEM),
    (State.QUEUED, Trigger.TAKE_OVER): (State.SERVING, _AGENT),
    (State.OFFLINE, Trigger.TAKE_OVER): (State.SERVING, _AGENT),
    (State.SERVING, Trigger.TAKE_OVER): (State.SERVING, _AGENT),
    (State.TRANSFERRING, Trigger.TAKE_OVER): (State.SERVING, _AGENT),
    (State.SERVING, Trigger.REQUEUE): (State.QUEUED, _SYSTEM),
    (State.TRANSFERRING, Trigger.REQUEUE): (State.QUEUED, _SYSTEM),
    (State.QUEUED, Trigger.NOBODY_ONLINE): (State.OFFLINE, _SYSTEM),
    (State.OFFLINE, Trigger.SOMEONE_ONLINE): (State.QUEUED, _SYSTEM),
    (State.QUEUED, Trigger.LEAVE_TO_BOT): (State.SERVING, _SYSTEM),
    (State.OFFLINE, Trigger.LEAVE_TO_BOT): (State.SERVING, _SYSTEM),
    (State.SERVING, Trigger.ASSIGN): (State.SERVING, _SYSTEM),  # only while with_bot
    (State.SERVING, Trigger.HANDOFF): (State.QUEUED, _VISITOR_OR_SYSTEM),  # only while with_bot
    (State.QUEUED, Trigger.CLOSE): (State.CLOSED, _ANYONE),
    (State.OFFLINE, Trigger.CLOSE): (State.CLOSED, _ANYONE),
    (State.SERVING, Trigger.CLOSE): (State.CLOSED, _ANYONE),
    (State.TRANSFERRING, Trigger.CLOSE): (State.CLOSED, _ANYONE),
}


def next_state(state: str, trigger: Trigger, by: AuthorType) -> State:
    """The state after `trigger`.

    Raises `ConversationClosed` after the end, `TransitionNotAllowed` where the table has no such
    step, `Forbidden` where it is not `by`'s to pull.
    """
    step = TRANSITIONS.get((State(state), trigger))
    if step is None:
        raise ConversationClosed if state == State.CLOSED else TransitionNotAllowed
    after, allowed = step
    if by not in allowed:
        raise Forbidden
    return after


def pull(conversation: Conversation, trigger: Trigger, by: AuthorType) -> None:
    """Set the conversation's next state; the caller holds its row and saves it."""
    conversation.state = next_state(conversation.state, trigger, by)
