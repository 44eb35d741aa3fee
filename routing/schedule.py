"""When it is open. Who is on shift is `routing.members`.

The core is plain values: a `Plan` made once from a calendar's rows. Times of day are local to the
plan's time zone; on days of a clock change an interval is the stretch between its two ends as the
clock before the change reads them. Instants are aware datetimes throughout.
"""

import datetime as dt
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from routing.calendar import holiday_name, is_holiday, is_make_up_day, is_workday
from routing.models import BusinessHours

__all__ = [
    "Plan",
    "forget",
    "holiday_name",
    "is_holiday",
    "is_make_up_day",
    "is_open",
    "is_workday",
    "next_opening",
    "plan_of",
]

KEPT = 5.0  # seconds a process trusts what it read of a calendar
HORIZON = 400  # days within which the next opening is looked for
MONDAY = 0
MIDNIGHT = dt.time(0)

Span = tuple[dt.time, dt.time]  # midnight as the end means the end of the day


@dataclass(frozen=True)
class Plan:
    """A calendar's opening times. `special` days replace the week's; an empty tuple is closed."""

    time_zone: str = "Asia/Shanghai"
    weekly: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    special: Mapping[dt.date, tuple[Span, ...]] = field(default_factory=dict)
    follow_holidays: bool = False

    def spans(self, date: dt.date) -> tuple[Span, ...]:
        """The opening times of a day: special, else holiday, else make-up day, else the week's."""
        if date in self.special:
            return self.special[date]
        if self.follow_holidays and is_holiday(date):
            return ()
        if self.follow_holidays and is_make_up_day(date):
            return self.weekly.get(MONDAY, ())
        return self.weekly.get(date.weekday(), ())

    def stretches(self, date: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        """The same as instants in UTC, in order, without those a clock change swallows."""
        found = []
        for opens, closes in self.spans(date):
            last = date + dt.timedelta(days=1) if closes == MIDNIGHT else date
            start, end = self._instant(date, opens), self._instant(last, closes)
            if start < end:
                found.append((start, end))
        return sorted(found)

    def opening(self, at: dt.datetime) -> dt.datetime | None:
        """The first instant from `at` on at which it is open; None: not within `HORIZON` days."""
        for start, end in self._from(at):
            if at < end:
                return max(start, at)
        return None

    def is_open(self, at: dt.datetime) -> bool:
        """Whether it is open at `at`."""
        day = at.astimezone(ZoneInfo(self.time_zone)).date()
        # A clock change may carry the end of a day past its midnight.
        days = (day - dt.timedelta(days=1), day)
        return any(start <= at < end for one in days for start, end in self.stretches(one))

    def _from(self, at: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        first = at.astimezone(ZoneInfo(self.time_zone)).date() - dt.timedelta(days=1)
        for offset in range(HORIZON):
            yield from self.stretches(first + dt.timedelta(days=offset))

    def _instant(self, date: dt.date, moment: dt.time) -> dt.datetime:
        local = dt.datetime.combine(date, moment, tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(dt.UTC)


def is_open(hours: BusinessHours | None, at: dt.datetime) -> bool:
    """Whether a calendar is open at `at`; no calendar is open always."""
    return hours is None or plan_of(hours).is_open(at)


def next_opening(hours: BusinessHours | None, at: dt.datetime) -> dt.datetime | None:
    """The first instant from `at` on at which it is open (`at` itself when it is).

    None when it does not open within `HORIZON` days.
    """
    return at if hours is None else plan_of(hours).opening(at)


_plans: dict[uuid.UUID, tuple[float, Plan]] = {}


def plan_of(hours: BusinessHours) -> Plan:
    """The plan of a calendar, as it was read at most `KEPT` seconds ago."""
    now = time.monotonic()
    expires, plan = _plans.get(hours.pk, (0.0, None))
    if plan is None or expires < now:
        plan = read_plan(hours)
        _plans[hours.pk] = (now + KEPT, plan)
    return plan


def forget(hours_id: uuid.UUID) -> None:
    """Read the calendar again next time: it was changed here."""
    _plans.pop(hours_id, None)


def read_plan(hours: BusinessHours) -> Plan:
    """The plan as it stands in the database."""
    weekly: dict[int, tuple[Span, ...]] = {}
    for one in hours.intervals.all():
        weekly[one.weekday] = (*weekly.get(one.weekday, ()), (one.opens, one.closes))
    special = {
        day.date: ((day.opens, day.closes),) if day.opens and day.closes else ()
        for day in hours.special_days.all()
    }
    return Plan(hours.time_zone, weekly, special, hours.follow_holidays)
