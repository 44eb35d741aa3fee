"""Conversations into the index.

The log itself says what is missing: everything after the last indexed seq. Seq is dense and in
commit order, so nothing can appear behind it, and an event or a command is only a wake-up.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import Q

from audit.archive.scope import Keys, keys_of
from audit.models import IndexedConversation, IndexedMessage
from conversations.models import Conversation
from lingxi.access.masking import mask_json, mask_text
from lingxi.grams import grams, normalise

# Entries people wrote words in: messages, notes, whispers, the note of a transfer, the comment of
# a rating.
_WORDS = ("text", "name", "note", "reason", "comment")
_KINDS = ("message", "note", "whisper", "transfer", "join", "rating", "system", "edit")

_UNREAD = """
SELECT m.id, m.conversation_id, m.seq, m.created_at, m.content
FROM unnest(%s::uuid[], %s::int[]) AS c(id, last_seq)
JOIN conversations_message m ON m.conversation_id = c.id AND m.seq > c.last_seq
WHERE m.kind = ANY(%s) ORDER BY m.created_at, m.id
"""
_COPY = """
COPY audit_indexedmessage (message_id, conversation_id, seq, created_at, text, grams, scope)
FROM STDIN
"""
Row = tuple[uuid.UUID, uuid.UUID, int, dt.datetime, str, str, str]


@dataclass(frozen=True)
class Entry:
    """An entry of the log, as far as the index needs it."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    seq: int
    created_at: dt.datetime
    content: dict[str, Any]


def spoken(content: dict[str, Any]) -> str:
    """The words a person put into an entry: text, file name, transfer note, comment."""
    return "\n".join(str(content[name]) for name in _WORDS if content.get(name))


def words_of(content: dict[str, Any]) -> str:
    """The same as the index keeps it.

    Masked, and masked again in the compared form: the index knows no hidden digit, however spelt.
    """
    return mask_text(normalise(spoken(mask_json(content))))


def index_conversations(ids: Iterable[uuid.UUID]) -> int:
    """Bring these conversations up to date; the number of entries added."""
    wanted = sorted(set(ids))
    with transaction.atomic():
        marks = _locked_marks(wanted)
        scopes = _scopes(list(marks))
        # Read the heads first: what is written after this is left for the next wake-up.
        heads = dict(Conversation.objects.filter(pk__in=marks).values_list("pk", "last_seq"))
        _move_scopes(marks, scopes)
        added = _add(_unread(marks, heads), scopes)
        _mark(heads, scopes)
    return added


def _locked_marks(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, IndexedConversation]:
    """The marks of those that exist, locked in order of id, created where missing."""
    existing = Conversation.objects.filter(pk__in=ids).values_list("pk", flat=True)
    IndexedConversation.objects.bulk_create(
        [IndexedConversation(conversation_id=pk) for pk in sorted(existing)], ignore_conflicts=True
    )
    marks = IndexedConversation.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {mark.pk: mark for mark in marks}


def _scopes(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Keys]:
    agents = ArrayAgg(
        "participants__agent", filter=Q(participants__agent__isnull=False), default=[]
    )
    rows = Conversation.objects.filter(pk__in=ids).annotate(agent_ids=agents)
    return {row.pk: keys_of(row, row.agent_ids) for row in rows}


def _move_scopes(
    marks: dict[uuid.UUID, IndexedConversation], scopes: dict[uuid.UUID, Keys]
) -> None:
    """Give what is indexed already the conversation's new keys."""
    for pk, scope in scopes.items():
        if marks[pk].last_seq and marks[pk].scope != scope:
            IndexedMessage.objects.filter(conversation_id=pk).update(scope=scope)


def _mark(heads: dict[uuid.UUID, int], scopes: dict[uuid.UUID, Keys]) -> None:
    IndexedConversation.objects.bulk_create(
        [IndexedConversation(pk, heads[pk], scopes[pk]) for pk in sorted(heads)],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["conversation_id"],
        update_fields=["last_seq", "scope"],
    )


def _unread(
    marks: dict[uuid.UUID, IndexedConversation], heads: dict[uuid.UUID, int]
) -> list[Entry]:
    behind = [pk for pk, mark in marks.items() if mark.last_seq < heads.get(pk, 0)]
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, [behind, [marks[pk].last_seq for pk in behind], list(_KINDS)])
        entries = [_entry(row) for row in cursor.fetchall()]
    return [entry for entry in entries if entry.seq <= heads[entry.conversation_id]]


def _entry(row: Sequence[Any]) -> Entry:
    pk, conversation_id, seq, at, content = row
    return Entry(
        pk, conversation_id, seq, at, orjson.loads(content) if isinstance(content, str) else content
    )


def _add(entries: Iterable[Entry], scopes: dict[uuid.UUID, Keys]) -> int:
    rows = [index_row(entry, scopes[entry.conversation_id]) for entry in entries]
    return store(row for row in rows if row is not None)


def index_row(entry: Entry, scope: Keys) -> Row | None:
    """The columns of an `IndexedMessage`; None when there is nothing in it to be found by."""
    text = words_of(entry.content)
    found = grams(text)
    if not found:
        return None
    place = (entry.id, entry.conversation_id, entry.seq, entry.created_at)
    return (*place, text, _array(found), _array(scope))


def store(rows: Iterable[Row]) -> int:
    """Write rows of the index by COPY, several times faster than INSERT; how many they were."""
    count = 0
    with connection.cursor() as cursor, cursor.copy(_COPY) as stream:
        for count, row in enumerate(rows, 1):  # noqa: B007 - what is left of it is the result
            stream.write_row(row)
    return count


def _array(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes it."""
    return f"{{{','.join(map(str, numbers))}}}"
