"""How the archive writes times."""

import datetime as dt

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def moment(value: dt.datetime) -> str:
    """``14:05`` today, ``11-20 14:05`` this year, else with the year."""
    local, now = timezone.localtime(value), timezone.localtime()
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == now.year else f"{local:%Y-%m-%d %H:%M}"


@register.filter
def span(value: dt.timedelta | None) -> str:
    """``45 秒``, ``3 分 20 秒``, ``2 小时 5 分``, ``3 天 4 小时``; ``—`` for nothing."""
    if value is None:
        return "—"
    minutes, seconds = divmod(max(int(value.total_seconds()), 0), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "天"), (hours, "小时"), (minutes, "分"), (seconds, "秒"))
    said = [f"{number} {unit}" for number, unit in units if number]
    return " ".join(said[:2]) or "0 秒"
