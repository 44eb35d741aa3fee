"""The rows of the log: numbering, writing, and the counters on the conversation.

The caller holds the conversations' rows, so the counters it read are the latest.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from conversations.actors import Actor
from conversations.models import INTERNAL_KINDS, AuthorType, MessageKind
from lingxi.access.masking import mask_text
from lingxi.ids import new_id
from lingxi.recordset import recordset

LAST_TEXT = 120


@dataclass(slots=True)
class Head:
    """The part of a conversation that writing needs: its counters and its waiting clock."""

    id: uuid.UUID
    customer_id: uuid.UUID
    channel_key: str
    agent_id: uuid.UUID | None
    state: str
    last_seq: int
    visitor_seq: int
    last_text: str
    last_message_at: dt.datetime | None
    waiting_since: dt.datetime | None
    first_visitor_message_at: dt.datetime | None
    first_reply_at: dt.datetime | None


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(slots=True)
class Row:
    """One entry, numbered when it is appended. Reads like `models.Message`."""

    conversation_id: uuid.UUID
    kind: str
    author_type: str
    author_id: uuid.UUID | None
    content: dict[str, Any]
    client_msg_id: str | None = None
    id: uuid.UUID = field(default_factory=new_id)
    created_at: dt.datetime = field(default_factory=_now)
    author_name: str = ""
    seq: int = 0
    visitor_seq: int | None = None

    @property
    def text(self) -> str:
        """The words in it, empty for files and events."""
        return self.content.get("text", "")


_LOCK = """
SELECT c.id, c.customer_id, ch.key, c.agent_id, c.state, c.last_seq, c.visitor_seq, c.last_text,
       c.last_message_at, c.waiting_since, c.first_visitor_message_at, c.first_reply_at
FROM conversations_conversation c JOIN conversations_channel ch ON ch.id = c.channel_id
WHERE c.id = ANY(%s) ORDER BY c.id FOR NO KEY UPDATE OF c
"""

_INSERT = """
INSERT INTO conversations_message (id, conversation_id, seq, visitor_seq, kind, author_type,
                                   author_id, client_msg_id, content, created_at)
SELECT id, conversation_id, seq, visitor_seq, kind, author_type, author_id, client_msg_id,
       content, created_at
FROM json_to_recordset(%s::json)
  AS t(id uuid, conversation_id uuid, seq int, visitor_seq int, kind text, author_type text,
       author_id uuid, client_msg_id text, content jsonb, created_at timestamptz)
"""

_UPDATE = """
UPDATE conversations_conversation c
SET last_seq = t.last_seq, visitor_seq = t.visitor_seq, last_text = t.last_text,
    last_message_at = t.last_message_at, waiting_since = t.waiting_since,
    first_visitor_message_at = t.first_visitor_message_at, first_reply_at = t.first_reply_at
FROM json_to_recordset(%s::json)
  AS t(id uuid, last_seq int, visitor_seq int, last_text text, last_message_at timestamptz,
       waiting_since timestamptz, first_visitor_message_at timestamptz,
       first_reply_at timestamptz)
WHERE c.id = t.id
"""


def lock_heads(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Head]:
    """Lock conversations in the order of their ids; those that exist, by id."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(set(ids))])
        return {row[0]: Head(*row) for row in cursor.fetchall()}


def append(pairs: Sequence[tuple[Head, Row]]) -> list[Row]:
    """Number and write entries, in order, and move the conversations' counters."""
    if not pairs:
        return []
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("The log is written under a lock.")
    for head, row in pairs:
        _number(head, row)
        _move_clocks(head, row)
    rows = [row for _, row in pairs]
    heads = list({head.id: head for head, _ in pairs}.values())
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [recordset(rows)])
        cursor.execute(_UPDATE, [recordset(heads)])
    return rows


def _number(head: Head, row: Row) -> None:
    head.last_seq += 1
    row.seq = head.last_seq
    if row.kind not in INTERNAL_KINDS:
        head.visitor_seq += 1
        row.visitor_seq = head.visitor_seq


def _move_clocks(head: Head, row: Row) -> None:
    """Keep the raw times that metrics.md computes from: rounds open and close here."""
    if row.kind != MessageKind.MESSAGE:
        return
    words = row.text or _PLACEHOLDERS.get(row.content.get("type", ""), "")
    # Masked before it is cut: half a phone number would be no number to the mask.
    head.last_text = mask_text(words[: 2 * LAST_TEXT])[:LAST_TEXT]
    head.last_message_at = row.created_at
    if "ticket" in row.content:
        return  # said on a ticket: what waits in the chat for an answer still waits
    if row.author_type == AuthorType.VISITOR:
        head.first_visitor_message_at = head.first_visitor_message_at or row.created_at
        head.waiting_since = head.waiting_since or row.created_at
    elif row.author_type == AuthorType.AGENT:
        head.first_reply_at = head.first_reply_at or row.created_at
        head.waiting_since = None


_PLACEHOLDERS = {"image": "[图片]", "file": "[文件]"}


def entry(conversation_id: uuid.UUID, kind: str, by: Actor, content: dict[str, Any]) -> Row:
    """An entry of an event (state, assignment, rating ...) made by `by`."""
    return Row(conversation_id, kind, by.type, by.id, content, author_name=by.name)
