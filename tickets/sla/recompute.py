"""All open tickets anew, after a policy or a calendar was edited: a job, in batches of tickets.

A batch is one transaction: tickets locked by id, their clocks read, reckoned in Python, written
back in one statement. What was breached stays so; what is late and was not told of yet is left to
the sweep. Counted time is kept up to the beginning of the job, see `clock.change`.
"""

import datetime as dt
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from lingxi.errors import Conflict
from lingxi.jobs import Work, register, start
from lingxi.jobs.models import Job
from lingxi.leases import LeaseState
from lingxi.recordset import recordset
from routing import schedule
from tickets.models import Ticket
from tickets.models.sla import ClockState, Metric, SlaClock
from tickets.sla import clock as clocks
from tickets.sla.apply import summary
from tickets.sla.clock import TICK, Clock
from tickets.sla.policies import Facts, Policies, Policy, read, terms_in
from tickets.sla.rows import seconds, value_of

KIND = "tickets.sla_recompute"
BATCH = 2000
# Processes trust what they know of calendars for that long: tickets they make meanwhile, by the
# old hours, must be there when the job looks.
GRACE = dt.timedelta(seconds=schedule.KEPT + 1)
READ = (
    "id",
    "ticket_id",
    "metric",
    "policy_id",
    "state",
    "target_seconds",
    "warn_seconds",
    "calendar",
    "started_at",
    "since",
    "elapsed",
    "pauses",
    "paused_at",
    "due_at",
    "warn_at",
    "warned_at",
    "breached_at",
    "met_at",
)
"""What is read of a clock."""

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


@transaction.atomic
def ask(owner: Any = None) -> Job:
    """Have everything reckoned anew, in the transaction of the edit; one job for many edits.

    `owner` sees the progress; without one, or when they have too many jobs, nobody does.
    """
    said = {"asked_at": timezone.now().isoformat()}
    # A job whose row we hold cannot begin before we commit, so it will see what we have edited.
    waiting = Job.objects.select_for_update(skip_locked=True).filter(
        kind=KIND, state=LeaseState.WAITING, owner=owner
    )
    job = waiting.first()
    if job is not None:
        job.params = said
        job.save(update_fields=["params"])
        return job
    try:
        return start(KIND, owner, said)
    except Conflict:
        return start(KIND, None, said)


@register(KIND, title="重新计算工单时效", permission="tickets.manage")
def run(work: Work) -> dict[str, Any]:
    """Reckon all open tickets anew; how many there were."""
    _wait(dt.datetime.fromisoformat(work.params["asked_at"]) + GRACE)
    open_tickets = Ticket.objects.active()
    if not work.checkpoint:
        with work.step():
            work.total = open_tickets.count()
            work.checkpoint = {"at": timezone.now().isoformat(), "after": str(uuid.UUID(int=0))}
    at, policies = dt.datetime.fromisoformat(work.checkpoint["at"]), fresh()
    count = BATCH
    while count == BATCH:
        with work.step():
            count, last = batch(uuid.UUID(work.checkpoint["after"]), at, policies)
            work.done += count
            work.checkpoint = {**work.checkpoint, "after": str(last)}
    return {"工单": work.done}


def _wait(until: dt.datetime) -> None:
    time.sleep(max(0.0, (until - timezone.now()).total_seconds()))


def fresh() -> Policies:
    """The policies and calendars as they stand now."""
    policies = read()
    for pk in policies.calendars:
        schedule.forget(pk)
    return policies


def batch(after: uuid.UUID, at: dt.datetime, policies: Policies) -> tuple[int, uuid.UUID]:
    """Reckon the next tickets behind `after`: how many, and the last one."""
    tickets = _lock(after)
    if not tickets:
        return 0, after
    held = {pk: Facts(type_key, priority, level) for pk, type_key, priority, level, _ in tickets}
    reckoner = Reckoner(at, policies)
    for row in _open_clocks(list(held)):
        reckoner.take(row, held[row.ticket_id])
    _write(_UPDATE_CLOCKS, reckoner.changed)
    _write(_UPDATE_TICKETS, reckoner.moved({pk: due for pk, *_, due in tickets}))
    return len(tickets), tickets[-1][0]


def _lock(after: uuid.UUID) -> list[Any]:
    rows = Ticket.objects.active().filter(pk__gt=after).order_by("pk")
    level = Coalesce(F("requester__level"), Value(""))
    locked = rows.select_for_update(of=("self",), no_key=True)
    return list(locked.values_list("pk", "type__key", "priority", level, "due_at")[:BATCH])


def _open_clocks(ids: Sequence[uuid.UUID]) -> Iterable[Any]:
    states = [ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED]
    rows = SlaClock.objects.filter(ticket__in=ids, state__in=states, met_at=None)
    return rows.values_list(*READ, named=True)


class Reckoner:
    """Reckons clocks, and remembers which have changed."""

    def __init__(self, at: dt.datetime, policies: Policies) -> None:
        self.at, self.policies = at, policies
        self.changed: list[dict[str, Any]] = []
        self._clocks: dict[uuid.UUID, list[Clock]] = defaultdict(list)
        self._matches: dict[Facts, Policy | None] = {}

    def take(self, row: Any, facts: Facts) -> None:
        """Reckon a clock of a ticket with these facts."""
        before = value_of(row)
        policy = self._policy(facts)
        after = before if _is_late(before, self.at) else self._anew(before, row.metric, policy)
        self._clocks[row.ticket_id].append(after)
        wanted = policy.id if policy is not None and after.terms.target else None
        if after != before or (after is not before and wanted != row.policy_id):
            self.changed.append(_columns(row.id, wanted, after))

    def _anew(self, before: Clock, metric: str, policy: Policy | None) -> Clock:
        terms, works = terms_in(policy, Metric(metric)), self.policies.work
        new = works(terms.calendar)
        if terms != before.terms:
            return clocks.change(before, self.at, terms, works(before.terms.calendar), new)
        return clocks.placed(before, new)

    def _policy(self, facts: Facts) -> Policy | None:
        if facts not in self._matches:
            self._matches[facts] = self.policies.of(facts)
        return self._matches[facts]

    def moved(self, known: dict[uuid.UUID, dt.datetime | None]) -> list[dict[str, Any]]:
        """The tickets whose next due time is another one now."""
        due = {pk: summary(self._clocks.get(pk, ()))[0] for pk in known}
        return [{"id": pk, "due_at": due[pk]} for pk in known if due[pk] != known[pk]]


def _is_late(clock: Clock, at: dt.datetime) -> bool:
    """Whether a breach has happened that no sweep has told of yet."""
    return clock.is_running and clock.due_at is not None and clock.due_at < at


def _columns(pk: int, policy: uuid.UUID | None, clock: Clock) -> dict[str, Any]:
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
