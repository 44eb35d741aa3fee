"""The whole floor at one moment, as plain rows that go to browsers as they are.

Moments are milliseconds since 1970, ids are texts. The rows of a table are kept by id:

    groups         {id, name, color, picking, waiting, oldest, ready, busy, break, offline, load,
                    capacity, served, warn_waiting, warn_unanswered}
    agents         {id, name, status, reason, since, load, capacity, groups, waits, unanswered,
                    served, missed, overdue, ask}
    conversations  {id, state, group, home, serves, agent, who, customer, name, channel, text,
                    since, priority, place, vip, warnings}

A group's load and capacity are those of its members who are there: how full the team is. `oldest`
and `since` say since when somebody waits; `warn_…` after how many seconds of that to warn.
"""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from conversations.floor import queries
from conversations.floor.conversations import conversation_rows
from conversations.floor.warnings import Limits, millis
from conversations.models import ServiceSettings
from lingxi.ids import new_id
from routing.models import AgentStatus

TABLES = ("groups", "agents", "conversations")
SHOWN_WAITS = 6  # of an agent's conversations, how many waits are told one by one
COUNT_AGAIN = 20.0  # seconds after which what was served today is counted again
CUT_OFF = "连接中断"

Row = dict[str, Any]
Table = dict[str, Row]


@dataclass(frozen=True)
class Snapshot:
    """The floor at `at`. `served` is (agent, group, count), counted at `counted`."""

    at: int
    groups: Table = field(default_factory=dict)
    agents: Table = field(default_factory=dict)
    conversations: Table = field(default_factory=dict)
    served: list[tuple[str, str, int]] = field(default_factory=list)
    counted: int = 0
    version: str = field(default_factory=lambda: str(new_id()))


def take(before: Snapshot | None = None, now: dt.datetime | None = None) -> Snapshot:
    """Read it from the database: at most 14 queries, whatever there is.

    What was served today is taken over from `before` while that is fresh.
    """
    now = now or timezone.now()
    served, counted = _served(before, now)
    group_rows = queries.groups()
    limits = {row["id"]: _limits(row) for row in group_rows}
    members = queries.memberships()
    agents = _agents(now, members, served)
    return Snapshot(
        at=millis(now),
        groups=_groups(group_rows, limits, members, agents, served),
        agents=agents,
        conversations=_by_id(conversation_rows(now, limits, agents)),
        served=served,
        counted=counted,
    )


def _by_id(rows: Iterable[Row]) -> Table:
    return {row["id"]: row for row in rows}


def _limits(row: Row) -> Limits:
    """The group's own, or what a group without settings of its own has."""
    default = ServiceSettings()
    return Limits(
        default.warn_waiting_seconds if row["waiting"] is None else row["waiting"],
        default.warn_unanswered_seconds if row["unanswered"] is None else row["unanswered"],
    )


def _served(before: Snapshot | None, now: dt.datetime) -> tuple[list[tuple[str, str, int]], int]:
    at = millis(now)
    if before is not None and 0 <= at - before.counted < COUNT_AGAIN * 1000:
        same_day = timezone.localdate(now) == timezone.localdate(_moment(before.counted))
        if same_day:
            return [(agent, group, count) for agent, group, count in before.served], before.counted
    rows = queries.served_today(now)
    return [(str(agent), str(group), count) for agent, group, count in rows], at


def _moment(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / 1000, dt.UTC)


# -- agents --------------------------------------------------------------------------------------


def _agents(
    now: dt.datetime,
    members: Iterable[tuple[uuid.UUID, uuid.UUID]],
    served: Iterable[tuple[str, str, int]],
) -> Table:
    groups: dict[uuid.UUID, list[str]] = defaultdict(list)
    for agent_id, group_id in members:
        groups[agent_id].append(str(group_id))
    counts: Counter[str] = Counter()
    for agent, _, count in served:
        counts[agent] += count
    loads, waits = queries.loads(), queries.waits()
    longest, asked = queries.longest_breaks(), queries.break_requests()
    rows = []
    for one in queries.agents(now):
        pk, waiting = one["id"], waits.get(one["id"], [])
        row = _agent(one, longest) | {
            "load": loads.get(pk, 0),
            "groups": groups.get(pk, []),
            "waits": [millis(since) for since in waiting[:SHOWN_WAITS]],
            "unanswered": len(waiting),
            "served": counts[str(pk)],
            "ask": _ask(asked.get(pk)),
        }
        rows.append(row)
    return _by_id(rows)


def _agent(one: Row, longest: dict[str, int]) -> Row:
    """What counts now: who has no connection is offline, whatever they said."""
    is_cut_off = not one["here"] and one["status"] != AgentStatus.OFFLINE
    minutes = longest.get(one["status_reason"]) if one["status"] == AgentStatus.BREAK else None
    since = millis(one["status_since"])
    return {
        "id": str(one["id"]),
        "name": one["name"],
        "status": one["status"] if one["here"] else str(AgentStatus.OFFLINE),
        "reason": CUT_OFF if is_cut_off else one["status_reason"],
        "since": None if is_cut_off else since,
        "capacity": one["capacity"],
        "missed": one["missed"],
        "overdue": since + minutes * 60_000 if minutes and one["here"] else None,
    }


def _ask(request: Row | None) -> Row | None:
    if request is None:
        return None
    return {
        "id": str(request["id"]),
        "reason": request["reason__name"],
        "at": millis(request["asked_at"]),
    }


# -- groups --------------------------------------------------------------------------------------


def _groups(
    rows: Iterable[Row],
    limits: dict[uuid.UUID, Limits],
    members: Iterable[tuple[uuid.UUID, uuid.UUID]],
    agents: Table,
    served: Iterable[tuple[str, str, int]],
) -> Table:
    teams: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for agent_id, group_id in members:
        if str(agent_id) in agents:  # not who was removed between two queries
            teams[group_id].append(agents[str(agent_id)])
    counts: Counter[str] = Counter()
    for _, group, count in served:
        counts[group] += count
    queued = queries.queues()
    return _by_id(
        {
            "id": str(one["id"]),
            "name": one["name"],
            "color": one["color"],
            "picking": one["picking"],
            "waiting": queued[one["id"]][0] if one["id"] in queued else 0,
            "oldest": millis(queued[one["id"]][1]) if one["id"] in queued else None,
            **_team(teams[one["id"]]),
            "served": counts[str(one["id"])],
            "warn_waiting": limits[one["id"]].waiting,
            "warn_unanswered": limits[one["id"]].unanswered,
        }
        for one in rows
    )


def _team(members: list[Row]) -> Row:
    """How many are in which status, and how full those are who are there."""
    statuses = Counter(one["status"] for one in members)
    there = [one for one in members if one["status"] != AgentStatus.OFFLINE]
    return {
        **{str(status): statuses[status] for status in AgentStatus.values},
        "load": sum(one["load"] for one in there),
        "capacity": sum(one["capacity"] for one in there),
    }
