"""The calendar of dues: how many tickets are due on which day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from lingxi.access.masking import for_viewer
from routing.calendar import holiday_name, is_make_up_day
from tickets.listing.columns import Cell, due_cell
from tickets.listing.times import FIRST, LAST, day_of, end_of_day, start_of_day
from tickets.listing.viewer import Viewer
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet
from tickets.workflow import Status
from tickets.workflows import workflow_of

LISTED = 100
WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """A day of the calendar."""

    date: dt.date
    count: int
    holiday: str
    is_make_up: bool
    is_today: bool
    is_chosen: bool
    is_outside: bool
    is_past: bool


@dataclass(frozen=True)
class Due:
    """A ticket that is due on the chosen day."""

    ticket: Ticket
    title: str
    status: Status
    due: Cell


@dataclass(frozen=True)
class Calendar:
    """A month or a week, with the tickets of one of its days."""

    by: str
    weeks: list[list[Day]]
    chosen: dt.date
    first: dt.date
    before: dt.date
    after: dt.date
    today: dt.date
    dues: list[Due]
    is_mine: bool

    @property
    def is_cut(self) -> bool:
        """Whether more are due on that day than are listed."""
        return len(self.dues) == LISTED


def calendar_of(viewer: Viewer, data: Any) -> Calendar:
    """The calendar that a query asks for: `by` month or week, `day`, `mine`."""
    today = timezone.localtime(viewer.now).date()
    chosen = day_of(data.get("day", "")) or today
    by = "week" if data.get("by") == "week" else "month"
    is_mine = data.get("mine") == "yes"
    rows = _rows(viewer, is_mine=is_mine)
    first = chosen.replace(day=1)
    start = chosen - DAY * chosen.weekday() if by == "week" else first - DAY * first.weekday()
    end = start + WEEK if by == "week" else _end_of_month(first)
    days = _days(rows, start, end, chosen, today, month=None if by == "week" else first.month)
    return Calendar(
        by=by,
        weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
        chosen=chosen,
        first=first,
        before=_kept(chosen - WEEK if by == "week" else _month_before(first)),
        after=_kept(chosen + WEEK if by == "week" else _month_after(first)),
        today=today,
        dues=_dues(viewer, rows, chosen),
        is_mine=is_mine,
    )


def _rows(viewer: Viewer, *, is_mine: bool) -> TicketQuerySet:
    rows = Ticket.objects.visible_to(viewer.user).active()
    return rows.filter(assignee__in=viewer.agent_ids) if is_mine else rows


def _end_of_month(first: dt.date) -> dt.date:
    """The first day behind the weeks of a month."""
    after = _month_after(first)
    return after + DAY * (-after.weekday() % 7)


def _month_after(first: dt.date) -> dt.date:
    return (first + DAY * 32).replace(day=1)


def _month_before(first: dt.date) -> dt.date:
    return (first - DAY).replace(day=1)


def _kept(day: dt.date) -> dt.date:
    return min(max(day, dt.date(FIRST, 1, 1)), dt.date(LAST, 12, 31))


def _days(
    rows: TicketQuerySet,
    start: dt.date,
    end: dt.date,
    chosen: dt.date,
    today: dt.date,
    *,
    month: int | None,
) -> list[Day]:
    counts = dict(
        rows.filter(due_at__gte=start_of_day(start), due_at__lt=start_of_day(end))
        .order_by()
        .annotate(day=TruncDate("due_at"))
        .values("day")
        .annotate(count=Count("pk"))
        .values_list("day", "count")
    )
    dates = [start + DAY * step for step in range((end - start).days)]
    return [
        Day(
            date=one,
            count=counts.get(one, 0),
            holiday=holiday_name(one),
            is_make_up=is_make_up_day(one),
            is_today=one == today,
            is_chosen=one == chosen,
            is_outside=month is not None and one.month != month,
            is_past=one < today,
        )
        for one in dates
    ]


def _dues(viewer: Viewer, rows: TicketQuerySet, day: dt.date) -> list[Due]:
    found = rows.filter(due_at__gte=start_of_day(day), due_at__lt=end_of_day(day))
    related = found.select_related("type", "assignee", "group").defer("description", "terms")
    return [
        Due(
            row,
            for_viewer(viewer.user, row.title),
            workflow_of(row).status(row.status),
            due_cell(viewer, row),
        )
        for row in related.order_by("due_at", "id")[:LISTED]
    ]
