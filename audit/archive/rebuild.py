"""Filling the index for many conversations at once."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from audit.archive.indexing import index_conversations
from audit.models import IndexedConversation, IndexedMessage
from conversations.models import Conversation

WORD_INDEX = "archive_words"


def behind() -> list[uuid.UUID]:
    """Conversations whose log has entries that are not in the index yet, oldest first."""
    mark = IndexedConversation.objects.filter(pk=OuterRef("pk")).values("last_seq")
    unread = Conversation.objects.annotate(indexed=Coalesce(Subquery(mark), 0))
    rows = unread.filter(last_seq__gt=F("indexed")).order_by("created_at")
    return list(rows.values_list("pk", flat=True))


def index_in_batches(ids: list[uuid.UUID], size: int = 200) -> Iterator[tuple[int, int]]:
    """Index `ids`, a transaction for each `size`; yields how many were taken and entries added."""
    for start in range(0, len(ids), size):
        some = ids[start : start + size]
        yield len(some), index_conversations(some)


def empty() -> None:
    """Forget the whole index. The archive finds nothing until it is filled again."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_indexedconversation, audit_indexedmessage")


@contextmanager
def word_index_built_afterwards() -> Iterator[None]:
    """Drop the word index, and build it in one go at the end: many times faster than row by row."""
    index = next(i for i in IndexedMessage._meta.indexes if i.name == WORD_INDEX)
    with connection.schema_editor() as editor:
        editor.remove_index(IndexedMessage, index)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            editor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            editor.add_index(IndexedMessage, index)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE audit_indexedmessage")
