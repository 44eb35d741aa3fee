"""Clocks as people and the API see them. Times left are business time, in words."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tickets.models import Ticket
from tickets.models.sla import ClockState, Metric, SlaClock
from tickets.sla.clock import Clock, counted
from tickets.sla.policies import Policies, current
from tickets.sla.rows import value_of

ENGLISH = {
    Metric.FIRST_RESPONSE: "First response",
    Metric.NEXT_RESPONSE: "Next response",
    Metric.RESOLUTION: "Resolution",
}
ZERO = dt.timedelta(0)


@dataclass(frozen=True, slots=True)
class ShownClock:
    """One line about a clock.

    `tone` is ok, soon, late, paused, met or missed. `left` is business time, below zero when it is
    late; None once it is over. `words` and `english` say how it stands.
    """

    metric: Metric
    round: int
    state: ClockState
    tone: str
    due_at: dt.datetime | None
    target: dt.timedelta
    left: dt.timedelta | None
    spent: dt.timedelta | None
    words: str
    english: str
    policy: str
    row: SlaClock

    @property
    def label(self) -> str:
        """“首次响应”."""
        return self.metric.label

    @property
    def label_en(self) -> str:
        """“First response”."""
        return ENGLISH[self.metric]


def clocks_of(ticket: Ticket, now: dt.datetime | None = None) -> list[ShownClock]:
    """The ticket's clocks with a target: of each metric the last one, in the metrics' order."""
    return clocks_of_many([ticket.pk], now).get(ticket.pk, [])


def clocks_of_many(
    ticket_ids: Iterable[uuid.UUID], now: dt.datetime | None = None
) -> dict[uuid.UUID, list[ShownClock]]:
    """The same for the tickets of a page, in one query; tickets without clocks are left out."""
    rows = SlaClock.objects.filter(ticket__in=list(ticket_ids), target_seconds__isnull=False)
    rows = rows.exclude(state=ClockState.CANCELLED).select_related("policy").order_by("round")
    last: dict[uuid.UUID, dict[str, SlaClock]] = defaultdict(dict)
    for row in rows:
        last[row.ticket_id][row.metric] = row
    at, policies = now or timezone.now(), current()
    return {
        pk: [_shown(found[metric], at, policies) for metric in Metric if metric in found]
        for pk, found in last.items()
    }


def as_dicts(shown: Iterable[ShownClock]) -> list[dict[str, Any]]:
    """Clocks for the API: times as datetimes, durations in whole seconds of business time."""
    return [
        {
            "metric": str(one.metric),
            "round": one.round,
            "state": str(one.state),
            "policy": one.policy,
            "target_minutes": one.target // dt.timedelta(minutes=1),
            "due_at": one.due_at,
            "remaining_seconds": _seconds(one.left),
            "warned_at": one.row.warned_at,
            "breached_at": one.row.breached_at,
            "met_at": one.row.met_at,
            "spent_seconds": _seconds(one.spent),
        }
        for one in shown
    ]


def _shown(row: SlaClock, at: dt.datetime, policies: Policies) -> ShownClock:
    clock = value_of(row)
    target = clock.terms.target or ZERO
    used = counted(clock, at, policies.work(clock.terms.calendar))
    left = target - used if clock.is_open else None
    tone = _tone(clock, left, at)
    words, english = _WORDS[tone]
    amount = abs(left) if left is not None else (row.spent if row.spent is not None else used)
    return ShownClock(
        metric=Metric(row.metric),
        round=row.round,
        state=clock.state,
        tone=tone,
        due_at=row.due_at,
        target=target,
        left=left,
        spent=row.spent,
        words=words.format(in_words(amount)),
        english=english.format(in_english(amount)),
        policy=row.policy.name if row.policy else "",
        row=row,
    )


_WORDS = {
    "ok": ("剩余 {}", "{} left"),
    "soon": ("剩余 {}", "{} left"),
    "late": ("已超时 {}", "{} late"),
    "paused": ("已暂停，剩余 {}", "paused, {} left"),
    "met": ("用时 {}", "took {}"),
    "missed": ("超时完成，用时 {}", "late, took {}"),
}


def _tone(clock: Clock, left: dt.timedelta | None, at: dt.datetime) -> str:
    if left is None:
        return "missed" if clock.breached_at is not None else "met"
    if clock.breached_at is not None or (clock.due_at is not None and clock.due_at < at):
        return "late"
    if clock.paused_at is not None:
        return "paused"
    is_soon = clock.warned_at is not None or (clock.warn_at is not None and clock.warn_at < at)
    return "soon" if is_soon else "ok"


def in_words(time: dt.timedelta) -> str:
    """“1小时20分”; whole minutes, rounded down. Hours are not summed up to days of any length."""
    hours, minutes = divmod(time // dt.timedelta(minutes=1), 60)
    if not hours and not minutes:
        return "不到1分钟"
    said = f"{hours}小时" if hours else ""
    return said + (f"{minutes}分" if hours and minutes else f"{minutes}分钟" if minutes else "")


def in_english(time: dt.timedelta) -> str:
    """“1 h 20 min”."""
    hours, minutes = divmod(time // dt.timedelta(minutes=1), 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return " ".join(parts) or "under 1 min"


def _seconds(time: dt.timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
