"""The whole database as one comparable value, to show that a refusal changed nothing."""

from collections.abc import Collection
from functools import lru_cache

from django.db import connection

Fingerprint = dict[str, tuple[int, str]]
# Where sockets and log-ins leave traces that are no change of anybody's data.
VOLATILE = frozenset({"django_session", "django_migrations", "routing_presence"})


@lru_cache
def _query(left_out: frozenset[str]) -> str:
    tables = sorted(set(connection.introspection.table_names()) - left_out)
    return " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
        f' FROM "{table}" t'
        for table in tables
    )


def fingerprint(left_out: Collection[str] = VOLATILE) -> Fingerprint:
    """Rows and checksum of every table that is not `left_out`."""
    with connection.cursor() as cursor:
        cursor.execute(_query(frozenset(left_out)))
        return {table: (count, checksum) for table, count, checksum in cursor.fetchall()}


_WRITES = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
       + (SELECT count(*) FROM conversations_message)
       + (SELECT count(*) FROM conversations_sensitivehit)
       + (SELECT count(*) FROM events_event)
FROM pg_stat_xact_user_tables WHERE relname <> ALL (%s)
"""


def writes(left_out: Collection[str] = VOLATILE) -> int:
    """How many rows this transaction has written so far, undone ones included, and how many there
    are in the tables of the log, which is written on a connection of its own.

    While it stays the same nothing can have changed, which spares looking at all of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITES, [list(left_out)])
        return int(cursor.fetchone()[0])


class Watch:
    """Tells what changed since it began, or since the last question, in this transaction."""

    def __init__(self) -> None:
        self._before: Fingerprint | None = None
        self.begin()

    def begin(self) -> None:
        """What was written before does not count."""
        self._before = self._before or fingerprint()
        self._written = writes()

    def forget(self) -> None:
        """Something may be changed now; not all of it is undone (the log's writer commits)."""
        self._before = None

    def changed(self) -> list[str]:
        """What differs now, in words."""
        if writes() == self._written or self._before is None:
            return []
        return changes(self._before, fingerprint())


def changes(before: Fingerprint, after: Fingerprint) -> list[str]:
    """What differs, in words for a failed test."""
    return [
        f"{table}: {before[table][0]} → {after[table][0]} rows"
        for table in before
        if before[table] != after[table]
    ]
