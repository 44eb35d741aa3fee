"""Timed work of jobs: wake-ups, the sweep behind them, and the end of old files."""

import uuid

from celery import shared_task

from lingxi.jobs import files, runner, service


@shared_task(ignore_result=True)
def run_job(job_id: str) -> bool:
    """Work on one job, then tell somebody of the next; whether it was free to be worked on.

    One that failed and is to be tried again is left to the sweep: now would be too soon.
    """
    was_ours = runner.work_on(uuid.UUID(job_id))
    if was_ours:
        others = [one for one in runner.due() if str(one) != job_id]
        for waiting in others[:1]:
            service.wake(waiting)
    return was_ours


@shared_task(ignore_result=True)
def sweep_jobs() -> int:
    """Wake somebody for each job that nobody works on: its worker or its wake-up was lost."""
    waiting = runner.due()
    for job_id in waiting:
        service.wake(job_id)
    return len(waiting)


@shared_task(ignore_result=True)
def remove_expired() -> int:
    """Files whose time is over, and those that belong to nothing; how many were removed."""
    return files.remove_expired() + files.remove_strays()
