"""Days of the server's time zone, and how the list writes times."""

import datetime as dt

from django.utils import timezone

FIRST, LAST = 1970, 2200  # years


def day_of(text: str) -> dt.date | None:
    """The day of ``2026-11-21``; None for what is none."""
    try:
        day = dt.date.fromisoformat(text.strip()) if len(text) <= 20 else None
    except ValueError:
        return None
    return day if day is not None and FIRST <= day.year <= LAST else None


def start_of_day(day: dt.date) -> dt.datetime:
    """Its first instant."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def end_of_day(day: dt.date) -> dt.datetime:
    """The first instant after it."""
    return start_of_day(day + dt.timedelta(days=1))


def span(time: dt.timedelta) -> str:
    """About how long: ``3 天``, ``5 小时``, ``12 分钟``, ``不到 1 分钟``."""
    minutes = int(abs(time).total_seconds()) // 60
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} 天"
    if minutes >= 60:
        return f"{minutes // 60} 小时"
    return f"{minutes} 分钟" if minutes else "不到 1 分钟"


def ago(at: dt.datetime, now: dt.datetime) -> str:
    """``刚刚``, ``12 分钟前``, ``5 小时前``, ``3 天前``; the date after a month."""
    age = now - at
    if age < dt.timedelta(minutes=1):
        return "刚刚"
    if age < dt.timedelta(days=30):
        return f"{span(age)}前"
    local = timezone.localtime(at)
    same_year = local.year == timezone.localtime(now).year
    return f"{local:%m-%d}" if same_year else f"{local:%Y-%m-%d}"
