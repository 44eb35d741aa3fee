"""Chinese public holidays and make-up days, as the State Council's notices count them.

The library knows the named days, the days off that were swapped, and the weekends worked for
them. A notice's break also takes in the ordinary weekend days in between, so a holiday here is
every day off in one stretch with a named day. Years without a notice yet have the named days only.
"""

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache

from holidays import country_holidays

FIRST_YEAR, LAST_YEAR = 1951, 2099
WEEKEND = (5, 6)
_DAY = dt.timedelta(days=1)


def is_workday(date: dt.date) -> bool:
    """Whether offices work: weekdays that are no holidays, and make-up days."""
    return is_make_up_day(date) or (date.weekday() not in WEEKEND and not is_holiday(date))


def is_make_up_day(date: dt.date) -> bool:
    """调休上班日: a weekend day that is worked."""
    return date in _year(date.year)[1]


def is_holiday(date: dt.date) -> bool:
    """Whether the day belongs to a holiday's break; an ordinary weekend does not."""
    return date in _year(date.year)[0]


def holiday_name(date: dt.date) -> str:
    """The holiday whose break the day belongs to, in Chinese; empty on other days."""
    return _year(date.year)[0].get(date, "")


@lru_cache(maxsize=32)
def _year(year: int) -> tuple[dict[dt.date, str], frozenset[dt.date]]:
    """Days of holidays' breaks with their names, and make-up days."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return {}, frozenset()
    known = country_holidays("CN", years=range(year - 1, year + 2), language="zh_CN")
    worked = frozenset(getattr(known, "weekend_workdays", ()))
    breaks: dict[dt.date, str] = {}
    for day in sorted(known):
        if day not in worked:
            breaks[day] = _named(known[day]) or breaks.get(day - _DAY, "")
            _extend(breaks, day, worked)
    return ({day: name for day, name in breaks.items() if day.year == year}, worked)


def _named(text: str) -> str:
    """The library's text without its remarks; empty for a day off that has no name of its own."""
    return (
        ""
        if text.startswith("休息日")
        else text.split("（", maxsplit=1)[0].split("; ", maxsplit=1)[0]
    )


def _extend(breaks: dict[dt.date, str], day: dt.date, worked: frozenset[dt.date]) -> None:
    for step in (-_DAY, _DAY):
        for beside in _weekend_from(day, step, worked):
            breaks.setdefault(beside, breaks[day])


def _weekend_from(
    day: dt.date, step: dt.timedelta, worked: frozenset[dt.date]
) -> Iterator[dt.date]:
    beside = day + step
    while beside.weekday() in WEEKEND and beside not in worked:
        yield beside
        beside += step
