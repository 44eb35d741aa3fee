"""排班: planning who works which shift on which day.

Nobody works two shifts at once. Whoever adds or moves entries locks the agents first, so that two
supervisors planning at the same moment cannot do it between them either.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from lingxi.errors import Invalid
from routing.models import Agent, RosterEntry, Shift

WEEK = dt.timedelta(days=7)
MOST = 5000  # entries planned at once
NAMED = 5  # clashes that a refusal names


def check_free(entry: RosterEntry) -> None:
    """Raises `ValidationError` when the agent works then already. Locks the agent."""
    entry.shift = _hold([entry.shift])[entry.shift_id]
    _lock([entry.agent_id])
    entry.place()
    others = _around([entry]).exclude(pk=entry.pk)
    clashing = [other for other in others if _overlap(entry, other)]
    if clashing:
        raise ValidationError(f"与已有班次重叠：{_text(clashing)}")


@transaction.atomic
def plan(agents: Iterable[Agent], shift: Shift, dates: Iterable[dt.date]) -> list[RosterEntry]:
    """Enter agents for a shift on days; what stands there already is left as it is.

    Returns the new entries. Raises `Invalid` with the clashes; then nothing is entered.
    """
    dates = sorted(set(dates))
    shift = _hold([shift])[shift.pk]
    wanted = [_entry(agent, shift, date) for agent in agents for date in dates]
    if not wanted:
        raise Invalid("请选择坐席和日期")
    if len(wanted) > MOST:
        raise Invalid(f"一次最多安排 {MOST} 个班次")
    new, clashing = _fitting(wanted)
    if clashing:
        raise Invalid(f"以下班次与已有班次重叠，未保存：{_text(clashing)}")
    return RosterEntry.objects.bulk_create(new)


@transaction.atomic
def copy_week(agents: QuerySet[Agent], monday: dt.date) -> tuple[int, int]:
    """Enter for the week of `monday` what the week before has; how many, and how many clash.

    What clashes with the week's own entries is left out.
    """
    before = RosterEntry.objects.filter(
        agent__in=agents, date__gte=monday - WEEK, date__lt=monday
    ).select_related("agent", "shift")
    shifts = _hold({row.shift for row in before})
    wanted = [_entry(row.agent, shifts[row.shift_id], row.date + WEEK) for row in before]
    if not wanted:
        return 0, 0
    new, clashing = _fitting(wanted)
    RosterEntry.objects.bulk_create(new)
    return len(new), len(clashing)


def check_moved(shift: Shift) -> None:
    """Raises `ValidationError` when a shift's new hours make two overlap. Locks the agents."""
    _hold([shift])
    _lock(RosterEntry.objects.filter(shift=shift).values_list("agent_id", flat=True))
    moved = _to_move(shift)
    if not moved:
        return
    for entry in moved:
        entry.place()
    others = _around(moved).exclude(shift=shift)
    clashing = _clashing([*moved, *others])
    if clashing:
        raise ValidationError(f"改动后以下班次与同一坐席的其他班次重叠：{_text(clashing)}")


def move(shift: Shift) -> int:
    """Give a shift's entries from today on its hours as they are now; how many."""
    moved = _to_move(shift)
    for entry in moved:
        entry.place()
    return RosterEntry.objects.bulk_update(moved, ["starts_at", "ends_at"], batch_size=500)


def _to_move(shift: Shift) -> list[RosterEntry]:
    rows = RosterEntry.objects.filter(shift=shift, date__gte=timezone.localdate())
    entries = list(rows.select_related("agent"))
    for entry in entries:
        entry.shift = shift  # with the hours as they are being changed
    return entries


def _entry(agent: Agent, shift: Shift, date: dt.date) -> RosterEntry:
    entry = RosterEntry(agent=agent, shift=shift, date=date)
    entry.place()
    return entry


def _hold(shifts: Iterable[Shift]) -> dict[uuid.UUID, Shift]:
    """The shifts as they are, which nobody changes until the end of the transaction."""
    ids = [shift.pk for shift in shifts]
    rows = Shift.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {shift.pk: shift for shift in rows}


def _lock(agent_ids: Iterable[uuid.UUID]) -> None:
    ids = sorted(set(agent_ids))
    list(Agent.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def _around(entries: Sequence[RosterEntry]) -> QuerySet[RosterEntry]:
    """What is stored of the same agents in the same stretch of time."""
    return RosterEntry.objects.filter(
        agent__in={entry.agent_id for entry in entries},
        starts_at__lt=max(entry.ends_at for entry in entries),
        ends_at__gt=min(entry.starts_at for entry in entries),
    ).select_related("agent", "shift")


def _fitting(wanted: Sequence[RosterEntry]) -> tuple[list[RosterEntry], list[RosterEntry]]:
    """Those that are new and free, and those that clash; locks the agents."""
    _lock(entry.agent_id for entry in wanted)
    taken: dict[uuid.UUID, list[RosterEntry]] = defaultdict(list)
    for entry in _around(wanted):
        taken[entry.agent_id].append(entry)
    new, clashing = [], []
    for entry in wanted:
        of_agent = taken[entry.agent_id]
        if any((one.date, one.shift_id) == (entry.date, entry.shift_id) for one in of_agent):
            continue
        if any(_overlap(entry, one) for one in of_agent):
            clashing.append(entry)
        else:
            new.append(entry)
            of_agent.append(entry)
    return new, clashing


def _clashing(entries: Iterable[RosterEntry]) -> list[RosterEntry]:
    """The later ones of those that overlap, all agents taken each by themselves."""
    in_order = sorted(entries, key=lambda entry: (entry.agent_id, entry.starts_at))
    return [
        later
        for earlier, later in pairwise(in_order)
        if earlier.agent_id == later.agent_id and _overlap(earlier, later)
    ]


def _overlap(one: RosterEntry, other: RosterEntry) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def _text(entries: Sequence[RosterEntry]) -> str:
    shown = [f"{entry.agent.name} {entry.date:%m-%d} {entry.shift}" for entry in entries[:NAMED]]
    more = f" 等 {len(entries)} 个" if len(entries) > NAMED else ""
    return "、".join(shown) + more


def monday_of(date: dt.date) -> dt.date:
    """The first day of a week."""
    return date - dt.timedelta(days=date.weekday())
