"""Business time: how much of the open time of a calendar lies between two instants.

Write P(t) for the open time of a plan up to the instant t. P is continuous, never falls, and
rises by exactly as much as time passes while the plan is open. Then

    between(a, b) = P(b) - P(a)

which makes `between` additive (between(a, b) + between(b, c) == between(a, c)), monotone in both
arguments, and antisymmetric: between(b, a) == -between(a, b). Reversed arguments are therefore
not refused: a remaining time below zero says by how much something is overdue.

    add(a, d) for d > 0: the earliest t with between(a, t) == d
    add(a, 0): a itself, open or not
    add(a, d) for d < 0: the latest t with between(a, t) == d

What is due after the last open hour of a day is hence due when that day closes, not when the
next one opens. between(a, add(a, d)) == d always, and add(a, between(a, b)) is b when b lies in
open time (its closing instant included), else the closing before it.

Overlapping opening times count once. Times are kept in whole microseconds, so all of this is
exact. P is indexed year by year when a year is first asked for; after that each answer is a
search by halves, whatever lies between.
"""

import datetime as dt
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lingxi.errors import Invalid, NeverOpen
from routing.schedule import MIDNIGHT, Plan

FIRST_YEAR, LAST_YEAR = 1970, 2199  # of the instants that can be reckoned with
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)
DAY = dt.timedelta(days=1)
KEPT_PLANS = 64

Stretch = tuple[int, int]  # from, to; in microseconds since `EPOCH`


