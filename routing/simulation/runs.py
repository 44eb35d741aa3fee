"""A trial of rules as a row: asked for, worked on, cancelled, and taken up again after a kill.

A trial reads only, so who takes it over begins anew; see `lingxi.leases` for how.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from lingxi.access.permissions import check
from lingxi.errors import Conflict, Invalid
from lingxi.leases import UNFINISHED, Lease, Pulse, reason_of
from routing.models import SimulationRun, SimulationState, Strategy
from routing.simulation.simulate import simulate
from routing.strategy.checks import problems_of
from routing.strategy.problem import as_fields, errors_of

logger = structlog.get_logger("routing.simulation")

LONGEST = dt.timedelta(days=31)
# One long query beats only before and after.
LEASE: Lease[SimulationRun] = Lease(SimulationRun)


class Stopped(Exception):
    """The run was cancelled, or somebody else works on it now."""


def start(
    strategy: Strategy, rules: Sequence[Any], since: dt.datetime, until: dt.datetime, by: Any
) -> SimulationRun:
    """Ask for a trial of `rules` on what entered from `since` and before `until`.

    Raises `Forbidden`, `Invalid` for the period or for rules with errors, and `Conflict` while
    another trial of the strategy runs.
    """
    check(by, "routing.manage")
    _check_period(since, until)
    _check_rules(rules, strategy.kind)
    with transaction.atomic():
        locked = Strategy.objects.select_for_update(no_key=True).get(pk=strategy.pk)
        if locked.simulations.filter(state__in=UNFINISHED).exists():
            raise Conflict("该策略已有试算正在进行")
        run = SimulationRun.objects.create(
            strategy=locked, rules=list(rules), since=since, until=until, asked_by=by
        )
        transaction.on_commit(lambda: wake(run.pk), robust=True)
    return run


def _check_period(since: dt.datetime, until: dt.datetime) -> None:
    if since >= until:
        raise Invalid(fields={"until": ["结束必须晚于开始"]})
    if until - since > LONGEST:
        raise Invalid(fields={"since": [f"一次最多试算 {LONGEST.days} 天"]})
    if until > timezone.now() + dt.timedelta(minutes=1):
        raise Invalid(fields={"until": ["不能晚于现在"]})


def _check_rules(rules: Sequence[Any], kind: str) -> None:
    errors = errors_of(problems_of(list(rules), kind))
    if errors:
        raise Invalid("规则有误，不能试算", fields=as_fields(errors))


def wake(run_id: uuid.UUID) -> None:
    """Tell a worker. Should that fail, the sweep finds the row."""
    from routing.tasks import run_simulation

    run_simulation.delay(str(run_id))


def cancel(run: SimulationRun, by: Any) -> bool:
    """End a trial; whoever works on it notices within a second. False when it had ended.

    Raises `Forbidden`.
    """
    check(by, "routing.manage")
    return LEASE.cancel(run.pk)


def due() -> list[uuid.UUID]:
    """Runs that nobody works on."""
    return list(LEASE.free().order_by("asked_at").values_list("pk", flat=True))


def work_on(run_id: uuid.UUID) -> bool:
    """Do a trial, unless somebody else does; whether it was ours to do."""
    run = LEASE.claim(run_id)
    if run is None:
        return False
    try:
        kind = run.strategy.kind
        result = simulate(kind, run.rules, run.since, run.until, _beating(run))
    except Stopped:
        logger.info("simulation stopped", run=str(run_id))
    except Exception as exc:
        logger.exception("simulation failed", run=str(run_id), attempt=run.attempts)
        LEASE.give_back(run, reason_of(exc))
    else:
        _finish(run, result)
    return True


def _beating(run: SimulationRun) -> Callable[[int, int], None]:
    """Called often with done and total; writes both at most twice a second."""
    pulse = Pulse(LEASE)

    def beat(done: int, total: int) -> None:
        if not pulse.is_due():
            return
        if not LEASE.held(run).update(done=done, total=total, beat_at=timezone.now()):
            raise Stopped

    return beat


def _finish(run: SimulationRun, result: dict[str, Any]) -> None:
    count = result["total"]["actual"]["count"]
    LEASE.end(run, SimulationState.DONE, result=result, done=count, total=count, error="")
