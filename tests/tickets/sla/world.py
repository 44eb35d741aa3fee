"""An office that opens from nine to six, and policies."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from tickets.models import SlaClock, SlaPolicy, Ticket
from tickets.models.sla import Metric

SHANGHAI = ZoneInfo("Asia/Shanghai")
FRIDAY = "2026-11-20"
FIRST, NEXT, RESOLUTION = Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION


def at(text: str) -> dt.datetime:
    """A time of Shanghai; one without a date is on that Friday."""
    full = text if "-" in text else f"{FRIDAY} {text}"
    return dt.datetime.fromisoformat(full).replace(tzinfo=SHANGHAI)


class Now:
    """What `timezone.now` says."""

    def __init__(self) -> None:
        self.moment = at("10:00")

    def __call__(self) -> dt.datetime:
        return self.moment

    def is_(self, text: str) -> dt.datetime:
        """Go there."""
        self.moment = at(text)
        return self.moment


def policy(calendar: Any = None, **more: Any) -> SlaPolicy:
    """A policy: an hour to answer first, two to answer next, eight to resolve; warns at 20 %."""
    said = {"name": f"策略{SlaPolicy.objects.count()}", "calendar": calendar, **more}
    targets = {"first_response": 60, "next_response": 120, "resolution": 480}
    return SlaPolicy.objects.create(**{**targets, **said})


def clock(ticket: Ticket, metric: Metric) -> SlaClock:
    """The last clock of a metric."""
    return SlaClock.objects.filter(ticket=ticket, metric=metric).latest("round")
