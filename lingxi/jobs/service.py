"""Asking for jobs, and thinking better of it."""

import uuid
from typing import Any

from django.db import transaction

from lingxi.access.permissions import check
from lingxi.errors import Conflict
from lingxi.jobs.models import Job
from lingxi.jobs.registry import KINDS
from lingxi.jobs.work import LEASE
from lingxi.leases import UNFINISHED

MOST_UNFINISHED = 10  # of one person


def start(kind: str, owner: Any, params: dict[str, Any], title: str = "", total: int = 0) -> Job:
    """Ask for a job, in the caller's transaction; a worker is woken when that is committed.

    `owner` None is the system. Raises `KeyError` for an unknown kind, `Forbidden`, and `Conflict`
    for a person who has too many unfinished.
    """
    about = KINDS[kind]
    if owner is not None:
        if about.permission:
            check(owner, about.permission)
        _check_patience(owner)
    job = Job.objects.create(
        kind=kind, owner=owner, params=params, title=(title or about.title)[:120], total=total
    )
    transaction.on_commit(lambda: wake(job.pk), robust=True)
    return job


def _check_patience(owner: Any) -> None:
    if Job.objects.filter(owner=owner, state__in=UNFINISHED).count() >= MOST_UNFINISHED:
        raise Conflict(f"已有 {MOST_UNFINISHED} 个任务未完成，请等待其中一些完成后再试")


def wake(job_id: uuid.UUID) -> None:
    """Tell a worker. Should that fail, the sweep finds the row."""
    from lingxi.jobs.tasks import run_job

    run_job.delay(str(job_id))


def cancel(job: Job) -> bool:
    """End a job; what it has committed stays. False when it had ended."""
    return LEASE.cancel(job.pk)
