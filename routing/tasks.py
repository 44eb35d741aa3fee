"""Work of routing outside requests. Rows say what is to be done; a task is a wake-up."""

import uuid

import structlog
from celery import shared_task
from django.db import transaction

from lingxi.redis import client
from lingxi.sweeps import attempt
from routing.assignment import assign_waiting
from routing.simulation import runs

logger = structlog.get_logger("lingxi.routing")
SOON = 0.5  # seconds in which the arrivals of a group are gathered


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


def assign_soon_on_commit(group_id: uuid.UUID) -> None:
    """Have a worker assign in the group once the current transaction is in.

    For work that may wait half a second: many arrivals are one batch, and none of them pays for
    it. What is lost on the way the sweep does.
    """
    transaction.on_commit(lambda: _wake(group_id), robust=True)


def _wake(group_id: uuid.UUID) -> None:
    try:
        is_first = client().set(f"assign-soon:{group_id}", 1, nx=True, px=int(SOON * 1000))
        if is_first:
            assign_group.apply_async([str(group_id)], countdown=SOON)
    except Exception:  # the broker's own errors, whatever they are, hinder nobody's request
        logger.warning("left to the sweep", group=str(group_id), exc_info=True)


@shared_task(ignore_result=True)
def assign_group(group_id: str) -> int:
    """Give what waits in a group to its agents; how many."""
    return attempt(assign_waiting, uuid.UUID(group_id))
