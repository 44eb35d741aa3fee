"""Reckoning the SLA of 100,000 open tickets anew after a policy was edited, and what a sweep costs.

`measure` takes the tickets there are, opens them all and gives each two running clocks of a policy
in office hours; then the policy is edited, and the job is done as a worker does it. `run` makes the
tickets first, for measuring this alone.
"""

import datetime as dt
import time
from typing import Any

from django.db import connection
from django.utils import timezone

from lingxi.jobs import runner
from lingxi.jobs.models import Job
from routing.models import BusinessHours
from tests import factories
from tests.bench import ticket_rows
from tickets.models import SlaClock, SlaPolicy, Ticket
from tickets.sla import recompute, sweep

TICKETS = 100_000
LONG_AGO = "2026-01-01T00:00:00Z"  # nobody has to be waited for
FEW = 100
_OPEN = """
UPDATE tickets_ticket
SET category = 'open', status = 'open', due_at = now(), is_breached = false
"""
_CLOCKS = """
INSERT INTO tickets_slaclock (ticket_id, metric, round, policy_id, state, target_seconds,
                              warn_seconds, calendar, started_at, since, elapsed, pauses, due_at,
                              warn_at)
SELECT t.id, m.metric, 0, %(policy)s, 'running', m.target, m.target * 4 / 5, %(calendar)s,
       %(since)s, %(since)s, interval '0', '[]', %(due)s, %(due)s
FROM tickets_ticket t
CROSS JOIN (VALUES ('first_response', 36000), ('resolution', 144000)) AS m(metric, target)
"""
_DUE = """
UPDATE tickets_slaclock SET due_at = %s, warn_at = NULL WHERE id IN (
  SELECT max(id) FROM tickets_slaclock WHERE state = 'running' GROUP BY ticket_id LIMIT %s)
"""


def run() -> dict[str, Any]:
    """On tickets of its own."""
    ticket_rows.Business()
    ticket_rows.write(TICKETS)
    return measure()


def measure() -> dict[str, Any]:
    """On the tickets there are."""
    policy = _prepare(factories.BusinessHoursFactory())
    SlaPolicy.objects.filter(pk=policy.pk).update(first_response=700, resolution=3000)
    job = Job.objects.create(kind=recompute.KIND, title="", params={"asked_at": LONG_AGO})
    took = _timed(lambda: runner.work_on(job.pk))
    job.refresh_from_db()
    if job.state != "done" or job.done != Ticket.objects.count():
        raise RuntimeError(f"{job.state} {job.done} {job.error}")
    return {
        "sla_tickets": job.done,
        "sla_recompute_seconds": round(took, 2),
        "sla_recomputed_per_second": round(job.done / took),
        "sla_sweep_of_100_ms": round(_sweep_of(FEW) * 1000),
        "sla_sweep_of_none_ms": round(_timed(sweep.sweep) * 1000, 1),
    }


def _prepare(calendar: BusinessHours) -> SlaPolicy:
    SlaClock.objects.all().delete()
    SlaPolicy.objects.all().delete()
    policy = SlaPolicy.objects.create(
        name="办公时间", calendar=calendar, first_response=600, resolution=2400
    )
    now = timezone.now()
    said: dict[str, Any] = {
        "policy": policy.pk,
        "calendar": calendar.pk,
        "since": now - dt.timedelta(hours=2),
        "due": now + dt.timedelta(days=10),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        cursor.execute(_CLOCKS, said)
        cursor.execute("VACUUM ANALYZE tickets_ticket, tickets_slaclock")
    return policy


def _sweep_of(count: int) -> float:
    """Seconds for so many tickets that are due, among all that are open."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [timezone.now() - dt.timedelta(minutes=1), count])
    took = _timed(sweep.sweep)
    if Ticket.objects.filter(is_breached=True).count() != count:
        raise RuntimeError("not all were told of")
    return took


def _timed(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
