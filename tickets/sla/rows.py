"""Clocks as rows: values out of them, and back into them."""

import datetime as dt
import uuid
from typing import Any

from routing.worktime import WorkTime
from tickets.models.sla import ClockState, SlaClock
from tickets.sla.clock import Clock, Terms, counted

SAVED = [
    "policy",
    "state",
    "target_seconds",
    "warn_seconds",
    "calendar",
    "since",
    "elapsed",
    "pauses",
    "paused_at",
    "due_at",
    "warn_at",
    "warned_at",
    "breached_at",
    "met_at",
    "spent",
]


def value_of(row: SlaClock) -> Clock:
    """The clock of a row."""
    return Clock(
        started_at=row.started_at,
        since=row.since,
        terms=terms_of(row.target_seconds, row.warn_seconds, row.calendar),
        elapsed=row.elapsed,
        pauses=tuple(
            (dt.datetime.fromisoformat(begin), dt.datetime.fromisoformat(end))
            for begin, end in row.pauses
        ),
        paused_at=row.paused_at,
        due_at=row.due_at,
        warn_at=row.warn_at,
        warned_at=row.warned_at,
        breached_at=row.breached_at,
        met_at=row.met_at,
        is_cancelled=row.state == ClockState.CANCELLED,
    )


def terms_of(target: int | None, warn: int | None, calendar: uuid.UUID | None) -> Terms:
    """Terms from seconds."""
    return Terms(_time(target), _time(warn), calendar)


def put(row: SlaClock, clock: Clock, work: WorkTime) -> bool:
    """Write a clock into its row, unsaved; whether the row is to be saved."""
    wanted = columns(clock)
    is_changed = row._state.adding or any(getattr(row, key) != wanted[key] for key in wanted)
    for key, value in wanted.items():
        setattr(row, key, value)
    if is_changed:
        row.spent = counted(clock, clock.met_at, work) if clock.met_at is not None else None
    return is_changed


def columns(clock: Clock) -> dict[str, Any]:
    """The columns of a clock; the policy and what it took are beside it."""
    terms = clock.terms
    return {
        "state": clock.state,
        "target_seconds": seconds(terms.target),
        "warn_seconds": seconds(terms.warn),
        "calendar": terms.calendar,
        "started_at": clock.started_at,
        "since": clock.since,
        "elapsed": clock.elapsed,
        "pauses": [[begin.isoformat(), end.isoformat()] for begin, end in clock.pauses],
        "paused_at": clock.paused_at,
        "due_at": clock.due_at,
        "warn_at": clock.warn_at,
        "warned_at": clock.warned_at,
        "breached_at": clock.breached_at,
        "met_at": clock.met_at,
    }


def seconds(time: dt.timedelta | None) -> int | None:
    """Whole seconds; None for None."""
    return None if time is None else int(time.total_seconds())


def _time(count: int | None) -> dt.timedelta | None:
    return None if count is None else dt.timedelta(seconds=count)
