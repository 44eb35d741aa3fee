"""A batch of open tickets reckoned anew: locked by id, read, reckoned in Python, written back.

Clocks come and go as one JSON text each way, which costs Python a tenth of what rows do. What many
clocks share (terms, calendars, the policy that fits) is looked up once in a batch.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from lingxi.recordset import recordset
from tickets.models import Ticket
from tickets.models.sla import Metric
from tickets.sla import clock as clocks
from tickets.sla.clock import TICK, Clock, Terms
from tickets.sla.policies import Facts, Policies, terms_in
from tickets.sla.rows import seconds, terms_of

_READ_CLOCKS = """
SELECT json_agg(json_build_array(
    id, ticket_id, metric, policy_id, target_seconds, warn_seconds, calendar, since,
    (extract(epoch FROM elapsed) * 1000000)::bigint, pauses, paused_at, due_at, warn_at,
    breached_at))::text
FROM tickets_slaclock
WHERE ticket_id = ANY(%s) AND state IN ('running', 'paused', 'breached') AND met_at IS NULL
"""
_UPDATE_CLOCKS = """
UPDATE tickets_slaclock c
SET policy_id = t.policy, target_seconds = t.target, warn_seconds = t.warn, calendar = t.calendar,
    since = t.since, elapsed = t.elapsed * interval '1 microsecond',
    due_at = t.due_at, warn_at = t.warn_at
FROM json_to_recordset(%s::json)
  AS t(id bigint, policy uuid, target int, warn int, calendar uuid, since timestamptz,
       elapsed bigint, due_at timestamptz, warn_at timestamptz)
WHERE c.id = t.id
"""
_UPDATE_TICKETS = """
UPDATE tickets_ticket x SET due_at = t.due_at
FROM json_to_recordset(%s::json) AS t(id uuid, due_at timestamptz)
WHERE x.id = t.id
"""


def batch(
    after: uuid.UUID, at: dt.datetime, policies: Policies, most: int
) -> tuple[int, uuid.UUID]:
    """Reckon up to `most` open tickets behind `after`, in the caller's transaction.

    How many they were, and the last one.
    """
    tickets = _lock(after, most)
    if not tickets:
        return 0, after
    reckoner = Reckoner(at, policies)
    facts = {str(pk): Facts(key, priority, level) for pk, key, priority, level, _ in tickets}
    for row in _open_clocks([one[0] for one in tickets]):
        reckoner.take(row, facts[row.ticket])
    _write(_UPDATE_CLOCKS, reckoner.changed)
    _write(_UPDATE_TICKETS, reckoner.moved({str(pk): due for pk, *_, due in tickets}))
    return len(tickets), tickets[-1][0]


def _lock(after: uuid.UUID, most: int) -> list[Any]:
    rows = Ticket.objects.active().filter(pk__gt=after).order_by("pk")
    level = Coalesce(F("requester__level"), Value(""))
    locked = rows.select_for_update(of=("self",), no_key=True)
    return list(locked.values_list("pk", "type__key", "priority", level, "due_at")[:most])


class Read(NamedTuple):
    """A clock as PostgreSQL's JSON spells it; `elapsed` in microseconds."""

    id: int
    ticket: str
    metric: str
    policy: str | None
    target: int | None
    warn: int | None
    calendar: str | None
    since: str
    elapsed: int
    pauses: list[tuple[str, str]]
    paused_at: str | None
    due_at: str | None
    warn_at: str | None
    breached_at: str | None


def _open_clocks(ids: Sequence[uuid.UUID]) -> Iterator[Read]:
    with connection.cursor() as cursor:
        cursor.execute(_READ_CLOCKS, [list(ids)])
        (text,) = cursor.fetchone() or (None,)
    return (Read(*row) for row in orjson.loads(text or "[]"))


def _value(row: Read, terms: Terms) -> Clock:
    since = dt.datetime.fromisoformat(row.since)
    return Clock(
        started_at=since,
        since=since,
        terms=terms,
        elapsed=row.elapsed * TICK,
        pauses=tuple((_time(begin), _time(end)) for begin, end in row.pauses),  # type: ignore[misc]
        paused_at=_time(row.paused_at),
        due_at=_time(row.due_at),
        warn_at=_time(row.warn_at),
        breached_at=_time(row.breached_at),
    )


def _time(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)


class Reckoner:
    """Reckons clocks, and remembers which have changed. What many clocks share it looks up once."""

    def __init__(self, at: dt.datetime, policies: Policies) -> None:
        self.at, self.policies = at, policies
        self.changed: list[dict[str, Any]] = []
        self._due: dict[str, dt.datetime] = {}
        self._wanted = cache(self._ask)
        self._terms = cache(_terms)
        self._work = cache(policies.work)

    def take(self, row: Read, facts: Facts) -> None:
        """Reckon a clock of a ticket with these facts."""
        before = _value(row, self._terms(row.target, row.warn, row.calendar))
        terms, policy = self._wanted(facts, row.metric)
        is_decided = before.breached_at is not None or _is_late(before, self.at)
        after = before if is_decided else self._anew(before, terms)
        if after.due_at is not None:
            known = self._due.get(row.ticket)
            self._due[row.ticket] = after.due_at if known is None else min(known, after.due_at)
        if not is_decided and (after != before or policy != row.policy):
            self.changed.append(_columns(row.id, policy, after))

    def _ask(self, facts: Facts, metric: str) -> tuple[Terms, str | None]:
        policy = self.policies.of(facts)
        terms = terms_in(policy, Metric(metric))
        return terms, str(policy.id) if policy is not None and terms.target else None

    def _anew(self, before: Clock, terms: Terms) -> Clock:
        new = self._work(terms.calendar)
        if terms != before.terms:
            return clocks.change(before, self.at, terms, self._work(before.terms.calendar), new)
        return clocks.placed(before, new)

    def moved(self, known: dict[str, dt.datetime | None]) -> list[dict[str, Any]]:
        """The tickets whose next due time is another one now."""
        return [
            {"id": pk, "due_at": self._due.get(pk)}
            for pk, due in known.items()
            if self._due.get(pk) != due
        ]


def _terms(target: int | None, warn: int | None, calendar: str | None) -> Terms:
    return terms_of(target, warn, uuid.UUID(calendar) if calendar else None)


def _is_late(clock: Clock, at: dt.datetime) -> bool:
    """Whether a breach has happened that no sweep has told of yet."""
    return clock.is_running and clock.due_at is not None and clock.due_at < at


def _columns(pk: int, policy: str | None, clock: Clock) -> dict[str, Any]:
    return {
        "id": pk,
        "policy": policy,
        "target": seconds(clock.terms.target),
        "warn": seconds(clock.terms.warn),
        "calendar": clock.terms.calendar,
        "since": clock.since,
        "elapsed": clock.elapsed // TICK,
        "due_at": clock.due_at,
        "warn_at": clock.warn_at,
    }


def _write(sql: str, rows: Sequence[Any]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(sql, [recordset(rows)])
