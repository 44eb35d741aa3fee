"""Emptying the database between transactional tests, quicker than Django does.

Django truncates every table, which makes new files for each, and then writes permissions and
content types anew. Ours deletes from the tables that have rows, and keeps those two, which no test
changes.
"""

import importlib
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = frozenset({"django_content_type", "auth_permission", "django_migrations"})


def _delete_all(
    operations: DatabaseOperations,
    style: Any,
    tables: Sequence[str],
    *,
    reset_sequences: bool = False,
    allow_cascade: bool = False,
) -> list[str]:
    """The statements, run in one transaction; foreign keys are looked at when all are gone."""
    names = [table for table in tables if table not in KEPT]
    with connection.cursor() as cursor:
        some = " UNION ALL ".join(
            f"SELECT '{name}' WHERE EXISTS (SELECT FROM {operations.quote_name(name)})"
            for name in names
        )
        cursor.execute(some)
        filled = [row[0] for row in cursor.fetchall()]
    if not filled:
        return []
    quoted = [operations.quote_name(name) for name in filled]
    return [f"DELETE FROM {name}" for name in quoted]


def hurry() -> None:
    """Make Django flush so."""
    DatabaseOperations.sql_flush = _delete_all  # type: ignore[assignment]
    flush = importlib.import_module("django.core.management.commands.flush")
    flush.emit_post_migrate_signal = lambda *args, **kwargs: None  # type: ignore[attr-defined]
