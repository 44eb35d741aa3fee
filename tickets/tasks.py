"""Timed work of tickets. The rows say what is due; each task may come late, twice or not at all."""

from celery import shared_task

from tickets.classification import learning
from tickets.sla import sweep


@shared_task(ignore_result=True)
def sweep_sla() -> int:
    """Warn and tell of breaches that are due; of how many tickets."""
    return sweep.sweep()


@shared_task(ignore_result=True)
def learn() -> int:
    """Count what tickets teach of issue types; how many."""
    return learning.learn()
