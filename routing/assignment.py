"""Giving waiting work to agents, each kind of work for itself.

`assign_waiting` is the one way from waiting to assigned (or offered) by machine, `assign_to` by
hand. It is run again on every cause (an agent becomes ready, comes back, gets capacity or a group;
work ends or arrives) and by a timed sweep, so nobody waits while somebody could serve.

A batch is planned without locks, then the rows are locked in the one order of `routing.registry`
and everything is decided again on what is true under the locks.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lingxi.errors import AgentUnavailable
from lingxi.ids import parse_id
from lingxi.sweeps import attempt
from routing import giving, kinds
from routing.members import Member, candidates_of, member_of, members_of, tally
from routing.models import Agent, AgentStatus, SkillGroup, WorkItem, WorkState
from routing.picking import Candidate, Picker, Wanted
from routing.registry import handler_of

BATCH = 200
TRIES = 3  # batches in a row that raced others and gave nothing

Chosen = list[tuple[WorkItem, Candidate]]


_WAITING = """
SELECT kind FROM unnest(%s::text[]) WITH ORDINALITY AS known(kind, place)
WHERE EXISTS (SELECT FROM routing_workitem w
              WHERE w.group_id = %s AND w.kind = known.kind AND w.state = 'waiting')
ORDER BY place
"""


def assign_waiting(group_id: uuid.UUID) -> int:
    """Assign, or offer, what waits in the group while somebody has room; how many."""
    return sum(_assign_kind(group_id, kind) for kind in _kinds_waiting(group_id))


def _kinds_waiting(group_id: uuid.UUID) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [[kind.name for kind in kinds.declared()], group_id])
        return [row[0] for row in cursor.fetchall()]


def _assign_kind(group_id: uuid.UUID, kind: str) -> int:
    total, tries = 0, 0
    while tries < TRIES:
        with transaction.atomic():
            given, again = _assign_batch(group_id, kind)
        total += given
        tries = 0 if given else tries + 1
        if not again:
            break
    return total


def assign_everywhere() -> int:
    """The sweep: every group that has somebody waiting."""
    groups = WorkItem.objects.filter(state=WorkState.WAITING).order_by()
    waiting = groups.values_list("group_id", flat=True).distinct()
    return sum(attempt(assign_waiting, pk) for pk in waiting)


def rerun_on_commit(group_ids: Iterable[uuid.UUID]) -> None:
    """Assign once the current transaction is in; the sweep repairs what a kill prevents."""
    for group_id in set(group_ids):
        transaction.on_commit(partial(attempt, assign_waiting, group_id), robust=True)


def rerun_for_agents_on_commit(agent_ids: Iterable[uuid.UUID]) -> None:
    """Assign in every group of these agents once the current transaction is in."""
    rerun_on_commit(
        SkillGroup.objects.filter(agents__in=list(agent_ids)).values_list("id", flat=True)
    )


def _assign_batch(group_id: uuid.UUID, kind: str) -> tuple[int, bool]:
    """Give up to a batch; how many, and whether to look again at once."""
    # Two assigners of one queue would lock the same rows one after the other for nothing.
    queue = f"{group_id} {kind}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [queue])
    group = SkillGroup.objects.filter(pk=group_id).first()
    now = timezone.now()
    planned = _plan(group, kind, now) if group is not None else []
    if group is None or not planned:
        return 0, False
    lock_things([item for item, _ in planned])
    items = _lock_items(group, [item.pk for item, _ in planned])
    locked = {one.pk for one in lock_agents({one.agent_id for _, one in planned})}
    members = members_of(group, now, kind)
    candidates = candidates_of([one for one in members if one.agent_id in locked], group)
    chosen = _choose(group, items, candidates, now)
    giving.give(group, chosen, tally(members, group), now)
    # Some left the queue while we took the locks, or more wait than one batch holds.
    return len(chosen), len(chosen) < len(planned) or len(planned) == BATCH


def _plan(group: SkillGroup, kind: str, now: dt.datetime) -> Chosen:
    """Who would get what, read without locks; pages of the queue until the room is used up."""
    candidates = candidates_of(members_of(group, now, kind), group)
    picker = Picker(group.picking, candidates, now.timestamp())
    room = min(BATCH, sum(one.room for one in candidates))
    planned: Chosen = []
    for item in _servable(group, kind, candidates, now, room) if room else ():
        one = picker.pick(wanted_of(item, group, now))
        if one is not None:
            planned.append((item, one))
        if len(planned) >= room or picker.is_empty:
            break
    return planned


def _servable(
    group: SkillGroup, kind: str, candidates: Sequence[Candidate], now: dt.datetime, size: int
) -> Iterator[WorkItem]:
    """The queue in its order, without those whom none of the candidates may serve."""
    ids = [one.agent_id for one in candidates]
    closed = _closed_kinds(candidates)
    rows = WorkItem.objects.waiting().filter(
        Q(preferred_until=None) | Q(preferred_until__lte=now) | Q(preferred_agent__in=ids),
        group_id=group.pk,
        kind=kind,
        min_level__lte=max(one.level for one in candidates),
    )
    rows = rows.exclude(declined_by__contains=ids)
    if closed:
        rows = rows.exclude(channel_kind__in=closed)
    if not group.is_automatic:
        rows = rows.filter(preferred_until__gt=now)
    if not group.last_agent_first:
        rows = rows.defer("facts", "decision", "explanation")
    last: WorkItem | None = None
    while True:
        page = list((_after(rows, last) if last else rows)[:size])
        yield from page
        if len(page) < size:
            return
        last = page[-1]


def _after(rows: Any, last: WorkItem) -> Any:
    return rows.filter(Q(rank_at__gt=last.rank_at) | Q(rank_at=last.rank_at, pk__gt=last.pk))


def _closed_kinds(candidates: Sequence[Candidate]) -> set[str]:
    """Kinds of channel for which no candidate has room."""
    limited = {kind for one in candidates for kind in one.kind_room}
    return {kind for kind in limited if not any(one.takes(kind) for one in candidates)}


def wanted_of(item: WorkItem, group: SkillGroup, now: dt.datetime) -> Wanted:
    """What the item asks of its agent."""
    return Wanted(
        kind=item.channel_kind,
        min_level=item.min_level,
        only=item.prefers(now),
        first=_last_agent(item, group, now) if group.last_agent_first else None,
        declined=frozenset(item.declined_by),
    )


def _last_agent(item: WorkItem, group: SkillGroup, now: dt.datetime) -> uuid.UUID | None:
    """熟客优先: who served this customer last, if that is not too long ago."""
    at = parse_datetime(str(item.facts.get("last_agent_at") or "1970-01-01T00:00:00Z"))
    if at is None or now - at > dt.timedelta(days=group.last_agent_days):
        return None
    return parse_id(item.facts.get("last_agent"))


def _lock_items(group: SkillGroup, ids: Sequence[uuid.UUID]) -> list[WorkItem]:
    rows = WorkItem.objects.waiting().filter(pk__in=ids)
    if not group.last_agent_first:
        rows = rows.defer("facts", "decision", "explanation")
    return list(rows.select_for_update(of=("self",), no_key=True))


def lock_agents(agent_ids: Iterable[uuid.UUID]) -> list[Agent]:
    """Lock agents in the order of their ids: their loads stand still until the commit."""
    return list(
        Agent.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=sorted(agent_ids))
        .order_by("pk")
    )


def _choose(
    group: SkillGroup, items: Sequence[WorkItem], candidates: Sequence[Candidate], now: dt.datetime
) -> Chosen:
    picker = Picker(group.picking, candidates, now.timestamp())
    picked = [(item, picker.pick(wanted_of(item, group, now))) for item in items]
    return [(item, one) for item, one in picked if one is not None]


def lock_things(items: Iterable[WorkItem]) -> None:
    """Lock what the items stand for, kind by kind."""
    by_kind: dict[str, set[uuid.UUID]] = defaultdict(set)
    for item in items:
        by_kind[item.kind].add(item.item_id)
    for kind in sorted(by_kind):
        handler_of(kind).lock(sorted(by_kind[kind]))


def assign_to(
    item: WorkItem, agent: Agent, *, respect_capacity: bool = True, why: str = "claim"
) -> None:
    """Give one locked, pending item to a named agent, inside the caller's transaction.

    `why` is kept in the explanation: claim, manual, accepted, take_over. Raises
    `AgentUnavailable` when the agent is not there, not serving, or full.
    """
    now = timezone.now()
    member = available(agent, item.group, now, item.kind)
    if respect_capacity and item.agent_id != agent.pk:
        check_room(member, item.channel_kind)
    candidate = member.candidate(item.group)
    if item.agent_id != agent.pk:
        candidate.take(item.channel_kind, now.timestamp())
    giving.assign([(item, candidate)], now, {"method": why})


def available(agent: Agent, group: SkillGroup, now: dt.datetime, kind: str = "") -> Member:
    """Lock the agent; who they are now. Raises `AgentUnavailable` unless they serve."""
    lock_agents([agent.pk])
    member = member_of(group, agent.pk, now, kind)
    gone = {AgentStatus.OFFLINE, AgentStatus.BREAK}
    if member is None or not member.is_present or member.status in gone:
        raise AgentUnavailable("该客服不在线")
    return member


def check_room(member: Member, channel_kind: str) -> None:
    """Raises `AgentUnavailable` when one more would be beyond a limit."""
    if member.load >= member.capacity:
        raise AgentUnavailable("该客服的接待数已满")
    if not member.has_room_for(channel_kind):
        raise AgentUnavailable("该客服在此类渠道的接待数已满")