class WorkTime:
    """The business time of a plan; None is open round the clock. Cheap to make: indexes are kept.

    All methods take aware datetimes of the years `FIRST_YEAR` to `LAST_YEAR`, raise `Invalid`
    for others, and answer in UTC.
    """

    def __init__(self, plan: Plan | None) -> None:
        self._index = None if plan is None else _index_of(_key(plan))

    def add(self, start: dt.datetime, time: dt.timedelta) -> dt.datetime:
        """The instant `time` of open time after `start`, or before it when negative.

        Raises `NeverOpen` when the calendar is not open that long within those years.
        """
        at = _utc(start)
        if self._index is None or not time:
            return _later(at, time)
        return _instant(self._index.moved(at, time // TICK))

    def between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """The open time from `a` to `b`; negative when `b` comes first."""
        start, end = _utc(a), _utc(b)
        if self._index is None:
            return end - start
        return (self._index.position(end) - self._index.position(start)) * TICK

    def opening(self, at: dt.datetime) -> dt.datetime:
        """The first instant from `at` on at which it is open: `at` itself when it is.

        Raises `NeverOpen` when it does not open any more.
        """
        moment = _utc(at)
        return moment if self._index is None else _instant(self._index.opening(moment))


@dataclass(frozen=True, slots=True)
class _Year:
    """The open stretches of one year in UTC, apart from each other and in order."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]  # open time of the year before each stretch
    after: tuple[int, ...]  # and including it
    total: int

    @classmethod
    def of(cls, stretches: Iterable[Stretch]) -> "_Year":
        starts, ends, after, total = [], [], [], 0
        for start, end in stretches:
            total += end - start
            starts.append(start)
            ends.append(end)
            after.append(total)
        return cls(tuple(starts), tuple(ends), (0, *after[:-1]), tuple(after), total)

    def position(self, tick: int) -> int:
        """The open time of the year before `tick`."""
        nth = bisect_right(self.starts, tick) - 1
        if nth < 0:
            return 0
        return self.before[nth] + min(tick, self.ends[nth]) - self.starts[nth]

    def earliest(self, position: int) -> int:
        """The first tick at a position above zero."""
        nth = bisect_left(self.after, position)
        return self.starts[nth] + position - self.before[nth]

    def latest(self, position: int) -> int:
        """The last tick at a position below `total`."""
        nth = bisect_right(self.after, position)
        return self.starts[nth] + position - self.before[nth]

    def opening(self, tick: int) -> int | None:
        """The first open tick from `tick` on."""
        nth = bisect_right(self.ends, tick)
        return max(tick, self.starts[nth]) if nth < len(self.starts) else None


class _Index:
    """P of one plan. Positions count from the beginning of the year that was asked for first."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.last_year = LAST_YEAR if _recurs(plan) else _last_special_year(plan)
        self._years: dict[int, tuple[int, _Year]] = {}  # with P at its beginning
        self._growing = threading.Lock()

    def position(self, at: dt.datetime) -> int:
        before, year = self._year(at.year)
        return before + year.position(_tick(at))

    def moved(self, at: dt.datetime, by: int) -> int:
        """The tick at which P differs by `by`, which is not zero, from P at `at`."""
        goal = self.position(at) + by
        return self._earliest(at.year, goal) if by > 0 else self._latest(at.year, goal)

    def opening(self, at: dt.datetime) -> int:
        tick = _tick(at)
        for number in self._from(at.year):
            found = self._year(number)[1].opening(tick)
            if found is not None:
                return found
        raise NeverOpen

    def _earliest(self, first: int, goal: int) -> int:
        for number in self._from(first):
            before, year = self._year(number)
            if goal <= before + year.total:
                return year.earliest(goal - before)
        raise NeverOpen

    def _latest(self, last: int, goal: int) -> int:
        for number in range(last, FIRST_YEAR - 1, -1):
            before, year = self._year(number)
            if before <= goal:
                return year.latest(goal - before)
        raise NeverOpen

    def _from(self, first: int) -> range:
        return range(first, self.last_year + 1)

    def _year(self, number: int) -> tuple[int, _Year]:
        found = self._years.get(number)
        return found or self._grow(number)

    def _grow(self, number: int) -> tuple[int, _Year]:
        """Index all years up to `number` from those there are, so that positions go on."""
        with self._growing:
            if not self._years:
                self._years[number] = 0, self._read(number)
            for one in range(max(self._years) + 1, number + 1):
                before, year = self._years[one - 1]
                self._years[one] = before + year.total, self._read(one)
            for one in range(min(self._years) - 1, number - 1, -1):
                year = self._read(one)
                self._years[one] = self._years[one + 1][0] - year.total, year
        return self._years[number]

    def _read(self, number: int) -> _Year:
        first = dt.datetime(number, 1, 1, tzinfo=dt.UTC)
        last = dt.datetime(number + 1, 1, 1, tzinfo=dt.UTC)
        return _Year.of(_clipped(_merged(self._stretches(number)), _tick(first), _tick(last)))

    def _stretches(self, number: int) -> Iterator[Stretch]:
        # A local day lies in two UTC days, and a clock change may carry its end beyond.
        day = dt.date(number, 1, 1) - 2 * DAY
        while day.year <= number or day.day <= 2:
            for start, end in self.plan.stretches(day):
                yield _tick(start), _tick(end)
            day += DAY


def _merged(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The union of stretches: those that overlap or touch are one."""
    held: Stretch | None = None
    for start, end in sorted(stretches):
        if held is None or start > held[1]:
            if held is not None:
                yield held
            held = start, end
        else:
            held = held[0], max(held[1], end)
    if held is not None:
        yield held


def _clipped(stretches: Iterable[Stretch], first: int, last: int) -> Iterator[Stretch]:
    for start, end in stretches:
        if start < last and first < end:
            yield max(start, first), min(end, last)


def _recurs(plan: Plan) -> bool:
    """Whether it opens again and again, beyond the days that are named one by one."""
    return any(
        opens < closes or closes == MIDNIGHT
        for spans in plan.weekly.values()
        for opens, closes in spans
    )


def _last_special_year(plan: Plan) -> int:
    """The last year in which a plan without a week may open; before all years if in none."""
    return max((day.year + 1 for day, spans in plan.special.items() if spans), default=0)


def _key(plan: Plan) -> tuple[Any, ...]:
    weekly, special = sorted(plan.weekly.items()), sorted(plan.special.items())
    return plan.time_zone, tuple(weekly), tuple(special), plan.follow_holidays


@lru_cache(maxsize=KEPT_PLANS)
def _index_of(key: tuple[Any, ...]) -> _Index:
    time_zone, weekly, special, follow_holidays = key
    return _Index(Plan(time_zone, dict(weekly), dict(special), follow_holidays))


def _utc(at: dt.datetime) -> dt.datetime:
    moment = at.astimezone(dt.UTC)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Invalid(f"时间不在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间")
    return moment


def _later(at: dt.datetime, time: dt.timedelta) -> dt.datetime:
    try:
        return _utc(at + time)
    except (OverflowError, Invalid):
        raise NeverOpen from None


def _tick(at: dt.datetime) -> int:
    return (at - EPOCH) // TICK


def _instant(tick: int) -> dt.datetime:
    return EPOCH + tick * TICK
