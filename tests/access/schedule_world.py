"""A calendar of group a, and an agent of it with a shift and a request for a break."""

import datetime as dt
from typing import Any

from routing.models import Agent, SkillGroup
from tests import factories


def add_to(world: Any) -> None:
    """Write it; the calendar is always open, so it changes nothing elsewhere."""
    agent = Agent.objects.get(pk=world.id("agent agent"))
    hours = factories.BusinessHoursFactory(week="", follow_holidays=False)
    for day in range(7):
        hours.intervals.create(weekday=day, opens=dt.time(0), closes=dt.time(0))
    SkillGroup.objects.filter(pk=world.id("group a")).update(business_hours=hours)
    entry = factories.RosterEntryFactory(agent=agent, date=dt.date(2026, 11, 23))
    request = factories.BreakRequestFactory(agent=agent)
    world.ids |= {
        "hours": hours.pk,
        "shift": entry.shift_id,
        "roster entry": entry.pk,
        "break reason": request.reason_id,
        "break request": request.pk,
    }
