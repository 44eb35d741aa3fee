"""One transaction for many commands."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction

from conversations import attachments, inbox, moderation
from conversations.ingest import revisions
from conversations.ingest.commands import Ack, Command
from conversations.ingest.log import Head, Row, append, lock_heads
from conversations.ingest.validate import INTERNAL, REVISIONS
from conversations.models import AuthorType, Message, MessageKind, State
from conversations.roles import Pair, writers_among
from lingxi.errors import Conflict, ConversationClosed, Forbidden, LingxiError, NotFound
from lingxi.events.outbox import NewEvent, emit_many
from lingxi.recordset import recordset

Result = Ack | LingxiError
_Key = tuple[uuid.UUID, uuid.UUID | None, str]

_KINDS = {
    "note": MessageKind.NOTE,
    "whisper": MessageKind.WHISPER,
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
    reviewer = moderation.Reviewer()
    with transaction.atomic():
        heads = lock_heads(command.conversation_id for command in commands)
        seen = _seen(commands)
        targets = revisions.targets_of(commands)
        helpers = _helpers(commands, heads)
        pairs: list[tuple[Head, Row]] = []
        known = _Known(heads, seen, targets, helpers, reviewer)
        results = [_take(command, known, pairs) for command in commands]
        rows = append(pairs)
        revisions.apply(rows, targets)
        emit_many(event_of(head, row) for head, row in pairs)
        reviewer.write()
    return [_ack(result) if isinstance(result, Row) else result for result in results], rows


@dataclass(slots=True)
class _Known:
    """What was read for the whole batch, under the locks."""

    heads: dict[uuid.UUID, Head]
    seen: dict[_Key, Row]
    targets: dict[str, Message]
    helpers: set[Pair]
    review: moderation.Reviewer


def _take(command: Command, known: _Known, pairs: list[tuple[Head, Row]]) -> Result | Row:
    key = (command.conversation_id, command.actor.id, command.client_msg_id)
    try:
        head = _permitted(command, known.heads.get(command.conversation_id), known.helpers)
        earlier = known.seen.get(key)
        if earlier is not None:
            return _again(command, earlier)
        if command.kind in REVISIONS:
            target = revisions.check(command, known.targets.get(command.content["message"]))
            command = known.review(command)
            revisions.retell(head, command, target)
        else:
            command = known.review(command)
        row = _row(command, head)
        if command.kind == MessageKind.WHISPER:
            _note_whisper(command, head)
    except LingxiError as error:
        return error
    known.seen[key] = row
    pairs.append((head, row))
    return row


def _helpers(commands: Sequence[Command], heads: dict[uuid.UUID, Head]) -> set[Pair]:
    """Who may write without serving; no query where all who write serve."""
    others = {
        (command.conversation_id, command.actor.id)
        for command in commands
        if command.actor.type == AuthorType.AGENT
        and command.kind not in INTERNAL
        and (head := heads.get(command.conversation_id)) is not None
        and head.agent_id != command.actor.id
    }
    return writers_among(others) if others else set()


def _permitted(command: Command, head: Head | None, helpers: Collection[Pair]) -> Head:
    """Who may write where.

    Visitors in their own, agents in what they serve or were let into, notes by any agent, whispers
    by supervisors.
    """
    by, is_visitor = command.actor, command.actor.type == AuthorType.VISITOR
    if head is None or (is_visitor and head.customer_id != by.id):
        raise NotFound("会话不存在")
    if command.kind in INTERNAL and is_visitor:
        raise Forbidden
    if command.kind == MessageKind.NOTE:
        return head
    if head.state == State.CLOSED:
        raise ConversationClosed
    if command.kind == MessageKind.WHISPER:
        _whisperer(command)
    elif by.type == AuthorType.AGENT and by.id != head.agent_id and (head.id, by.id) not in helpers:
        raise Forbidden("该会话不由你接待")
    return head


def _whisperer(command: Command) -> Any:
    """The supervisor who whispers. Raises `Forbidden` for others."""
    from conversations import supervision  # which stands on the log that is written here

    agent_id = command.actor.id
    user = supervision.may_whisper(agent_id, command.conversation_id) if agent_id else None
    if user is None:
        raise Forbidden("只有主管可以发送悄悄话")
    return user


def _note_whisper(command: Command, head: Head) -> None:
    """Into the audit log, and into the inbox of the agent it is meant for."""
    from conversations import supervision
    from conversations.realtime import hints

    supervision.audit(command.conversation_id, _whisperer(command), "whisper")
    if head.agent_id is not None:
        entries = inbox.tell([(head.agent_id, head.id, "whisper")])
        transaction.on_commit(lambda: hints.publish(inbox=entries), robust=True)


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
    told = earlier.content
    same = (moderation.is_same(told.get(key), sent) for key, sent in command.content.items())
    if not same_kind or not all(same):
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
    if row.kind == MessageKind.WHISPER:
        return _new_event("whisper.added", head, row, {"message_id": str(row.id), "seq": row.seq})
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
