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


def changes(before: Fingerprint, after: Fingerprint) -> list[str]:
    """What differs, in words for a failed test."""
    return [
        f"{table}: {before[table][0]} → {after[table][0]} rows"
        for table in before
        if before[table] != after[table]
    ]
