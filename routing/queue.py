"""Entering and leaving the queue, and where somebody stands in it."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from lingxi.errors import Conflict, Invalid
from routing.models import SkillGroup, WorkItem, WorkState

if TYPE_CHECKING:
    from routing.strategy import Decision

RECENT = 20  # assignments looked at for the estimate
WITHIN = dt.timedelta(hours=1)
MOST_PRIORITY = 100


@dataclass(frozen=True)
class QueuePosition:
    """`position` counts from 1, `ahead` from 0; `estimated_wait` in seconds, None if unknown."""

    position: int
    ahead: int
    estimated_wait: int | None

    def as_dict(self) -> dict[str, int | None]:
        """As it goes over the wire."""
        return asdict(self)


def rank(at: dt.datetime, priority: int, group: SkillGroup) -> dt.datetime:
    """The key of the queue's order: each step of priority counts as having come earlier."""
    return at - dt.timedelta(seconds=priority * group.ageing_seconds)


def enqueue(
    kind: str,
    item_id: uuid.UUID,
    group: SkillGroup,
    facts: Mapping[str, Any] | None = None,
    priority: int = 0,
    *,
    channel_kind: str = "",
    decision: "Decision | None" = None,
    is_transfer: bool = False,
    give_up_at: dt.datetime | None = None,
    like: WorkItem | None = None,
) -> WorkItem:
    """Put a thing into a group's queue, inside the caller's transaction.

    `decision` is the strategy's; `like` is an earlier stay whose facts and decision still hold.
    """
    now = timezone.now()
    item = WorkItem(
        kind=kind,
        item_id=item_id,
        group=group,
        facts=dict(facts or {}),
        channel_kind=channel_kind,
        enqueued_at=now,
        is_transfer=is_transfer,
        give_up_at=give_up_at,
    )
    if like is not None:
        item.facts, item.channel_kind = like.facts, like.channel_kind
        item.version_id, item.decision = like.version_id, like.decision
    if decision is not None:
        priority += decision.priority
        _follow(item, decision, now)
    item.priority = max(-MOST_PRIORITY, min(MOST_PRIORITY, priority))
    item.rank_at = rank(now, item.priority, group)
    item.save(force_insert=True)
    return item


def _follow(item: WorkItem, decision: "Decision", now: dt.datetime) -> None:
    item.version_id = decision.version_id
    item.decision = decision.explanation
    item.min_level = decision.min_level
    if decision.preferred is not None:
        item.preferred_agent_id = decision.preferred.agent_id
        item.preferred_until = now + dt.timedelta(seconds=decision.preferred.seconds)
        item.preferred_reason = decision.preferred.reason


def leave(kind: str, item_id: uuid.UUID, reason: str) -> list[WorkItem]:
    """End the thing's stays, waiting, offered or assigned; the items that ended."""
    items = list(
        WorkItem.objects.open()
        .select_for_update(of=("self",), no_key=True)
        .filter(kind=kind, item_id=item_id)
        .order_by("id")
    )
    end(items, reason)
    return items


def end(items: list[WorkItem], reason: str) -> None:
    """Mark locked items as done. An agent who was only asked has not held them."""
    now = timezone.now()
    for item in items:
        if item.state == WorkState.OFFERED:
            item.agent = None
        item.state, item.finished_at, item.left_reason = WorkState.DONE, now, reason[:24]
    WorkItem.objects.bulk_update(items, ["agent", "state", "finished_at", "left_reason"])


@transaction.atomic
def set_priority(kind: str, item_id: uuid.UUID, priority: int) -> WorkItem:
    """Change the priority of what waits. Raises `Invalid`, or `Conflict` when it waits no more."""
    if not -MOST_PRIORITY <= priority <= MOST_PRIORITY:
        raise Invalid(fields={"priority": [f"{-MOST_PRIORITY} 到 {MOST_PRIORITY}"]})
    item = (
        WorkItem.objects.waiting()
        .select_related("group")
        .select_for_update(of=("self",), no_key=True)
        .filter(kind=kind, item_id=item_id)
        .first()
    )
    if item is None:
        raise Conflict("已不在排队")
    item.priority, item.rank_at = priority, rank(item.enqueued_at, priority, item.group)
    item.save(update_fields=["priority", "rank_at"])
    return item


_POSITIONS = """
SELECT item_id, position FROM (
    SELECT item_id, row_number() OVER (ORDER BY rank_at, id) AS position
    FROM routing_workitem
    WHERE group_id = %s AND state = 'waiting' AND kind = %s AND NOT is_transfer
) AS queue
"""


def positions_in(kind: str, group_id: uuid.UUID) -> dict[uuid.UUID, QueuePosition]:
    """Where everybody of `kind` in the group's queue stands; two queries.

    Who is being transferred is served meanwhile, and not counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, [group_id, kind])
        rows = cursor.fetchall()
    pace = seconds_per_assignment(kind, group_id) if rows else None
    return {item_id: _position(place, pace) for item_id, place in rows}


def position_of(kind: str, item_id: uuid.UUID) -> QueuePosition | None:
    """Where one thing stands, or None when it does not wait."""
    item = WorkItem.objects.filter(kind=kind, item_id=item_id, state=WorkState.WAITING).first()
    return positions_in(kind, item.group_id).get(item_id) if item else None


def seconds_per_assignment(kind: str, group_id: uuid.UUID) -> float | None:
    """The recent pace: the span of the last 20 assignments within an hour ÷ their number."""
    recent = WorkItem.objects.filter(
        kind=kind, group_id=group_id, assigned_at__gte=timezone.now() - WITHIN
    ).order_by("-assigned_at")[:RECENT]
    found = recent.aggregate(first=Min("assigned_at"), last=Max("assigned_at"))
    count = len(recent)
    if count < 2:
        return None
    return (timezone.now() - found["first"]).total_seconds() / count


def _position(place: int, pace: float | None) -> QueuePosition:
    wait = None if pace is None else max(1, round(place * pace))
    return QueuePosition(place, place - 1, wait)
