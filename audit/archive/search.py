"""The newest messages that contain some words, among some conversations.

Two ways lead there, and which is fast depends on how often the words occur:

*walk*: go back through the messages by time and read each. Fast for frequent words: of a word in
one message of twenty, fifty are found within a thousand.

*look up*: fetch all that the word index has and sort them. Fast for rare words, slow for frequent
ones, of which it would fetch hundreds of thousands.

Frequency is not estimated. The walk goes first, and gives up after `3√(page × messages)` steps: a
word that it did not find often enough in that many is expected at most a third as many times in the
whole table (a look-up costs some ten times a step), so neither way grows faster than that root.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isqrt

from django.db import connection, transaction
from django.db.models import QuerySet
from psycopg import sql

from audit.archive.scope import Keys
from conversations.models import Conversation
from lingxi.grams import Query

PAGE = 50
FEWEST_STEPS = 2_000
_BATCH_LIMIT = 100_000

# The inner LIMIT fixes the order of work: by time first, whatever the planner expects of the words.
_WALK = sql.SQL("""
SELECT message_id, conversation_id, created_at FROM (
  SELECT message_id, conversation_id, created_at, text, scope FROM audit_indexedmessage
  WHERE {period} ORDER BY created_at DESC, message_id DESC LIMIT {steps}
) newest WHERE {words} AND {whose} LIMIT {limit}
""")
_LOOK_UP = sql.SQL("""
WITH found AS MATERIALIZED (
  SELECT message_id, conversation_id, created_at FROM audit_indexedmessage
  WHERE grams @> {grams} AND {whose} AND {period} AND {words}
) SELECT * FROM found ORDER BY created_at DESC, message_id DESC LIMIT {limit}
""")
# Compiling these short queries would take longer than running them, and a look-up that finds many
# must not lose track of single rows.
_PREPARE = """
SELECT greatest(reltuples, 0)::bigint, set_config('jit', 'off', true),
       set_config('work_mem', '32MB', true)
FROM pg_class WHERE oid = 'audit_indexedmessage'::regclass
"""


@dataclass(frozen=True)
class Hit:
    """A message that was found; `after` in a search continues behind it."""

    message_id: uuid.UUID
    conversation_id: uuid.UUID
    created_at: dt.datetime


@dataclass(frozen=True)
class Narrowing:
    """What is known of the hits before looking: an index condition each, and all must hold.

    `keys` holds alternatives: a hit has at least one key of each list. `conversation_ids` names
    the only ones that can hold hits.
    """

    keys: tuple[Keys, ...] = ()
    conversation_ids: tuple[uuid.UUID, ...] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass
class Search:
    """One search. `conversations` is the authority on what may be found."""

    query: Query
    conversations: QuerySet[Conversation]
    narrowing: Narrowing = field(default_factory=Narrowing)

    def page(self, after: Hit | None = None, limit: int = PAGE) -> tuple[list[Hit], Hit | None]:
        """The newest hits older than `after`, and where the next page starts if there is one."""
        hits: list[Hit] = []
        for hit in self._permitted(after, limit + 1):
            if len(hits) == limit:
                return hits, hits[-1]
            hits.append(hit)
        return hits, None

    def _permitted(self, after: Hit | None, batch: int) -> Iterator[Hit]:
        """Candidates that pass the authority, in order. Larger batches when many do not."""
        while True:
            candidates = self._candidates(after, batch)
            permitted = self._filter(candidates)
            yield from (hit for hit in candidates if hit.conversation_id in permitted)
            if len(candidates) < batch:
                return
            after, batch = candidates[-1], min(batch * 4, _BATCH_LIMIT)

    def _filter(self, hits: Sequence[Hit]) -> set[uuid.UUID]:
        ids = {hit.conversation_id for hit in hits}
        if not self.conversations.query.where:
            return ids
        return set(self.conversations.filter(pk__in=ids).values_list("pk", flat=True))

    def _candidates(self, after: Hit | None, limit: int) -> list[Hit]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PREPARE)
            steps = max(3 * isqrt(limit * cursor.fetchone()[0]), FEWEST_STEPS)
            parts = self._parts(after) | {"limit": sql.Literal(limit), "steps": sql.Literal(steps)}
            for way in (_WALK, _LOOK_UP):
                cursor.execute(way.format(**parts))
                hits = [Hit(*row) for row in cursor.fetchall()]
                if len(hits) == limit:
                    break
        return hits

    def _parts(self, after: Hit | None) -> dict[str, sql.Composable]:
        return {
            "period": _all(_period(self.narrowing, after)),
            "words": _all(sql.SQL("text LIKE {}").format(_like(t)) for t in self.query.terms),
            "grams": _numbers(self.query.grams),
            "whose": _all(_whose(self.narrowing)),
        }


def _period(narrowing: Narrowing, after: Hit | None) -> Iterator[sql.Composable]:
    if narrowing.since is not None:
        yield sql.SQL("created_at >= {}").format(narrowing.since)
    if narrowing.until is not None:
        yield sql.SQL("created_at < {}").format(narrowing.until)
    if after is not None:
        position = sql.SQL("(created_at, message_id) < ({}, {})")
        yield position.format(after.created_at, after.message_id)


def _whose(narrowing: Narrowing) -> Iterator[sql.Composable]:
    for keys in narrowing.keys:
        yield sql.SQL("scope && {}").format(_numbers(keys))
    if narrowing.conversation_ids is not None:
        yield sql.SQL("conversation_id = ANY({})").format(list(narrowing.conversation_ids))


def _all(conditions: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL(" AND ").join(list(conditions) or [sql.SQL("true")])


def _numbers(numbers: Iterable[int]) -> sql.Composable:
    return sql.SQL("{}::int[]").format(list(numbers))


def _like(term: str) -> str:
    """A pattern that means the term itself."""
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
