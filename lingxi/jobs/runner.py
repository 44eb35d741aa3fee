"""Doing jobs."""

import datetime as dt
import threading
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from lingxi.access.permissions import check
from lingxi.errors import LingxiError
from lingxi.jobs.models import Job
from lingxi.jobs.registry import KINDS
from lingxi.jobs.work import LEASE, Cancelled, Work
from lingxi.leases import LeaseState, reason_of

logger = structlog.get_logger("lingxi.jobs")

# Jobs take minutes, and sweeps of a second stand in the same line: some hands stay free for them.
AT_ONCE = 2
_hands = threading.BoundedSemaphore(AT_ONCE)


def due() -> list[uuid.UUID]:
    """Jobs that nobody works on, the oldest first."""
    return list(LEASE.free().order_by("created_at").values_list("pk", flat=True))


def work_on(job_id: uuid.UUID) -> bool:
    """Do a job, unless somebody else does or this process has its hands full.

    Whether it was ours to do.
    """
    if not _hands.acquire(blocking=False):
        return False
    try:
        job = LEASE.claim(job_id)
        if job is not None:
            _do(job)
        return job is not None
    finally:
        _hands.release()


def _do(job: Job) -> None:
    try:
        LEASE.held(job).update(started_at=Coalesce("started_at", Now()))
        result = _run(job)
    except Cancelled:
        logger.info("job stopped", job=str(job.pk))
    except LingxiError as error:
        _refused(job, error)
    except Exception as error:
        logger.exception("job failed", job=str(job.pk), kind=job.kind, attempt=job.attempts)
        LEASE.give_back(job, reason_of(error))
    else:
        _finish(job, result)


def _run(job: Job) -> dict[str, Any]:
    """Raises what the kind raises, and `Forbidden` when the owner may not do it any more."""
    kind = KINDS[job.kind]
    if job.owner is not None and kind.permission:
        check(job.owner, kind.permission)
    return kind.run(Work(job)) or {}


def _refused(job: Job, error: LingxiError) -> None:
    """What the asker must mend will be no other at the next try; what we must, may be."""
    if error.status >= 500:
        LEASE.give_back(job, error.detail)
    else:
        LEASE.end(job, LeaseState.FAILED, error=error.detail[:300])


def _finish(job: Job, result: dict[str, Any]) -> None:
    kept = dt.timedelta(seconds=settings.LINGXI["JOB_FILES_KEPT"])
    LEASE.held(job).update(
        state=LeaseState.DONE,
        result=result,
        done=Coalesce("done", 0),
        error="",
        finished_at=timezone.now(),
        expires_at=timezone.now() + kept,
    )
