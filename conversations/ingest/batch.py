"""One transaction for many commands."""

import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection, transaction

from conversations import attachments
from conversations.ingest import revisions
from conversations.ingest.commands import Ack, Command
from conversations.ingest.log import Head, Row, append, lock_heads
from conversations.ingest.validate import REVISIONS
from conversations.models import AuthorType, Message, MessageKind, State
from lingxi.errors import Conflict, ConversationClosed, Forbidden, LingxiError, NotFound
from lingxi.events.outbox import NewEvent, emit_many
from lingxi.recordset import recordset

Result = Ack | LingxiError
_Key = tuple[uuid.UUID, uuid.UUID | None, str]

_KINDS = {
    "note": MessageKind.NOTE,
    "recall": MessageKind.RECALL,
    "edit": MessageKind.EDIT,
}

_REVISED = {"recall": "message.recalled", "edit": "message.edited"}

_SEEN = """
SELECT m.conversation_id, m.author_id, m.client_msg_id, m.id, m.seq, m.visitor_seq, m.created_at,
       m.kind, m.content
FROM json_to_recordset(%s::json) AS k(conversation_id uuid, author_id uuid, client_msg_id text)
JOIN conversations_message m
  ON m.conversation_id = k.conversation_id AND m.author_id = k.author_id
 AND m.client_msg_id = k.client_msg_id AND m.client_msg_id IS NOT NULL
"""


def write_batch(commands: Sequence[Command]) -> tuple[list[Result], list[Row]]:
    """Commit the commands together; a result for each, in order, and the rows now in the log.

    A command that is refused changes nothing and does not hinder the others.
    """
    with transaction.atomic():
        heads = lock_heads(command.conversation_id for command in commands)
        seen = _seen(commands)
        targets = revisions.targets_of(commands)
        pairs: list[tuple[Head, Row]] = []
        results = [_take(command, heads, seen, targets, pairs) for command in commands]
        rows = append(pairs)
        revisions.apply(rows, targets)
        emit_many(event_of(head, row) for head, row in pairs)
    return [_ack(result) if isinstance(result, Row) else result for result in results], rows


def _take(
    command: Command,
    heads: dict[uuid.UUID, Head],
    seen: dict[_Key, Row],
    targets: dict[str, Message],
    pairs: list[tuple[Head, Row]],
) -> Result | Row:
    key = (command.conversation_id, command.actor.id, command.client_msg_id)
    try:
        head = _permitted(command, heads.get(command.conversation_id))
        earlier = seen.get(key)
        if earlier is not None:
            return _again(command, earlier)
        if command.kind in REVISIONS:
            target = revisions.check(command, targets.get(command.content["message"]))
            revisions.retell(head, command, target)
        row = _row(command, head)
    except LingxiError as error:
        return error
    seen[key] = row
    pairs.append((head, row))
    return row


def _permitted(command: Command, head: Head | None) -> Head:
    """Who may write where: visitors in their own, agents in what they serve, notes by any."""
    if head is None:
        raise NotFound("会话不存在")
    if command.actor.type == AuthorType.VISITOR and head.customer_id != command.actor.id:
        raise NotFound("会话不存在")
    if command.kind == MessageKind.NOTE:
        return head
    if head.state == State.CLOSED:
        raise ConversationClosed
    if command.actor.type == AuthorType.AGENT and head.agent_id != command.actor.id:
        raise Forbidden("该会话不由你接待")
    return head


def _row(command: Command, head: Head) -> Row:
    content = command.content
    if "attachment" in content:
        content = content | attachments.bind(
            content["attachment"], head.id, command.actor, content["type"]
        )
    return Row(
        head.id,
        _KINDS.get(command.kind, MessageKind.MESSAGE),
        command.actor.type,
        command.actor.id,
        content,
        client_msg_id=command.client_msg_id,
        id=command.id,
        author_name=command.actor.name,
    )


def _again(command: Command, earlier: Row) -> Ack:
    """The same id once more: the old answer, if it is the same message."""
    same_kind = earlier.kind == _KINDS.get(command.kind, MessageKind.MESSAGE)
    told = {key: earlier.content.get(key) for key in command.content}
    if not same_kind or told != command.content:
        raise Conflict("同一 client_msg_id 的内容不一致")
    ack = _ack(earlier)
    ack.dup = True
    return ack


def _seen(commands: Sequence[Command]) -> dict[_Key, Row]:
    keys = [
        {
            "conversation_id": command.conversation_id,
            "author_id": command.actor.id,
            "client_msg_id": command.client_msg_id,
        }
        for command in commands
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [recordset(keys)])
        return {(row[0], row[1], row[2]): _stored(row) for row in cursor.fetchall()}


def _stored(row: Sequence[Any]) -> Row:
    conversation_id, author_id, client_msg_id, pk, seq, visitor_seq, created_at, kind, content = row
    return Row(
        conversation_id,
        kind,
        "",
        author_id,
        _json(content),
        client_msg_id=client_msg_id,
        id=pk,
        created_at=created_at,
        seq=seq,
        visitor_seq=visitor_seq,
    )


def _json(value: Any) -> dict[str, Any]:
    return orjson.loads(value) if isinstance(value, str | bytes) else value


def _ack(row: Row) -> Ack:
    return Ack(row.client_msg_id or "", row.id, row.seq, row.visitor_seq, row.created_at)


def event_of(head: Head, row: Row) -> NewEvent:
    """The domain event of an entry that somebody wrote."""
    if row.kind == MessageKind.NOTE:  # internal: whoever may read it reads the log
        return _new_event("note.added", head, row, {"message_id": str(row.id), "seq": row.seq})
    if row.kind in REVISIONS:
        payload = {"message_id": row.content["message"], "seq": row.seq, "text": row.text}
        return _new_event(_REVISED[row.kind], head, row, payload)
    received = row.author_type == AuthorType.VISITOR
    return _new_event(
        "message.received" if received else "message.sent",
        head,
        row,
        {
            "message_id": str(row.id),
            "seq": row.seq,
            "kind": row.content.get("type", row.kind),
            "author_type": row.author_type,
            "author_id": str(row.author_id) if row.author_id else None,
            "text": row.text,
            "content": row.content,
        },
    )


def _new_event(type: str, head: Head, row: Row, payload: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type=type,
        occurred_at=row.created_at,
        conversation_id=head.id,
        customer_id=head.customer_id,
        channel=head.channel_key,
        payload=payload,
    )
