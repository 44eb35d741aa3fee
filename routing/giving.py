"""Writing down who was given what. The caller holds the things, their items and the agents."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from lingxi.recordset import recordset
from routing import kinds
from routing.models import SkillGroup, WorkItem, WorkState
from routing.picking import Candidate
from routing.registry import handler_of

Chosen = Sequence[tuple[WorkItem, Candidate]]

_SERVED_BEFORE = """
UPDATE routing_workitem w
SET state = 'done', finished_at = %s, left_reason = 'transferred'
FROM json_to_recordset(%s::json) AS t(kind text, item_id uuid)
WHERE w.kind = t.kind AND w.item_id = t.item_id AND w.state = 'assigned'
RETURNING w.agent_id
"""

_ITEMS = """
UPDATE routing_workitem w
SET state = t.state, agent_id = t.agent_id, assigned_at = t.assigned_at,
    offered_at = t.offered_at, offer_expires_at = t.offer_expires_at,
    explanation = t.explanation
FROM json_to_recordset(%s::json)
  AS t(id uuid, state text, agent_id uuid, assigned_at timestamptz, offered_at timestamptz,
       offer_expires_at timestamptz, explanation jsonb)
WHERE w.id = t.id
"""

_TURNS = """
UPDATE routing_agent a SET turn_at = greatest(a.turn_at, t.turn_at)
FROM json_to_recordset(%s::json) AS t(id uuid, turn_at timestamptz) WHERE a.id = t.id
"""

_STRIDES = """
UPDATE routing_agent_groups m SET stride = t.stride
FROM json_to_recordset(%s::json) AS t(agent_id uuid, stride double precision)
WHERE m.agent_id = t.agent_id AND m.skillgroup_id = %s
"""


def give(group: SkillGroup, chosen: Chosen, tally: Mapping[str, int], now: dt.datetime) -> None:
    """Offer or assign, as the group wants it, and move the agents' turns.

    The items are of one kind. Lasting work is not offered: nobody waits for the answer.
    """
    if not chosen:
        return
    said = {"method": group.picking, "members": dict(tally)}
    is_lasting = kinds.of(chosen[0][0].kind).is_lasting
    if group.offer_seconds and not is_lasting:
        offer(chosen, now, group.offer_seconds, said)
    else:
        assign(chosen, now, said)
    if not is_lasting:
        _move_strides(group, chosen)


def _move_strides(group: SkillGroup, chosen: Chosen) -> None:
    with connection.cursor() as cursor:
        strides = {one.agent_id: one.stride for _, one in chosen}
        rows = [{"agent_id": pk, "stride": value} for pk, value in strides.items()]
        cursor.execute(_STRIDES, [recordset(rows), group.pk])


def assign(chosen: Chosen, now: dt.datetime, said: Mapping[str, Any]) -> None:
    """These are their agents' now; who served before, in a transfer, has handed over."""
    items = [item for item, _ in chosen]
    _end_before([item for item in items if item.is_transfer], now)
    for item, one in chosen:
        item.agent_id, item.state, item.assigned_at = one.agent_id, WorkState.ASSIGNED, now
        item.offer_expires_at = None
        item.explanation = _explanation(item, one, said)
    _write(items)
    _turn(chosen)
    for kind, group in _by_kind(items).items():
        handler_of(kind).assigned(group)


def _end_before(items: Sequence[WorkItem], now: dt.datetime) -> None:
    """Who served until now has room again."""
    if not items:
        return
    from routing.assignment import rerun_for_agents_on_commit

    keys = [{"kind": item.kind, "item_id": item.item_id} for item in items]
    with connection.cursor() as cursor:
        cursor.execute(_SERVED_BEFORE, [now, recordset(keys)])
        rerun_for_agents_on_commit([row[0] for row in cursor.fetchall()])


def offer(chosen: Chosen, now: dt.datetime, seconds: int, said: Mapping[str, Any]) -> None:
    """Ask the agents; their room is taken until they answer."""
    items = [item for item, _ in chosen]
    for item, one in chosen:
        item.agent_id, item.state, item.offered_at = one.agent_id, WorkState.OFFERED, now
        item.offer_expires_at = now + dt.timedelta(seconds=seconds)
        item.explanation = _explanation(item, one, said)
    _write(items)
    _turn(chosen)
    for kind, group in _by_kind(items).items():
        handler_of(kind).offered(group)


def _explanation(item: WorkItem, one: Candidate, said: Mapping[str, Any]) -> dict[str, Any]:
    """Why this agent, kept with the item. `load` counts this item."""
    chosen = {
        "agent": str(one.agent_id),
        "name": one.name,
        "load": one.load,
        "capacity": one.capacity,
        "level": one.level,
    }
    reserved = item.preferred_agent_id == one.agent_id
    return {**said, "chosen": chosen, "preferred": item.preferred_reason if reserved else ""}


def _write(items: Sequence[WorkItem]) -> None:
    rows = [
        {
            "id": item.pk,
            "state": str(item.state),
            "agent_id": item.agent_id,
            "assigned_at": item.assigned_at,
            "offered_at": item.offered_at,
            "offer_expires_at": item.offer_expires_at,
            "explanation": item.explanation,
        }
        for item in items
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [recordset(rows)])


def _turn(chosen: Chosen) -> None:
    """Lasting work does not move the turns: `members` reads its own from the items."""
    served = [one for item, one in chosen if not kinds.of(item.kind).is_lasting]
    turns = {one.agent_id: one.turn_at for one in served if one.turn_at}
    rows = [
        {"id": pk, "turn_at": dt.datetime.fromtimestamp(at, dt.UTC)} for pk, at in turns.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(_TURNS, [recordset(rows)])


def _by_kind(items: Sequence[WorkItem]) -> dict[str, list[WorkItem]]:
    found: dict[str, list[WorkItem]] = defaultdict(list)
    for item in items:
        found[item.kind].append(item)
    return found
