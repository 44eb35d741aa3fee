"""排班: who works which shift on which day."""

import datetime as dt

from django.utils import timezone

from routing.models import Shift


def times_of(shift: Shift, date: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """When a shift of that day begins and ends, in the product's time zone.

    An end at or before the start lies on the next day.
    """
    last = date + dt.timedelta(days=1) if shift.ends <= shift.starts else date
    zone = timezone.get_default_timezone()
    return (
        dt.datetime.combine(date, shift.starts, tzinfo=zone),
        dt.datetime.combine(last, shift.ends, tzinfo=zone),
    )
