"""What the floor reads: aggregates of the whole, each one query, whatever there is of agents.

Everything here is of everybody; who sees which part of it is `scope`'s.
"""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from conversations.floor.warnings import AHEAD, LOOK_BACK, RATED_BADLY, VIP_PATTERN
from conversations.models import Conversation, Rating, SensitiveHit, State
from routing.models import (
    Agent,
    BreakReason,
    BreakRequest,
    BreakRequestState,
    Membership,
    Presence,
    SkillGroup,
    WorkItem,
)

KIND = "conversation"
LISTED = 500  # of queues, and as many with warnings: so many rows, shared by the groups
LEAST = 10  # of each group at least
HITS, RATINGS = 500, 500

Rows = list[dict[str, Any]]


def groups() -> Rows:
    """Every group, and when it wants to be warned."""
    waiting, unanswered = F("service__warn_waiting_seconds"), F("service__warn_unanswered_seconds")
    rows = SkillGroup.objects.order_by("name").annotate(waiting=waiting, unanswered=unanswered)
    return [*map(dict, rows.values("id", "name", "color", "picking", "waiting", "unanswered"))]


def agents(now: dt.datetime) -> Rows:
    """Every agent, and whether they have a living connection."""
    lease = Presence.objects.filter(agent=OuterRef("pk"), expires_at__gt=now)
    columns = ("id", "name", "status", "status_reason", "status_since", "missed", "capacity")
    rows = Agent.objects.order_by("name").annotate(here=Exists(lease))
    return list(rows.values(*columns, "here"))


def memberships() -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(agent, group)."""
    return list(Membership.objects.order_by("id").values_list("agent_id", "skillgroup_id"))


def loads() -> dict[uuid.UUID, int]:
    """How many conversations each agent holds."""
    rows = WorkItem.objects.held().order_by().values("agent").annotate(count=Count("pk"))
    return dict(rows.values_list("agent_id", "count"))


def waits() -> dict[uuid.UUID, list[dt.datetime]]:
    """Since when those wait whom each agent has not answered, oldest first."""
    rows = (
        Conversation.objects.open()
        .filter(agent__isnull=False, waiting_since__isnull=False)
        .order_by()
        .values("agent")
        .annotate(waits=ArrayAgg("waiting_since", order_by="waiting_since"))
    )
    return dict(rows.values_list("agent_id", "waits"))


def _queued() -> Any:
    """Who waits, those included whom an agent is just being asked to take.

    Who is being transferred is served meanwhile, and does not wait.
    """
    return WorkItem.objects.pending().filter(kind=KIND, is_transfer=False)


def queues() -> dict[uuid.UUID, tuple[int, dt.datetime]]:
    """How many wait in each group, offered ones too, and since when the first of them."""
    rows = _queued().order_by().values("group")
    counted = rows.annotate(count=Count("pk"), oldest=Min("enqueued_at"))
    found = counted.values_list("group_id", "count", "oldest")
    return {group: (count, oldest) for group, count, oldest in found}


def limit_of(groups: int) -> int:
    """How many of each group's queue, and how many of its conversations with warnings, to list."""
    return max(LEAST, LISTED // max(1, groups))


def waiting(limit: int) -> Rows:
    """The head of every group's queue; `place` counts from 1."""
    place = Window(RowNumber(), partition_by="group_id", order_by=["rank_at", "id"])
    columns = ("item_id", "group_id", "state", "agent_id", "priority", "enqueued_at", "place")
    rows = _queued().annotate(place=place)
    return list(rows.filter(place__lte=limit).order_by().values(*columns))


def words_said(now: dt.datetime) -> dict[uuid.UUID, dict[str, Any]]:
    """The last sensitive word of each open conversation."""
    hits = (
        SensitiveHit.objects.filter(created_at__gte=now - LOOK_BACK)
        .exclude(conversation__state=State.CLOSED)
        .order_by("-created_at")
    )
    rows = list(hits.values("conversation_id", "word", "created_at")[:HITS])
    return {row["conversation_id"]: dict(row) for row in reversed(rows)}


def bad_ratings(now: dt.datetime) -> dict[uuid.UUID, dict[str, Any]]:
    """What was rated badly of late."""
    rows = Rating.objects.filter(score__lte=RATED_BADLY, created_at__gte=now - LOOK_BACK)
    found = rows.order_by("-created_at").values("conversation_id", "score", "created_at")[:RATINGS]
    return {row["conversation_id"]: dict(row) for row in found}


_COLUMNS = {
    "id": "id",
    "state": "state",
    "home": "group_id",
    "agent": "agent_id",
    "text": "last_text",
    "unanswered": "waiting_since",
    "created": "created_at",
    "customer": "customer_id",
    "name": "customer__name",
    "level": "customer__level",
    "tags": "customer__tags",
    "channel": "channel__name",
}


def conversations(
    wanted: Collection[uuid.UUID],
    rated: Collection[uuid.UUID],
    late: dt.datetime | None,
    limit: int,
) -> Rows:
    """Those wanted, those rated, and of those served: VIPs and who waits since before `late`.

    Of the served ones, `limit` of each group, who waits longest first.
    """
    vip = Q(customer__level__iregex=VIP_PATTERN) | Q(customer__tags__iregex=VIP_PATTERN)
    notable = vip if late is None else vip | Q(waiting_since__lte=late)
    order: Any = [F("waiting_since").asc(nulls_last=True), "id"]
    place = Window(RowNumber(), partition_by="group_id", order_by=order)
    served = (
        Conversation.objects.exclude(state=State.CLOSED)
        .filter(notable, state__in=[State.SERVING, State.TRANSFERRING])
        .annotate(place=place)
        .filter(place__lte=limit)
        .order_by()
    )
    rows = Conversation.objects.order_by()
    named = rows.filter(pk__in={*wanted, *rated})
    found = {row[0]: row for one in (named, served) for row in one.values_list(*_COLUMNS.values())}
    return [dict(zip(_COLUMNS, row, strict=True)) for row in found.values()]


def late_since(now: dt.datetime, limits: Collection[int]) -> dt.datetime | None:
    """Who waits since before this moment may be unanswered for too long in some group."""
    wanted = [seconds for seconds in limits if seconds]
    return now + AHEAD - dt.timedelta(seconds=min(wanted)) if wanted else None


def served_today(now: dt.datetime) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """(agent, group, how many conversations they were given since midnight)."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = WorkItem.objects.filter(
        # The index begins with the groups.
        group__in=SkillGroup.objects.order_by().values("id"),
        kind=KIND,
        assigned_at__gte=midnight,
        agent__isnull=False,
    )
    counted = rows.order_by().values("agent", "group").annotate(n=Count("item_id", distinct=True))
    return list(counted.values_list("agent_id", "group_id", "n"))


def longest_breaks() -> dict[str, int]:
    """How many minutes a break of each reason may last, by the reason's name."""
    rows = BreakReason.objects.filter(max_minutes__isnull=False)
    return {name: minutes or 0 for name, minutes in rows.values_list("name", "max_minutes")}


def break_requests() -> dict[uuid.UUID, dict[str, Any]]:
    """Who asks for a break."""
    rows = BreakRequest.objects.filter(state=BreakRequestState.PENDING)
    found = rows.values("id", "agent_id", "reason__name", "asked_at")
    return {row["agent_id"]: row for row in found}
