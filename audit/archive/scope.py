"""Whose a conversation is, as keys of the index.

Keys only narrow the search; `Conversation.objects.visible_to` decides on what they let through.
So a key may let through too much (two keys share a number, a conversation has moved on), and must
never hold back what the rule allows. A test compares searching with and without them.
"""

import uuid
import zlib
from collections.abc import Iterable
from typing import Any

from conversations.models import Conversation
from lingxi.access.models import Scope
from lingxi.access.permissions import scope_of
from routing.models import Agent
from routing.querysets import group_ids_of

Keys = list[int]


def key(kind: str, value: uuid.UUID) -> int:
    """A 32-bit number for `agent`, `group`, `open` (in a group) or `channel` and an id."""
    return zlib.crc32(f"{kind}:{value}".encode()) - (1 << 31)


def keys_of(conversation: Conversation, agent_ids: Iterable[uuid.UUID]) -> Keys:
    """Its group, its group once more while it is open, its channel, everybody who took part.

    Open, and not "waiting": which open ones the group's agents may see is for the rule to say, and
    open ones are few.
    """
    keys = {key("group", conversation.group_id), key("channel", conversation.channel_id)}
    keys.update(key("agent", agent_id) for agent_id in agent_ids)
    if conversation.agent_id is not None:
        keys.add(key("agent", conversation.agent_id))
    if conversation.is_open:
        keys.add(key("open", conversation.group_id))
    return sorted(keys)


def reach_of(user: Any) -> Keys | None:
    """Keys of which everything visible to the person has at least one; None for no limit."""
    scope = scope_of(user)
    if scope == Scope.ALL:
        return None
    kind = "group" if scope == Scope.GROUP else "open"
    keys = [key(kind, group_id) for group_id in group_ids_of(user)]
    agent_id = Agent.objects.filter(user=user).values_list("pk", flat=True).first()
    return keys if agent_id is None else [*keys, key("agent", agent_id)]
