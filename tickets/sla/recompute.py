"""All open tickets anew, after a policy or a calendar was edited: a job, in batches of tickets.

A batch is one transaction. What was breached stays so; what is late and was not told of yet is
left to the sweep. Counted time is kept up to the beginning of the job, see `clock.change`.
"""

import datetime as dt
import time
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from lingxi.errors import Conflict
from lingxi.jobs import Work, register, start
from lingxi.jobs.models import Job
from lingxi.leases import LeaseState
from routing import schedule
from tickets.models import Ticket
from tickets.sla.policies import Policies, read
from tickets.sla.reckoning import batch

KIND = "tickets.sla_recompute"
BATCH = 2000
# Processes trust what they know of calendars for that long: tickets they make meanwhile, by the
# old hours, must be there when the job looks.
GRACE = dt.timedelta(seconds=schedule.KEPT + 1)


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
            count, last = batch(uuid.UUID(work.checkpoint["after"]), at, policies, BATCH)
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
