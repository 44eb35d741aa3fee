"""What really happened: the traffic of a period as the simulator wants it, read from the database.

Only facts as they were stored are used; nothing is looked up that may have changed since.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection

from routing.simulation.parts import Arrival, Fate, Placement

CHUNK = 2_000
DEFAULT_SERVICE = 300.0  # seconds, where no conversation of the period was ever served

_ENTERED = """
FROM routing_workitem item
WHERE item.kind = %(kind)s AND item.enqueued_at >= %(since)s AND item.enqueued_at < %(until)s
  AND NOT item.is_transfer AND item.hops = 0 AND item.left_reason <> 'decided_again'
  AND NOT EXISTS (
      SELECT FROM routing_workitem earlier
      WHERE earlier.item_id = item.item_id AND earlier.kind = item.kind
        AND earlier.left_reason <> 'decided_again'
        AND (earlier.enqueued_at, earlier.id) < (item.enqueued_at, item.id))
"""
# Of an item that was not served itself (it flowed over, or was queued anew) the later stays of
# the same thing say how it went on.
_ARRIVALS = f"""
SELECT entered.item_id, entered.at, entered.group_id, entered.channel_kind, entered.facts,
       entered.priority, entered.min_level, entered.preferred_agent_id, entered.preferred_seconds,
       entered.fallback, entered.outcome,
       extract(epoch FROM coalesce(entered.assigned_at, later.assigned_at) - entered.enqueued_at
       )::float8 AS waited,
       coalesce(entered.took, later.took)::float8 AS took,
       CASE WHEN entered.outcome = 'queue'
                 AND entered.assigned_at IS NULL AND later.assigned_at IS NULL
                 AND entered.finished_at IS NOT NULL AND NOT coalesce(later.is_open, false)
            THEN extract(epoch FROM greatest(entered.finished_at, later.finished_at)
                 - entered.enqueued_at)::float8 END AS patience
FROM (
    SELECT item.id, item.kind, item.item_id, item.group_id, item.channel_kind,
           item.facts::text AS facts, item.priority, item.min_level, item.preferred_agent_id,
           item.enqueued_at, item.assigned_at, item.finished_at,
           extract(epoch FROM item.enqueued_at)::float8 AS at,
           extract(epoch FROM item.preferred_until - item.enqueued_at)::float8
               AS preferred_seconds,
           extract(epoch FROM item.finished_at - item.assigned_at) AS took,
           item.decision -> 'fallback' ->> 'id' AS fallback,
           CASE item.left_reason WHEN 'left_to_bot' THEN 'bot'
                WHEN 'offline_message' THEN 'offline' ELSE 'queue' END AS outcome
    {_ENTERED}
) entered
LEFT JOIN LATERAL (
    SELECT min(stay.assigned_at) AS assigned_at, max(stay.finished_at) AS finished_at,
           bool_or(stay.state <> 'done') AS is_open,
           (array_agg(extract(epoch FROM stay.finished_at - stay.assigned_at)
                      ORDER BY stay.enqueued_at)
            FILTER (WHERE stay.assigned_at IS NOT NULL))[1] AS took
    FROM routing_workitem stay
    WHERE stay.item_id = entered.item_id AND stay.kind = entered.kind AND stay.id <> entered.id
) later ON entered.assigned_at IS NULL
ORDER BY entered.enqueued_at, entered.id
"""  # noqa: S608
_MEDIANS = """
SELECT group_id, (percentile_cont(0.5) WITHIN GROUP (
    ORDER BY extract(epoch FROM finished_at - assigned_at)))::float8
FROM routing_workitem
WHERE kind = %(kind)s AND enqueued_at >= %(since)s AND enqueued_at < %(until)s
  AND assigned_at IS NOT NULL AND finished_at > assigned_at
GROUP BY group_id
"""


@dataclass(frozen=True)
class Period:
    """Which traffic: of one kind, entered from `since` and before `until`."""

    kind: str
    since: dt.datetime
    until: dt.datetime

    def parameters(self) -> dict[str, Any]:
        """For the statements of this package."""
        return {"kind": self.kind, "since": self.since, "until": self.until}


@dataclass
class Past:
    """The arrivals of a period. `medians` are the usual times of service by group, in seconds."""

    period: Period
    medians: dict[uuid.UUID, float] = field(default_factory=dict)

    def read_medians(self) -> None:
        """One query; without it every unknown time of service is `DEFAULT_SERVICE`."""
        with connection.cursor() as cursor:
            cursor.execute(_MEDIANS, self.period.parameters())
            self.medians = dict(cursor.fetchall())

    def count(self) -> int:
        """How many arrivals there are."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {_ENTERED}", self.period.parameters())
            return int(cursor.fetchone()[0])

    def arrivals(self) -> Iterator[Arrival]:
        """In order of time, through a cursor on the server: memory does not grow with them."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(_ARRIVALS, self.period.parameters())
            while rows := cursor.fetchmany(CHUNK):
                for row in rows:
                    yield self._arrival(row)

    def _arrival(self, row: tuple[Any, ...]) -> Arrival:
        item_id, at, group_id, kind, text, priority, level, preferred, seconds = row[:9]
        fallback, outcome, waited, took, patience = row[9:]
        facts = orjson.loads(text)
        last, age = _last_agent(facts, at)
        return Arrival(
            item_id,
            at,
            group_id,
            service=max(0.0, took) if took is not None else self._usual(group_id),
            patience=None if patience is None else max(0.0, patience),
            channel_kind=kind,
            facts=facts,
            as_placed=Placement(group_id, priority, level, preferred, seconds or 0.0, outcome),
            fallback_id=_uuid(fallback) or group_id,
            last_agent=last,
            last_age=age,
            fate=_fate(outcome, waited, patience),
            waited=None if waited is None else max(0.0, waited),
        )

    def _usual(self, group_id: uuid.UUID) -> float:
        return self.medians.get(group_id, DEFAULT_SERVICE)


def _fate(outcome: str, waited: float | None, patience: float | None) -> Fate:
    if outcome != "queue":
        return Fate(outcome)
    if waited is not None:
        return Fate.SERVED
    return Fate.WAITING if patience is None else Fate.ABANDONED


def _uuid(text: Any) -> uuid.UUID | None:
    """From facts and decisions, which are only as good as who stored them."""
    try:
        return uuid.UUID(text) if isinstance(text, str) and text else None
    except ValueError:
        return None


def _last_agent(facts: Any, at: float) -> tuple[uuid.UUID | None, float]:
    """Who served the customer last, and how many seconds ago."""
    last = _uuid(facts.get("last_agent"))
    if last is None:
        return None, 0.0
    try:
        then = dt.datetime.fromisoformat(str(facts.get("last_agent_at")))
    except ValueError:
        return None, 0.0
    return last, at - then.timestamp()
