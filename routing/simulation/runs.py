"""A trial of rules as a row: asked for, worked on, cancelled, and taken up again after a kill.

The row is the truth. Who works on it renews `beat_at`; when that stands still for `STALE` seconds,
the sweep lets somebody else begin anew. `attempts` is the number of the try and fences: who was
given up for dead and comes back finds that the row is no longer theirs, and stops.
"""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lingxi.access.permissions import check
from lingxi.errors import Conflict, Invalid, LingxiError
from routing.models import SimulationRun, SimulationState, Strategy
from routing.simulation.simulate import simulate
from routing.strategy.checks import problems_of
from routing.strategy.problem import as_fields, errors_of

logger = structlog.get_logger("routing.simulation")

LONGEST = dt.timedelta(days=31)
ATTEMPTS = 3
STALE = 60.0  # seconds without a beat; one long query beats only before and after
BEAT = 0.5  # seconds between two
UNFINISHED = (SimulationState.WAITING, SimulationState.RUNNING)
KILLED = "处理进程中断"


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
    _check_rules(rules)
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


def _check_rules(rules: Sequence[Any]) -> None:
    errors = errors_of(problems_of(list(rules)))
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
    return bool(
        SimulationRun.objects.filter(pk=run.pk, state__in=UNFINISHED).update(
            state=SimulationState.CANCELLED, finished_at=timezone.now()
        )
    )


def due() -> list[uuid.UUID]:
    """Runs that nobody works on."""
    return list(
        SimulationRun.objects.filter(_free()).order_by("asked_at").values_list("pk", flat=True)
    )


def _free() -> Q:
    stale = timezone.now() - dt.timedelta(seconds=STALE)
    dead = Q(beat_at__isnull=True) | Q(beat_at__lt=stale)
    return Q(state=SimulationState.WAITING) | (Q(state=SimulationState.RUNNING) & dead)


def work_on(run_id: uuid.UUID) -> bool:
    """Do a trial, unless somebody else does; whether it was ours to do."""
    run = _claim(run_id)
    if run is None:
        return False
    try:
        kind = run.strategy.kind
        result = simulate(kind, run.rules, run.since, run.until, _beating(run))
    except Stopped:
        logger.info("simulation stopped", run=str(run_id))
    except Exception as exc:
        logger.exception("simulation failed", run=str(run_id), attempt=run.attempts)
        _give_back(run, _reason(exc))
    else:
        _finish(run, result)
    return True


@transaction.atomic
def _claim(run_id: uuid.UUID) -> SimulationRun | None:
    run = (
        SimulationRun.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("strategy")
        .filter(_free(), pk=run_id)
        .first()
    )
    if run is None:
        return None
    if run.attempts >= ATTEMPTS:
        _fail(run, run.error or KILLED)
        return None
    run.state, run.beat_at = SimulationState.RUNNING, timezone.now()
    run.attempts, run.done = run.attempts + 1, 0
    run.save(update_fields=["state", "beat_at", "attempts", "done"])
    return run


def _ours(run: SimulationRun) -> Any:
    return SimulationRun.objects.filter(
        pk=run.pk, state=SimulationState.RUNNING, attempts=run.attempts
    )


def _beating(run: SimulationRun) -> Callable[[int, int], None]:
    """Called often with done and total; writes both at most every `BEAT` seconds."""
    last = float("-inf")

    def beat(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < BEAT:
            return
        last = time.monotonic()
        if not _ours(run).update(done=done, total=total, beat_at=timezone.now()):
            raise Stopped

    return beat


def _finish(run: SimulationRun, result: dict[str, Any]) -> None:
    count = result["total"]["actual"]["count"]
    _ours(run).update(
        state=SimulationState.DONE,
        result=result,
        done=count,
        total=count,
        error="",
        finished_at=timezone.now(),
    )


def _give_back(run: SimulationRun, reason: str) -> None:
    """To be tried again by the sweep, or to be seen as failed."""
    if run.attempts >= ATTEMPTS:
        _fail(run, reason)
    else:
        _ours(run).update(state=SimulationState.WAITING, error=reason)


def _fail(run: SimulationRun, reason: str) -> None:
    SimulationRun.objects.filter(pk=run.pk, state__in=UNFINISHED, attempts=run.attempts).update(
        state=SimulationState.FAILED,
        error=f"尝试 {run.attempts} 次未完成：{reason}"[:300],
        finished_at=timezone.now(),
    )


def _reason(exc: Exception) -> str:
    """For supervisors: our own words where there are some, else only the kind of error."""
    return exc.detail if isinstance(exc, LingxiError) else type(exc).__name__
