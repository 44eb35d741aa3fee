"""Groups and agents as a simulation wants them: what they may hold, and when they were ready."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from routing import kinds
from routing.models import (
    Agent,
    AgentStatus,
    ChannelCapacity,
    Membership,
    SkillGroup,
    StatusPeriod,
    WorkItem,
)
from routing.simulation.parts import AgentPlan, GroupPlan, Seat, joined
from routing.simulation.past import Period

# What was begun longer ago than this and never ended is a forgotten row, not work.
HELD_AT_MOST = dt.timedelta(days=2)
LASTING_AT_MOST = dt.timedelta(days=90)
Stretches = dict[uuid.UUID, list[tuple[float, float]]]

_INFERRED = """
SELECT worked.agent_id, extract(epoch FROM worked.first)::float8,
       extract(epoch FROM worked.last)::float8
FROM (
    SELECT agent_id, (assigned_at AT TIME ZONE %(zone)s)::date AS day, min(assigned_at) AS first,
           max(greatest(assigned_at, least(finished_at, %(until)s))) AS last
    FROM routing_workitem
    WHERE agent_id IS NOT NULL AND assigned_at >= %(since)s AND assigned_at < %(until)s
      AND kind = %(kind)s
    GROUP BY 1, 2
) worked
WHERE NOT EXISTS (
    SELECT FROM routing_statusperiod period
    WHERE period.agent_id = worked.agent_id
      AND period.started_at < (worked.day + 1)::timestamp AT TIME ZONE %(zone)s
      AND (period.ended_at IS NULL
           OR period.ended_at > worked.day::timestamp AT TIME ZONE %(zone)s))
"""


@dataclass
class Presence:
    """When each agent was ready. `recorded` counts periods, `inferred` days of agents."""

    stretches: Stretches = field(default_factory=lambda: defaultdict(list))
    recorded: int = 0
    inferred: int = 0

    def note(self) -> str:
        """What a reader of the result should know; empty when everything is on record."""
        if not self.inferred:
            return ""
        return (
            f"有 {self.inferred} 个坐席日没有状态记录（导入的或旧的数据），"
            "其在线时段按当天第一次分配到最后一次接待结束推断。"
        )

    def as_dict(self) -> dict[str, Any]:
        """As the result shows it."""
        return {
            "agents": len(self.stretches),
            "recorded_periods": self.recorded,
            "inferred_days": self.inferred,
            "note": self.note(),
        }


def presence_in(period: Period, horizon: dt.datetime) -> Presence:
    """Ready periods from the period's begin to the horizon; two queries.

    Where the status of an agent is not on record for a day, they count as ready from the first
    assignment of that day to the end of the last.
    """
    found = Presence()
    rows = StatusPeriod.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=period.since),
        status=AgentStatus.READY,
        started_at__lt=horizon,
    )
    for agent_id, start, end in rows.values_list("agent_id", "started_at", "ended_at"):
        stretch = max(start, period.since), min(end or horizon, horizon)
        found.stretches[agent_id].append((stretch[0].timestamp(), stretch[1].timestamp()))
        found.recorded += 1
    with connection.cursor() as cursor:
        cursor.execute(_INFERRED, period.parameters() | {"zone": settings.TIME_ZONE})
        for agent_id, first, last in cursor.fetchall():
            found.stretches[agent_id].append((first, last))
            found.inferred += 1
    return found


def group_plans(groups: Iterable[SkillGroup]) -> list[GroupPlan]:
    """Groups as they are set up now."""
    return [
        GroupPlan(
            group.id,
            group.name,
            group.picking,
            group.ageing_seconds,
            group.min_level,
            group.last_agent_first,
            group.last_agent_days,
        )
        for group in groups
    ]


def agent_plans(period: Period, presence: Presence) -> list[AgentPlan]:
    """Every agent who was there, with seats and limits as they are now; four queries."""
    seats: dict[uuid.UUID, list[Seat]] = defaultdict(list)
    for row in Membership.objects.values_list("agent_id", "skillgroup_id", "level", "weight"):
        seats[row[0]].append(Seat(row[1], row[2], row[3]))
    own = kinds.of(period.kind)
    limits: dict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    for agent_id, kind, most in ChannelCapacity.objects.values_list(
        "agent_id", "channel_kind", "capacity"
    ):
        limits[agent_id][kind] = most
    held = _held_at(period)
    present = Agent.objects.filter(id__in=list(presence.stretches)).order_by("id")
    return [
        AgentPlan(
            pk,
            most if own.capacity is None else limits[pk].pop(own.name, own.capacity),
            seats[pk],
            joined(presence.stretches[pk]),
            limits[pk],
            held[pk],
        )
        for pk, most in present.values_list("id", "capacity")
    ]


def _held_at(period: Period) -> dict[uuid.UUID, list[float]]:
    """The ends of what agents held when the period began."""
    at_most = LASTING_AT_MOST if kinds.of(period.kind).is_lasting else HELD_AT_MOST
    rows: Iterable[Any] = WorkItem.objects.filter(
        Q(finished_at__isnull=True) | Q(finished_at__gt=period.since),
        agent__isnull=False,
        kind__in=kinds.sharing(period.kind),
        assigned_at__lt=period.since,
        assigned_at__gt=period.since - at_most,
    ).values_list("agent_id", "finished_at")
    found: dict[uuid.UUID, list[float]] = defaultdict(list)
    for agent_id, finished_at in rows:
        found[agent_id].append((finished_at or period.until).timestamp())
    return found
