"""What one SLA clock shows: values in, values out.

A clock counts business time. At the instant t it has counted

    c(t) = elapsed + between(since, t) - Σ between(pause)      over the pauses after `since`

by the calendar in force, where t stops at the begin of a pause that still lasts and at `met_at`.
It is due when c reaches the target, and warns when c reaches the target less the warning time.

When the terms change (another priority, type or policy), what was counted so far is kept as
`elapsed`, and `since` becomes the instant of the change: from there on the new calendar counts
towards the new target. So nothing is late before the change was made. What ran without a target
is counted by the calendar of the first target it gets. When the calendar itself is edited, the
time since `since` is counted anew by what it says now.

A breach is final: a breached clock keeps its target and due time, and may only be met, late. A
warning is given once. Changes that come before the last one (clocks of machines differ) count as
simultaneous with it.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from lingxi.errors import NeverOpen
from routing.worktime import WorkTime
from tickets.models.sla import ClockState

ZERO, TICK = dt.timedelta(0), dt.timedelta(microseconds=1)
Pause = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a clock: business time to the due time, and to the warning.

    None: no limit, no warning. `calendar` identifies whose hours count; None round the clock.
    """

    target: dt.timedelta | None = None
    warn: dt.timedelta | None = None
    calendar: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock. `started_at` is for people; it counts from `since`, on top of `elapsed`."""

    started_at: dt.datetime
    since: dt.datetime
    terms: Terms = Terms()
    elapsed: dt.timedelta = ZERO
    pauses: tuple[Pause, ...] = ()
    paused_at: dt.datetime | None = None
    due_at: dt.datetime | None = None
    warn_at: dt.datetime | None = None
    warned_at: dt.datetime | None = None
    breached_at: dt.datetime | None = None
    met_at: dt.datetime | None = None
    is_cancelled: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done in time, or late."""
        return self.met_at is None and not self.is_cancelled

    @property
    def is_running(self) -> bool:
        """Whether time counts, and neither end has come yet."""
        return self.state == ClockState.RUNNING

    @property
    def anchor(self) -> dt.datetime:
        """Since when it counts without a break, if it counts."""
        return max(self.since, self.pauses[-1][1]) if self.pauses else self.since

    @property
    def state(self) -> ClockState:
        """Where it stands."""
        if self.is_cancelled:
            return ClockState.CANCELLED
        if self.breached_at is not None:
            return ClockState.BREACHED
        if self.met_at is not None:
            return ClockState.MET
        return ClockState.PAUSED if self.paused_at is not None else ClockState.RUNNING


def start(at: dt.datetime, terms: Terms, work: WorkTime) -> Clock:
    """A clock that begins at `at`."""
    return placed(Clock(started_at=at, since=at, terms=terms), work)


def counted(clock: Clock, at: dt.datetime, work: WorkTime) -> dt.timedelta:
    """The business time it has counted at `at`: c(at)."""
    end = min(at, clock.paused_at or at, clock.met_at or at)
    if end <= clock.since:
        return clock.elapsed
    total = clock.elapsed + work.between(clock.since, end)
    for begin, stop in clock.pauses:
        first, last = max(begin, clock.since), min(stop, end)
        if first < last:
            total -= work.between(first, last)
    return total


def remaining(clock: Clock, at: dt.datetime, work: WorkTime) -> dt.timedelta | None:
    """Business time left at `at`, below zero when late; None without a target."""
    target = clock.terms.target
    return None if target is None else target - counted(clock, at, work)


def placed(clock: Clock, work: WorkTime) -> Clock:
    """The clock with its due and warning times as the calendar has them."""
    if not clock.is_open or clock.breached_at is not None:
        return clock
    due = _reaching(clock, clock.terms.target, work)
    warn = _reaching(clock, clock.terms.warn, work)
    if due is None or (warn is not None and warn >= due):
        warn = None
    return replace(clock, due_at=due, warn_at=warn)


def _reaching(clock: Clock, amount: dt.timedelta | None, work: WorkTime) -> dt.datetime | None:
    """When c reaches `amount`; None: not as things stand."""
    if amount is None or clock.paused_at is not None:
        return None
    left = amount - counted(clock, clock.anchor, work)
    try:
        return work.add(clock.anchor, left) if left > ZERO else clock.anchor
    except NeverOpen:
        return None


def pause(clock: Clock, at: dt.datetime, work: WorkTime) -> Clock:
    """Time no longer counts."""
    if not clock.is_open or clock.paused_at is not None:
        return clock
    return placed(replace(clock, paused_at=max(at, clock.anchor)), work)


def resume(clock: Clock, at: dt.datetime, work: WorkTime) -> Clock:
    """Time counts again."""
    if not clock.is_open or clock.paused_at is None:
        return clock
    return placed(_after_pause(clock, clock.paused_at, at), work)


def meet(clock: Clock, at: dt.datetime) -> Clock:
    """Done. Whether in time, `fires` has said."""
    return replace(clock, met_at=max(at, clock.anchor)) if clock.is_open else clock


def reopen(clock: Clock, at: dt.datetime, work: WorkTime) -> Clock:
    """Not done after all: it goes on from where it was met; the time in between is a pause."""
    if clock.met_at is None or clock.is_cancelled:
        return clock
    begin = clock.paused_at or clock.met_at
    return placed(replace(_after_pause(clock, begin, at), met_at=None), work)


def _after_pause(clock: Clock, begin: dt.datetime, at: dt.datetime) -> Clock:
    return replace(clock, pauses=(*clock.pauses, (begin, max(at, begin))), paused_at=None)


def cancel(clock: Clock, at: dt.datetime) -> Clock:
    """It is not asked for any more. A breach remains one, and ends here."""
    if not clock.is_open or clock.breached_at is not None:
        return meet(clock, at)
    return replace(clock, is_cancelled=True, due_at=None, warn_at=None)


def change(clock: Clock, at: dt.datetime, terms: Terms, old: WorkTime, new: WorkTime) -> Clock:
    """The clock under other terms from `at` on; `old` and `new` are the business times."""
    if not clock.is_open or clock.breached_at is not None or terms == clock.terms:
        return clock
    moment = max(at, clock.anchor)
    counting = new if clock.terms.target is None else old
    kept = counted(clock, moment, counting)
    return placed(replace(clock, elapsed=kept, since=moment, terms=terms), new)


def fires(clock: Clock, at: dt.datetime) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The warning and the breach that lie before `at` and have not happened: (warned, breached)."""
    if not clock.is_running:
        return None, None
    warned = clock.warn_at if clock.warned_at is None else None
    return _before(warned, at), _before(clock.due_at, at)


def fired(clock: Clock, at: dt.datetime) -> Clock:
    """The clock after what `fires` tells."""
    warned, breached = fires(clock, at)
    return replace(
        clock, warned_at=warned or clock.warned_at, breached_at=breached or clock.breached_at
    )


def _before(moment: dt.datetime | None, at: dt.datetime) -> dt.datetime | None:
    return moment if moment is not None and moment < at else None
