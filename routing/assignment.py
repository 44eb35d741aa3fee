"""Giving waiting work to agents.

`assign_waiting` is the one way from waiting to assigned by machine, `assign_to` by hand. It is
run again on every cause (an agent becomes ready, comes back, gets capacity or a group; work ends
or arrives) and by a timed sweep, so nobody waits while somebody could serve.
"""

import heapq
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from lingxi.errors import AgentUnavailable
from routing.models import Agent, AgentStatus, SkillGroup, WorkItem, WorkState
from routing.registry import handler_of

logger = structlog.get_logger("routing.assignment")
BATCH = 200


@dataclass(order=True)
class Candidate:
    """An agent with room. Ordered as they are picked: fewest items, then longest ready."""

    load: int
    ready_since: float
    agent_id: uuid.UUID
    capacity: int = field(compare=False)

    @property
    def has_room(self) -> bool:
        """Whether they can take one more."""
        return self.load < self.capacity


def pick(count: int, candidates: Iterable[Candidate]) -> list[uuid.UUID]:
    """The agents for up to `count` items, in order (least active, ties by longest ready).

    Pure; shorter than `count` when the room runs out.
    """
    heap = [candidate for candidate in candidates if candidate.has_room]
    heapq.heapify(heap)
    picked: list[uuid.UUID] = []
    while heap and len(picked) < count:
        candidate = heap[0]
        picked.append(candidate.agent_id)
        candidate.load += 1
        if candidate.has_room:
            heapq.heapreplace(heap, candidate)
        else:
            heapq.heappop(heap)
    return picked


def assign_waiting(group_id: uuid.UUID) -> int:
    """Assign what waits in the group while somebody has room; how many were assigned."""
    total, again = 0, True
    while again:
        with transaction.atomic():
            assigned, again = _assign_batch(group_id)
        total += assigned
    return total


def assign_everywhere() -> int:
    """The sweep: every group that has somebody waiting."""
    groups = WorkItem.objects.filter(state=WorkState.WAITING).order_by()
    return sum(assign_waiting(pk) for pk in groups.values_list("group_id", flat=True).distinct())


def rerun_on_commit(group_ids: Iterable[uuid.UUID]) -> None:
    """Assign once the current transaction is in; the sweep repairs what a kill prevents."""
    for group_id in set(group_ids):
        transaction.on_commit(_quietly(assign_waiting, group_id), robust=True)


def rerun_for_agents_on_commit(agent_ids: Iterable[uuid.UUID]) -> None:
    """Assign in every group of these agents once the current transaction is in."""
    rerun_on_commit(
        SkillGroup.objects.filter(agents__in=list(agent_ids)).values_list("id", flat=True)
    )


def _quietly(function: Callable[[uuid.UUID], int], group_id: uuid.UUID) -> Callable[[], None]:
    def call() -> None:
        try:
            function(group_id)
        except Exception:
            logger.exception("assignment failed, left to the sweep", group=str(group_id))

    return call


def _assign_batch(group_id: uuid.UUID) -> tuple[int, bool]:
    """Assign up to a batch; how many, and whether to look again at once."""
    # Two assigners of one group would lock the same rows one after the other for nothing.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [str(group_id)])
    waiting = WorkItem.objects.waiting().filter(group_id=group_id)
    room = sum(one.capacity - one.load for one in _candidates(_free_agents(group_id)))
    wanted = min(room, BATCH)
    keys = list(waiting.values_list("kind", "item_id", "id")[:wanted])
    if not keys:
        return 0, False
    _lock_things(keys)
    items = list(
        waiting.filter(id__in=[key[2] for key in keys]).select_for_update(of=("self",), no_key=True)
    )
    candidates = _candidates(_free_agents(group_id).select_for_update(of=("self",), no_key=True))
    chosen = list(zip(items, pick(len(items), candidates), strict=False))
    _give(chosen)
    # Some left the queue while we took the locks, or more wait than one batch holds.
    return len(chosen), len(items) < len(keys) or len(chosen) == BATCH


def _free_agents(group_id: uuid.UUID):  # type: ignore[no-untyped-def]
    return (
        Agent.objects.filter(groups=group_id, status=AgentStatus.READY).reachable().order_by("id")
    )


def _candidates(agents: Iterable[Agent]) -> list[Candidate]:
    agents = list(agents)
    loads = load_of([agent.id for agent in agents])
    return [
        Candidate(loads[agent.id], agent.ready_since.timestamp(), agent.id, agent.capacity)
        for agent in agents
        if loads[agent.id] < agent.capacity
    ]


def load_of(agent_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many items each agent holds; only sure while the agents' rows are locked."""
    counted = (
        Agent.objects.filter(id__in=agent_ids)
        .annotate(load=Count("workitem", filter=Q(workitem__state=WorkState.ASSIGNED)))
        .values_list("id", "load")
    )
    return dict(counted)


def _lock_things(keys: Iterable[tuple[str, uuid.UUID, uuid.UUID]]) -> None:
    by_kind: dict[str, list[uuid.UUID]] = defaultdict(list)
    for kind, item_id, _ in keys:
        by_kind[kind].append(item_id)
    for kind in sorted(by_kind):
        handler_of(kind).lock(sorted(by_kind[kind]))


def _give(chosen: Sequence[tuple[WorkItem, uuid.UUID]]) -> None:
    now = timezone.now()
    for item, agent_id in chosen:
        item.agent_id, item.state, item.assigned_at = agent_id, WorkState.ASSIGNED, now
    items = [item for item, _ in chosen]
    WorkItem.objects.bulk_update(items, ["agent", "state", "assigned_at"])
    by_kind: dict[str, list[WorkItem]] = defaultdict(list)
    for item in items:
        by_kind[item.kind].append(item)
    for kind, group in by_kind.items():
        handler_of(kind).assigned(group)


def assign_to(item: WorkItem, agent: Agent, *, respect_capacity: bool = True) -> None:
    """Give one locked, waiting item to a named agent, inside the caller's transaction.

    Raises `AgentUnavailable` when the agent is not there, not serving, or full.
    """
    locked = (
        Agent.objects.reachable()
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=agent.pk)
        .first()
    )
    if locked is None or locked.status in {AgentStatus.OFFLINE, AgentStatus.BREAK}:
        raise AgentUnavailable("该客服不在线")
    if respect_capacity and load_of([locked.id])[locked.id] >= locked.capacity:
        raise AgentUnavailable("该客服的接待数已满")
    _give([(item, locked.id)])
