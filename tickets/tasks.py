"""Timed work of tickets. The rows say what is due; each task may come late, twice or not at all."""

from collections.abc import Callable

from celery import shared_task

from lingxi.sweeps import attempt
from tickets import supervision
from tickets.approval import timing
from tickets.automation import waiting
from tickets.classification import learning
from tickets.escalation import closing, firing
from tickets.sla import sweep as sla


@shared_task(ignore_result=True)
def sweep() -> dict[str, int]:
    """Do what is due; each step costs by that, not by what is open. Returns how many of each."""
    steps: dict[str, Callable[[], int]] = {
        "sla": sla.sweep,
        "approvals": timing.sweep,
        "orders": supervision.sweep,
        "escalated": firing.sweep,
        "closed": closing.sweep,
        "made": waiting.sweep,
    }
    return {name: attempt(step) for name, step in steps.items()}


@shared_task(ignore_result=True)
def learn() -> int:
    """Count what tickets teach of issue types; how many."""
    return learning.learn()
