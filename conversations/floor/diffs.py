"""What is different between two parts of the floor: rows that are new or changed, and those gone.

    {"groups": {"set": [row, …], "gone": [id, …]}, "agents": …, "conversations": …}

A table without a difference is left out. `conversations/floor/store.js` applies them.
"""

from typing import Any

from conversations.floor.scope import Part
from conversations.floor.snapshot import TABLES, Table

Diff = dict[str, dict[str, list[Any]]]


def difference(before: Part, after: Part) -> Diff:
    """What makes `after` of `before`."""
    found = {table: _of_table(before[table], after[table]) for table in TABLES}
    return {table: one for table, one in found.items() if one["set"] or one["gone"]}


def _of_table(before: Table, after: Table) -> dict[str, list[Any]]:
    return {
        "set": [row for pk, row in after.items() if before.get(pk) != row],
        "gone": [pk for pk in before if pk not in after],
    }


def whole(part: Part) -> Diff:
    """All of it, for who has nothing."""
    return {table: {"set": list(part[table].values()), "gone": []} for table in TABLES}


def applied(before: Part, diff: Diff) -> Part:
    """`before` with a difference applied: what the browser does."""
    after = {table: dict(before[table]) for table in TABLES}
    for table, one in diff.items():
        for pk in one["gone"]:
            after[table].pop(pk, None)
        after[table].update({row["id"]: row for row in one["set"]})
    return after
