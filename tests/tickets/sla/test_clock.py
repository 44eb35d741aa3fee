"""One clock, against a stop watch that is driven from event to event."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.schedule import Plan
from routing.worktime import WorkTime
from tickets.models import ClockState
from tickets.sla import clock as clocks
from tickets.sla.clock import Clock, Terms

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TICK, ZERO = dt.timedelta(microseconds=1), dt.timedelta(0)
NINE_TO_SIX = ((dt.time(9), dt.time(18)),)
OFFICE_ID, LATE_ID, NEVER_ID = (uuid.UUID(int=n) for n in (1, 2, 3))
OFFICE = WorkTime(Plan(weekly=dict.fromkeys(range(5), NINE_TO_SIX), follow_holidays=True))
LATE = WorkTime(Plan("Europe/Berlin", dict.fromkeys(range(7), ((dt.time(14), dt.time(0)),))))
CALENDARS = {
    None: WorkTime(None),
    OFFICE_ID: OFFICE,
    LATE_ID: LATE,
    NEVER_ID: WorkTime(Plan(weekly={})),
}


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def work_of(clock):
    return CALENDARS[clock.terms.calendar]


# -- a stop watch ----------------------------------------------------------------------------------


@dataclass
class StopWatch:
    """What has counted so far, carried from one event to the next; no formula over the whole."""

    now: dt.datetime
    terms: Terms
    total: dt.timedelta = ZERO
    is_paused: bool = False
    without_target: list = field(default_factory=list)  # stretches nobody's hours count yet

    def go(self, moment):
        if not self.is_paused:
            if self.terms.target is None:
                self.without_target.append((self.now, moment))
            else:
                self.total += CALENDARS[self.terms.calendar].between(self.now, moment)
        self.now = moment

    def change(self, terms):
        if self.terms.target is None:
            new = CALENDARS[terms.calendar]
            self.total += sum((new.between(a, b) for a, b in self.without_target), ZERO)
            self.without_target = []
        self.terms = terms


starts = st.timedeltas(ZERO, dt.timedelta(days=700)).map(lambda time: at("2026-01-01") + time)
minutes = st.integers(1, 60 * 60).map(lambda n: n * MINUTE)
terms = st.builds(
    lambda target, warned, calendar: (
        Terms(target, target - warned if warned else None, calendar) if target else Terms()
    ),
    st.one_of(st.none(), minutes),
    st.one_of(st.none(), minutes),
    st.sampled_from([None, OFFICE_ID, LATE_ID]),
)
steps = st.lists(
    st.tuples(
        st.timedeltas(ZERO, 60 * HOUR),
        st.one_of(st.sampled_from(["pause", "resume", "meet", "reopen"]), terms),
    ),
    max_size=10,
)


def taken(clock, watch, step):
    """Both after a step; breaches are not told of, so that the count goes on."""
    if isinstance(step, Terms):
        clock = clocks.change(clock, watch.now, step, work_of(clock), CALENDARS[step.calendar])
        if clock.is_open and clock.terms != watch.terms:
            watch.change(step)
    elif step == "pause":
        clock = clocks.pause(clock, watch.now, work_of(clock))
        watch.is_paused = watch.is_paused or clock.is_open
    elif step == "resume":
        clock = clocks.resume(clock, watch.now, work_of(clock))
        watch.is_paused = watch.is_paused and not clock.is_open
    elif step == "meet":
        clock, watch.is_paused = clocks.meet(clock, watch.now), True
    elif clock.met_at is not None:
        clock, watch.is_paused = clocks.reopen(clock, watch.now, work_of(clock)), False
    return clock, watch


def driven(start, first, history):
    clock = clocks.start(start, first, CALENDARS[first.calendar])
    watch = StopWatch(start, first)
    for time, step in history:
        watch.go(watch.now + time)
        clock, watch = taken(clock, watch, step)
    return clock, watch


# -- properties ------------------------------------------------------------------------------------


@given(starts, terms, steps, st.timedeltas(ZERO, 100 * HOUR))
def test_it_counts_what_a_stop_watch_counts(start, first, history, more):
    clock, watch = driven(start, first, history)
    watch.go(watch.now + more)
    watch.change(replace(watch.terms))  # what ran without a target, by the hours it has
    if clock.terms.target is not None or clock.terms.calendar is None:
        assert clocks.counted(clock, watch.now, work_of(clock)) == watch.total


@given(starts, terms, steps)
def test_it_is_due_when_the_count_reaches_the_target(start, first, history):
    clock, _watch = driven(start, first, history)
    if not clock.is_running or clock.terms.target is None:
        return
    left = clock.terms.target - clocks.counted(clock, clock.anchor, work_of(clock))
    if left > ZERO:
        assert clocks.counted(clock, clock.due_at, work_of(clock)) == clock.terms.target
        assert clocks.counted(clock, clock.due_at - TICK, work_of(clock)) < clock.terms.target
    else:
        assert clock.due_at == clock.anchor


@given(starts, terms, steps)
def test_it_warns_before_it_is_due_or_not_at_all(start, first, history):
    clock, _ = driven(start, first, history)
    if clock.warn_at is not None:
        assert clock.warn_at < clock.due_at


@given(starts, terms, steps)
def test_paused_and_finished_clocks_are_not_due(start, first, history):
    clock, _ = driven(start, first, history)
    if clock.state == ClockState.PAUSED:
        assert (clock.due_at, clock.warn_at) == (None, None)
    if not clock.is_running:
        assert clocks.fires(clock, clock.started_at + dt.timedelta(days=9999)) == (None, None)


@given(starts, terms, steps, terms)
def test_a_change_of_terms_makes_nothing_late_before_it(start, first, history, then):
    clock, watch = driven(start, first, history)
    changed = clocks.change(clock, watch.now, then, work_of(clock), CALENDARS[then.calendar])
    if changed is not clock and changed.due_at is not None:
        assert changed.due_at >= watch.now


@given(starts, terms, steps, terms)
def test_a_change_of_terms_keeps_what_was_counted(start, first, history, then):
    clock, watch = driven(start, first, history)
    new = CALENDARS[then.calendar]
    changed = clocks.change(clock, watch.now, then, work_of(clock), new)
    counting = new if clock.terms.target is None else work_of(clock)
    if changed is not clock:
        assert clocks.counted(changed, watch.now, new) == clocks.counted(clock, watch.now, counting)


@given(starts, terms, steps, terms)
def test_changing_back_at_once_changes_nothing(start, first, history, then):
    clock, watch = driven(start, first, history)
    if clock.terms.target is None or then.target is None or not clock.is_running:
        return
    there = clocks.change(clock, watch.now, then, work_of(clock), CALENDARS[then.calendar])
    back = clocks.change(there, watch.now, clock.terms, work_of(there), work_of(clock))
    later = watch.now + 30 * HOUR
    assert clocks.counted(back, later, work_of(clock)) == clocks.counted(
        clock, later, work_of(clock)
    )
    # The same terms are no change: what was due before now stays due then.
    assert back.due_at == (clock.due_at if there is clock else max(clock.due_at, watch.now))


@given(starts, terms, steps)
def test_placing_it_again_changes_nothing(start, first, history):
    clock, _ = driven(start, first, history)
    assert clocks.placed(clock, work_of(clock)) == clock


@given(starts, terms, steps, st.timedeltas(ZERO, 400 * HOUR))
def test_each_thing_fires_once(start, first, history, later):
    clock, watch = driven(start, first, history)
    once = clocks.fired(clock, watch.now + later)
    assert clocks.fires(once, watch.now + later + 900 * HOUR)[0] is None or once.warned_at is None
    twice = clocks.fired(once, watch.now + later)
    assert twice == once


@given(starts, terms, steps, terms, st.timedeltas(ZERO, 50 * HOUR))
def test_a_breach_is_final(start, first, history, then, later):
    clock, _watch = driven(start, first, history)
    if clock.due_at is None or not clock.is_running:
        return
    moment = clock.due_at + TICK
    late = clocks.fired(clock, moment)
    assert (late.state, late.breached_at) == (ClockState.BREACHED, clock.due_at)
    after = clocks.change(late, moment + later, then, work_of(late), CALENDARS[then.calendar])
    after = clocks.meet(after, moment + later)
    after = clocks.reopen(after, moment + later, work_of(after))
    assert (after.state, after.breached_at, after.due_at) == (
        ClockState.BREACHED,
        clock.due_at,
        clock.due_at,
    )


# -- days one can check by hand --------------------------------------------------------------------


FOUR_HOURS = Terms(4 * HOUR, 3 * HOUR, OFFICE_ID)


def test_four_hours_from_friday_afternoon_end_on_monday():
    clock = clocks.start(at("2026-11-20 16:00"), FOUR_HOURS, OFFICE)
    assert clock.due_at == at("2026-11-23 11:00")
    assert clock.warn_at == at("2026-11-23 10:00")
    assert clocks.remaining(clock, at("2026-11-21 12:00"), OFFICE) == 2 * HOUR


def test_a_pause_over_the_weekend_costs_the_office_hours_in_it():
    clock = clocks.start(at("2026-11-20 16:00"), FOUR_HOURS, OFFICE)
    clock = clocks.pause(clock, at("2026-11-20 17:00"), OFFICE)
    assert (clock.state, clock.due_at) == (ClockState.PAUSED, None)
    clock = clocks.resume(clock, at("2026-11-23 15:00"), OFFICE)
    assert clock.due_at == at("2026-11-23 18:00")  # three hours left


def test_urgent_round_the_clock_keeps_the_hours_of_the_office():
    clock = clocks.start(at("2026-11-20 16:00"), FOUR_HOURS, OFFICE)
    urgent = Terms(3 * HOUR, None, None)
    clock = clocks.change(clock, at("2026-11-23 09:30"), urgent, OFFICE, CALENDARS[None])
    assert clock.elapsed == 2.5 * HOUR  # not the 65 hours by the clock
    assert clock.due_at == at("2026-11-23 10:00")


def test_a_target_that_was_passed_already_is_due_when_it_is_set():
    clock = clocks.start(at("2026-11-20 10:00"), FOUR_HOURS, OFFICE)
    noon = at("2026-11-20 12:00")
    clock = clocks.change(clock, noon, Terms(HOUR, 30 * MINUTE, OFFICE_ID), OFFICE, OFFICE)
    assert (clock.due_at, clock.warn_at) == (noon, None)
    assert clocks.fires(clock, noon) == (None, None)
    assert clocks.fires(clock, noon + TICK) == (None, noon)


def test_done_at_the_very_end_is_in_time():
    clock = clocks.start(at("2026-11-20 10:00"), FOUR_HOURS, OFFICE)
    assert clocks.meet(clocks.fired(clock, clock.due_at), clock.due_at).state == ClockState.MET


def test_met_late_stays_breached():
    clock = clocks.start(at("2026-11-20 10:00"), FOUR_HOURS, OFFICE)
    late = clocks.meet(clocks.fired(clock, at("2026-11-20 15:00")), at("2026-11-20 15:00"))
    assert (late.state, late.is_open) == (ClockState.BREACHED, False)
    assert clocks.counted(late, at("2026-11-30 15:00"), OFFICE) == 5 * HOUR


def test_reopened_it_goes_on_from_where_it_was():
    clock = clocks.start(at("2026-11-20 10:00"), FOUR_HOURS, OFFICE)
    clock = clocks.meet(clock, at("2026-11-20 13:00"))
    clock = clocks.reopen(clock, at("2026-11-24 09:00"), OFFICE)
    assert clock.due_at == at("2026-11-24 10:00")


def test_a_calendar_that_never_opens_makes_nothing_due():
    terms = Terms(HOUR, None, NEVER_ID)
    assert clocks.start(at("2026-11-20 10:00"), terms, CALENDARS[NEVER_ID]).due_at is None


def test_what_was_cancelled_is_neither_due_nor_met():
    clock = clocks.start(at("2026-11-20 10:00"), FOUR_HOURS, OFFICE)
    gone = clocks.cancel(clock, at("2026-11-20 11:00"))
    assert (gone.state, gone.due_at, gone.is_open) == (ClockState.CANCELLED, None, False)
    assert clocks.meet(gone, at("2026-11-20 12:00")) == gone
    assert clocks.reopen(gone, at("2026-11-20 12:00"), OFFICE) == gone


def test_cancelling_does_not_undo_a_breach():
    clock = clocks.start(at("2026-11-20 10:00"), FOUR_HOURS, OFFICE)
    gone = clocks.cancel(clocks.fired(clock, at("2026-11-20 16:00")), at("2026-11-20 16:00"))
    assert (gone.state, gone.is_open) == (ClockState.BREACHED, False)


@pytest.mark.parametrize("step", [clocks.pause, clocks.resume])
def test_a_clock_of_another_machine_that_lags_does_not_count_backwards(step):
    clock = clocks.start(at("2026-11-20 10:00"), FOUR_HOURS, OFFICE)
    if step is clocks.resume:
        clock = clocks.pause(clock, at("2026-11-20 10:00"), OFFICE)
    clock = step(clock, at("2026-11-20 09:59"), OFFICE)
    assert clocks.counted(clock, at("2026-11-20 10:00"), OFFICE) == ZERO


def test_values_are_not_changed():
    clock = clocks.start(at("2026-11-20 10:00"), FOUR_HOURS, OFFICE)
    clocks.pause(clock, at("2026-11-20 11:00"), OFFICE)
    assert clock == Clock(
        started_at=at("2026-11-20 10:00"),
        since=at("2026-11-20 10:00"),
        terms=FOUR_HOURS,
        due_at=at("2026-11-20 14:00"),
        warn_at=at("2026-11-20 13:00"),
    )
