"""Timed work of routing: trials of strategies, which are rows first and tasks second."""

import uuid

from celery import shared_task

from routing.simulation import runs


@shared_task(ignore_result=True)
def run_simulation(run_id: str) -> bool:
    """Work on one trial; whether it was free to be worked on."""
    return runs.work_on(uuid.UUID(run_id))


@shared_task(ignore_result=True)
def sweep_simulations() -> int:
    """Wake somebody for each trial that nobody works on: its worker or its wake-up was lost."""
    waiting = runs.due()
    for run_id in waiting:
        runs.wake(run_id)
    return len(waiting)
