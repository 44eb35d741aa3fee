"""溢出: what becomes of those whom their group does not serve in time.

A chain of steps per group; the first whose condition holds is taken. An item that moves keeps its
place in time (`rank_at`), so it does not queue anew, and remembers the groups it came through.
Lasting work does not flow over: it waits where its strategy put it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from lingxi.sweeps import attempt
from routing import kinds, queue, schedule
from routing.assignment import rerun_on_commit
from routing.models import (
    Agent,
    AgentStatus,
    OverflowStep,
    OverflowThen,
    OverflowWhen,
    SkillGroup,
    WorkItem,
    WorkState,
)
from routing.querysets import WorkItemQuerySet
from routing.registry import handler_of

MOST_HOPS = 10  # cycles are refused where chains are edited; this holds should one slip through
MOST = 500
LEFT_TO_BOT = ("left_to_bot", "overflow_bot")


@dataclass(frozen=True)
class Situation:
    """How a group stands for one item. `waited` in seconds, `ahead` in items."""

    waited: float
    ahead: int
    is_open: bool
    anybody_online: bool


def due_step(steps: Sequence[OverflowStep], now: Situation) -> OverflowStep | None:
    """The first step of a chain whose condition holds."""
    return next((step for step in steps if _holds(step, now)), None)


def _holds(step: OverflowStep, now: Situation) -> bool:
    match step.when:
        case OverflowWhen.WAITED:
            return now.waited >= step.limit
        case OverflowWhen.QUEUE_LENGTH:
            return now.ahead >= step.limit
        case OverflowWhen.CLOSED:
            return not now.is_open
        case _:
            return not now.anybody_online and now.waited >= step.limit


def flow_over() -> int:
    """The sweep: every group that has a chain and somebody waiting; how many moved."""
    steps = OverflowStep.objects.filter(group=OuterRef("pk"))
    waiting = WorkItem.objects.filter(
        group=OuterRef("pk"), state=WorkState.WAITING, kind__in=kinds.sharing()
    )
    groups = SkillGroup.objects.filter(Exists(steps), Exists(waiting))
    return sum(attempt(flow_over_group, group) for group in groups)


def flow_over_group(group: SkillGroup) -> int:
    """Move what is due in one group; how many."""
    steps = list(group.overflow_steps.select_related("target"))
    waiting = _waiting_in(group)
    now, moved = timezone.now(), 0
    is_open = schedule.is_open(group.business_hours, now)
    online = anybody_online(group)
    items = list(waiting.filter(hops__lt=MOST_HOPS)[:MOST])
    from_bot = _had_bot(items)
    without_bot = [step for step in steps if step.then != OverflowThen.BOT]
    for ahead, item in enumerate(items):
        waited = (now - item.enqueued_at).total_seconds()
        chain = without_bot if item.item_id in from_bot else steps
        step = due_step(chain, Situation(waited, ahead - moved, is_open, online))
        if step is not None:
            moved += attempt(_move, item.pk, step)
    return moved


def _waiting_in(group: SkillGroup) -> WorkItemQuerySet:
    return WorkItem.objects.waiting().filter(
        group=group, is_transfer=False, kind__in=kinds.sharing()
    )


def _had_bot(items: Sequence[WorkItem]) -> set[uuid.UUID]:
    """Those of the things that a bot had already: they are not sent back to it."""
    left = WorkItem.objects.filter(
        item_id__in=[item.item_id for item in items], left_reason__in=LEFT_TO_BOT
    )
    return set(left.values_list("item_id", flat=True))


def anybody_online(group: SkillGroup) -> bool:
    """Whether a member is connected and not offline."""
    return (
        Agent.objects.filter(groups=group).exclude(status=AgentStatus.OFFLINE).reachable().exists()
    )


@transaction.atomic
def _move(pk: uuid.UUID, step: OverflowStep) -> bool:
    found = WorkItem.objects.filter(pk=pk).values_list("kind", "item_id").first()
    if found is None:
        return False
    handler_of(found[0]).lock([found[1]])
    item = (
        WorkItem.objects.waiting()
        .select_related("group")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=pk)
        .first()
    )
    if item is None:
        return False
    take_step(item, step)
    return True


def take_step(item: WorkItem, step: OverflowStep) -> None:
    """Let a locked, waiting item flow over, inside the caller's transaction."""
    queue.end([item], f"overflow_{step.then}")
    said = {"from": item.group.name, "when": step.when, "limit": step.limit, "then": step.then}
    handler = handler_of(item.kind)
    if step.then == OverflowThen.GROUP and step.target is not None:
        handler.moved([_onward(item, step.target, said)])
        rerun_on_commit([step.target.pk])
    elif step.then == OverflowThen.BOT:
        handler.left_to_bot([item])
    else:
        handler.gone_offline([item])


def _onward(item: WorkItem, target: SkillGroup, said: dict[str, object]) -> WorkItem:
    """The same stay in another group's queue."""
    trail = [*item.decision.get("overflow", []), said]
    return WorkItem.objects.create(
        kind=item.kind,
        item_id=item.item_id,
        channel_kind=item.channel_kind,
        group=target,
        priority=item.priority,
        rank_at=item.rank_at,
        facts=item.facts,
        version_id=item.version_id,
        decision={**item.decision, "overflow": trail},
        hops=item.hops + 1,
        enqueued_at=timezone.now(),
    )


def on_entering(item: WorkItem) -> None:
    """What holds at the moment of entering: too long a queue, or closed. The item is locked."""
    group = item.group
    steps = list(group.overflow_steps.select_related("target"))
    if not steps or item.hops >= MOST_HOPS or kinds.of(item.kind).is_lasting:
        return
    now = timezone.now()
    ahead = _waiting_in(group)
    situation = Situation(
        waited=0.0,
        ahead=ahead.exclude(pk=item.pk).count(),
        is_open=schedule.is_open(group.business_hours, now),
        anybody_online=True,
    )
    step = due_step(steps, situation)
    if step is not None:
        take_step(item, step)
