"""Log entries as they go over the wire, and reading the log for one viewer."""

import time
import uuid
from collections.abc import Iterable
from typing import Any

from conversations import attachments
from conversations.models import AuthorType, Conversation, Message
from lingxi.access.masking import mask_json
from routing.models import Agent

_NAMES_FOR = 60.0
_names: dict[uuid.UUID, tuple[float, str]] = {}


def agent_names(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Display names of agents, kept for a minute in this process."""
    now = time.monotonic()
    wanted = {pk for pk in ids if pk is not None}
    stale = [pk for pk in wanted if _names.get(pk, (0.0, ""))[0] < now]
    if stale:
        for pk, name in Agent.objects.filter(pk__in=stale).values_list("pk", "name"):
            _names[pk] = (now + _NAMES_FOR, name)
    return {pk: _names[pk][1] for pk in wanted if pk in _names}


def to_wire(row: Any, *, for_visitor: bool, plain: bool = True) -> dict[str, Any]:
    """One entry of the `events` frame. `row` is a `Message` or an `ingest.log.Row`.

    Staff who may not see sensitive values in plain get `plain=False`.
    """
    content = dict(getattr(row, "revised", None) or row.content)
    if "attachment" in content:
        content |= attachments.links(content)
    if for_visitor and row.kind == "assignment":
        content.pop("group", None)
    if for_visitor and row.kind in {"join", "leave"}:
        content = {"agent": content.get("agent")}  # as what, by whom and why is internal
    return {
        "id": str(row.id),
        "seq": row.visitor_seq if for_visitor else row.seq,
        "kind": str(row.kind),
        "client_msg_id": row.client_msg_id,
        "author": {
            "type": str(row.author_type),
            "id": str(row.author_id) if row.author_id else None,
            "name": getattr(row, "author_name", ""),
        },
        "created_at": row.created_at,
        "content": content if plain else mask_json(content),
    }


def read_log(
    conversation_id: uuid.UUID, after: int, limit: int, *, for_visitor: bool, plain: bool = True
) -> list[dict[str, Any]]:
    """The entries after `after` (the viewer's numbering), in order, at most `limit`."""
    log = Message.objects.for_visitor if for_visitor else Message.objects.after
    rows = list(log(conversation_id, after)[:limit])
    names = agent_names(row.author_id for row in rows if row.author_type == AuthorType.AGENT)
    for row in rows:
        row.author_name = names.get(row.author_id, "")  # type: ignore[attr-defined, arg-type]
    return [to_wire(row, for_visitor=for_visitor, plain=plain) for row in rows]


def describe(conversation: Conversation, *, for_visitor: bool) -> dict[str, Any]:
    """The short form of a conversation in API answers."""
    return {
        "id": str(conversation.id),
        "state": conversation.state,
        "with_bot": conversation.with_bot,
        "epoch": conversation.epoch,
        "seq": conversation.visitor_seq if for_visitor else conversation.last_seq,
    }
