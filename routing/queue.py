"""Entering and leaving the queue, and where somebody stands in it."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from routing.models import SkillGroup, WorkItem, WorkState

RECENT = 20  # assignments looked at for the estimate
WITHIN = dt.timedelta(hours=1)


@dataclass(frozen=True)
class QueuePosition:
    """`position` counts from 1, `ahead` from 0; `estimated_wait` in seconds, None if unknown."""

    position: int
    ahead: int
    estimated_wait: int | None

    def as_dict(self) -> dict[str, int | None]:
        """As it goes over the wire."""
        return asdict(self)


def enqueue(
    kind: str,
    item_id: uuid.UUID,
    group: SkillGroup,
    facts: Mapping[str, Any] | None = None,
    priority: int = 0,
) -> WorkItem:
    """Put a thing into a group's queue, inside the caller's transaction."""
    return WorkItem.objects.create(
        kind=kind, item_id=item_id, group=group, facts=dict(facts or {}), priority=priority
    )


def leave(kind: str, item_id: uuid.UUID, reason: str) -> WorkItem | None:
    """End the thing's stay, waiting or assigned; the item that ended, or None."""
    item = (
        WorkItem.objects.open()
        .select_for_update(no_key=True)
        .filter(kind=kind, item_id=item_id)
        .first()
    )
    if item is not None:
        item.state, item.finished_at, item.left_reason = WorkState.DONE, timezone.now(), reason
        item.save(update_fields=["state", "finished_at", "left_reason"])
    return item


_POSITIONS = """
SELECT item_id, position FROM (
    SELECT item_id, row_number() OVER (ORDER BY priority DESC, enqueued_at, id) AS position
    FROM routing_workitem WHERE group_id = %s AND state = 'waiting' AND kind = %s
) AS queue
"""


def positions_in(kind: str, group_id: uuid.UUID) -> dict[uuid.UUID, QueuePosition]:
    """Where everybody of `kind` in the group's queue stands; two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, [group_id, kind])
        rows = cursor.fetchall()
    pace = seconds_per_assignment(group_id) if rows else None
    return {item_id: _position(place, pace) for item_id, place in rows}


def position_of(kind: str, item_id: uuid.UUID) -> QueuePosition | None:
    """Where one thing stands, or None when it does not wait."""
    item = WorkItem.objects.filter(kind=kind, item_id=item_id, state=WorkState.WAITING).first()
    return positions_in(kind, item.group_id).get(item_id) if item else None


def seconds_per_assignment(group_id: uuid.UUID) -> float | None:
    """The recent pace: the span of the last 20 assignments within an hour ÷ their number."""
    recent = WorkItem.objects.filter(
        group_id=group_id, assigned_at__gte=timezone.now() - WITHIN
    ).order_by("-assigned_at")[:RECENT]
    found = recent.aggregate(first=Min("assigned_at"), last=Max("assigned_at"))
    count = len(recent)
    if count < 2:
        return None
    return (timezone.now() - found["first"]).total_seconds() / count


def _position(place: int, pace: float | None) -> QueuePosition:
    wait = None if pace is None else max(1, round(place * pace))
    return QueuePosition(place, place - 1, wait)
