"""When visitors come: by hour of the day, day of the week, and the odd sale."""

import datetime as dt

from conversations.demo.dice import Dice

# Busy from 10 to 12, from 14 to 17 and from 20 to 22; quiet at night.
BY_HOUR = (
    *(0.35, 0.2, 0.12, 0.08, 0.08, 0.12),  # 0 to 5
    *(0.3, 0.7, 1.6, 3.4, 6.2, 6.0),  # 6 to 11
    *(3.4, 3.6, 5.6, 6.0, 5.2, 3.8),  # 12 to 17
    *(3.0, 3.8, 5.6, 5.2, 2.6, 1.0),  # 18 to 23
)
BY_WEEKDAY = (1.08, 1.04, 1.0, 1.0, 1.02, 0.72, 0.62)
SALE_EVERY = 31  # days; the day of a sale and the day after are busier


def arrivals(dice: Dice, now: dt.datetime, days: int, count: int) -> list[dt.datetime]:
    """`count` arrivals on the `days` days before today, and today's share up to `now`; sorted."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    dates = [today - dt.timedelta(days=back) for back in range(days, 0, -1)]
    weights = [_weight(dice, date, index, days) for index, date in enumerate(dates)]
    picked = dice.many(dates, weights, count)
    picked += [today] * (count // days)
    times = [_time_of_day(dice, date) for date in picked]
    return sorted(time for time in times if time < now)


def _weight(dice: Dice, date: dt.datetime, index: int, days: int) -> float:
    growth = 0.8 + 0.4 * index / days
    since_sale = (days - index) % SALE_EVERY
    sale = {11: 1.9, 10: 1.4}.get(since_sale, 1.0)
    return BY_WEEKDAY[date.weekday()] * growth * sale * dice.uniform(0.88, 1.12)


def _time_of_day(dice: Dice, date: dt.datetime) -> dt.datetime:
    hour = dice.weighted(range(24), BY_HOUR)
    return date + dt.timedelta(hours=hour, seconds=dice.uniform(0, 3600))
