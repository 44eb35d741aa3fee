"""A group's members as assignment sees them: who may be given work, and why the others may not."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson
from django.db import connection

from routing import kinds
from routing.models import SkillGroup
from routing.picking import Candidate

LATELY = dt.timedelta(days=7)  # how far back the turns of lasting work are read


class Verdict(StrEnum):
    """Why somebody may or may not be given an item."""

    READY = "ready"
    BUSY = "busy"
    BREAK = "break"
    OFFLINE = "offline"
    LACKING_SKILL = "lacking_skill"
    OFF_SHIFT = "off_shift"
    FULL = "full"
    CHANNEL_FULL = "channel_full"
    BURST = "burst"
    DECLINED = "declined"
    RESERVED = "reserved_for_other"


@dataclass
class Member:
    """One member, as seen for one kind of work. `held` and `limits` are by kind of channel."""

    agent_id: uuid.UUID
    name: str
    status: str
    capacity: int
    ready_since: dt.datetime
    turn_at: dt.datetime
    level: int
    weight: int
    stride: float
    is_present: bool
    is_on_shift: bool
    recent: int
    held: dict[str, int] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)

    @property
    def load(self) -> int:
        """How many items they hold."""
        return sum(self.held.values())

    def verdict(self, group: SkillGroup) -> Verdict:  # noqa: PLR0911 (a table of reasons)
        """Whether they may be given work of the group at all."""
        if not self.is_present or self.status == "offline":
            return Verdict.OFFLINE
        if self.status != "ready":
            return Verdict(self.status)
        if self.level < group.min_level:
            return Verdict.LACKING_SKILL
        if group.by_roster and not self.is_on_shift:
            return Verdict.OFF_SHIFT
        if self.load >= self.capacity:
            return Verdict.FULL
        if group.burst_limit and self.recent >= group.burst_limit:
            return Verdict.BURST
        return Verdict.READY

    def has_room_for(self, kind: str) -> bool:
        """Whether the limit of the kind of channel leaves room."""
        return kind not in self.limits or self.held.get(kind, 0) < self.limits[kind]

    def candidate(self, group: SkillGroup) -> Candidate:
        """As picking wants it."""
        rooms = {kind: most - self.held.get(kind, 0) for kind, most in self.limits.items()}
        return Candidate(
            agent_id=self.agent_id,
            load=self.load,
            capacity=self.capacity,
            ready_since=self.ready_since.timestamp(),
            turn_at=self.turn_at.timestamp(),
            level=self.level,
            weight=self.weight,
            stride=self.stride,
            kind_room=rooms,
            burst_room=group.burst_limit - self.recent if group.burst_limit else None,
            name=self.name,
        )


_GENERAL = """
SELECT a.id, a.name, a.status, a.capacity, a.ready_since, a.turn_at,
       coalesce(m.level, 0), coalesce(m.weight, 1), coalesce(m.stride, 0),
"""
# Lasting work leaves the turns of the general capacity alone: its own are read from what the agent
# was given of late, and what they hold by weight is the virtual time.
_LASTING = """
SELECT a.id, a.name, a.status,
       coalesce((SELECT c.capacity FROM routing_channelcapacity c
                 WHERE c.agent_id = a.id AND c.channel_kind = %(kind)s), %(capacity)s),
       a.ready_since,
       coalesce((SELECT max(w.assigned_at) FROM routing_workitem w
                 WHERE w.agent_id = a.id AND w.kind = %(kind)s AND w.assigned_at > %(lately)s),
                %(lately)s),
       coalesce(m.level, 0), coalesce(m.weight, 1),
       (SELECT count(*) FROM routing_workitem w
         WHERE w.agent_id = a.id AND w.kind = %(kind)s AND w.state IN ('offered', 'assigned')
       )::float8 / coalesce(m.weight, 1),
"""
_MEMBERS = """
       EXISTS (SELECT 1 FROM routing_presence p
               WHERE p.agent_id = a.id AND p.expires_at > %(now)s),
       EXISTS (SELECT 1 FROM routing_rosterentry r
               WHERE r.agent_id = a.id AND r.starts_at <= %(now)s AND r.ends_at > %(now)s),
       (SELECT count(*) FROM routing_workitem w
         WHERE w.agent_id = a.id AND w.kind = ANY(%(kinds)s) AND w.assigned_at > %(since)s)
       + (SELECT count(*) FROM routing_workitem w
           WHERE w.agent_id = a.id AND w.kind = ANY(%(kinds)s)
             AND w.state = 'offered' AND w.offered_at > %(since)s),
       (SELECT json_object_agg(k.channel_kind, k.held) FROM
         (SELECT w.channel_kind, count(*) AS held FROM routing_workitem w
           WHERE w.agent_id = a.id AND w.kind = ANY(%(kinds)s)
             AND w.state IN ('offered', 'assigned')
           GROUP BY w.channel_kind) k),
       (SELECT json_object_agg(c.channel_kind, c.capacity) FROM routing_channelcapacity c
         WHERE c.agent_id = a.id)
"""
_OF_GROUP = """
FROM routing_agent_groups m JOIN routing_agent a ON a.id = m.agent_id
WHERE m.skillgroup_id = %(group)s
ORDER BY a.id
"""
_NAMED = """
FROM routing_agent a
LEFT JOIN routing_agent_groups m ON m.agent_id = a.id AND m.skillgroup_id = %(group)s
WHERE a.id = %(agent)s
"""


def members_of(group: SkillGroup, now: dt.datetime, kind: str = "") -> list[Member]:
    """The group's members as they are now for work of `kind`; one query.

    What they hold of work with another capacity is not counted. Loads are only sure while the
    agents' rows are locked.
    """
    return _read(_OF_GROUP, group, now, kind)


def member_of(
    group: SkillGroup, agent_id: uuid.UUID, now: dt.datetime, kind: str = ""
) -> Member | None:
    """One agent as seen from a group, of which they need not be a member (level 0 then)."""
    found = _read(_NAMED, group, now, kind, agent_id)
    return found[0] if found else None


def _read(
    which: str, group: SkillGroup, now: dt.datetime, kind: str, agent_id: uuid.UUID | None = None
) -> list[Member]:
    own = kinds.of(kind)
    parameters: dict[str, Any] = {
        "group": group.pk,
        "agent": agent_id,
        "kind": kind,
        "kinds": kinds.sharing(kind),
        "capacity": own.capacity,
        "now": now,
        "since": now - dt.timedelta(seconds=group.burst_seconds),
        "lately": now - LATELY,
    }
    with connection.cursor() as cursor:
        cursor.execute((_LASTING if own.is_lasting else _GENERAL) + _MEMBERS + which, parameters)
        return [_member(row) for row in cursor.fetchall()]


def _member(row: Any) -> Member:
    return Member(*(*row[:-2], _counts(row[-2]), _counts(row[-1])))


def _counts(value: Any) -> dict[str, int]:
    return orjson.loads(value) if isinstance(value, str | bytes) else value or {}


def candidates_of(members: Iterable[Member], group: SkillGroup) -> list[Candidate]:
    """Those who may be given work."""
    return [one.candidate(group) for one in members if one.verdict(group) is Verdict.READY]


def tally(members: Iterable[Member], group: SkillGroup) -> dict[str, int]:
    """How many of each verdict, for the explanation that is kept."""
    return dict(Counter(str(one.verdict(group)) for one in members))
