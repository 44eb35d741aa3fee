"""One of the processes that decide and assign; a program that takes its orders line by line.

`decide <n> <of>` decides on the n-th part of what waits and writes the decisions down, as a queue
is decided again after publishing; `assign <n> <of>` assigns in the n-th part of the groups. With
`naive`, both the way `naive_routing` does, for at most so many items. Answers with a count.
"""

import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingxi.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from lingxi.recordset import recordset  # noqa: E402
from routing import queue  # noqa: E402
from routing.assignment import assign_waiting  # noqa: E402
from routing.models import SkillGroup, WorkItem  # noqa: E402
from routing.strategy import Decision, decide  # noqa: E402
from tests.bench import naive_routing  # noqa: E402

CHUNK = 250

_DECIDED = """
UPDATE routing_workitem w SET group_id = t.group_id, priority = t.priority, rank_at = t.rank_at,
    min_level = t.min_level, version_id = t.version_id, decision = t.decision
FROM json_to_recordset(%s::json) AS t(id uuid, group_id uuid, priority int, rank_at timestamptz,
    min_level int, version_id uuid, decision jsonb)
WHERE w.id = t.id AND w.state = 'waiting'
"""


def decide_part(part: int, of: int) -> int:
    """Every `of`-th item that waits, beginning with the `part`-th."""
    groups = SkillGroup.objects.in_bulk()
    ids = list(WorkItem.objects.waiting().values_list("id", flat=True))[part::of]
    for chunk in _chunks(ids):
        with transaction.atomic():
            items = WorkItem.objects.filter(id__in=chunk).order_by("id")
            rows = [_row(item, groups) for item in items]
            with connection.cursor() as cursor:
                cursor.execute(_DECIDED, [recordset(rows)])
    return len(ids)


def _chunks(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _row(item: WorkItem, groups: dict[Any, SkillGroup]) -> dict[str, Any]:
    own = groups[item.group_id]
    decision: Decision = decide(item.kind, item.item_id, item.facts, own)
    target = groups[decision.group_id]
    return {
        "id": item.pk,
        "group_id": decision.group_id,
        "priority": decision.priority,
        "rank_at": queue.rank(item.enqueued_at, decision.priority, target),
        "min_level": decision.min_level,
        "version_id": decision.version_id,
        "decision": decision.explanation,
    }


def assign_part(part: int, of: int) -> int:
    """In every `of`-th group, beginning with the `part`-th."""
    groups = list(SkillGroup.objects.order_by("name").values_list("id", flat=True))[part::of]
    return sum(assign_waiting(group) for group in groups)


def obey(order: str) -> int:
    """Carry out one line."""
    verb, *numbers = order.split()
    part, of, *most = map(int, numbers)
    if verb == "decide":
        return decide_part(part, of)
    if verb == "assign":
        return assign_part(part, of)
    return naive_routing.decide_and_assign(part, of, *most)


def main() -> None:
    """Until the orders end."""
    group = SkillGroup.objects.first()
    assert group is not None
    decide("conversation", uuid.uuid4(), {}, group)  # reads and compiles what is in force
    print("ready", flush=True)
    for line in sys.stdin:
        print(obey(line), flush=True)


if __name__ == "__main__":
    main()
