"""To whom a conversation may be handed: every group and colleague, with how busy they are."""

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from routing.models import (
    Agent,
    AgentStatus,
    Presence,
    SkillGroup,
    WorkState,
)

MOST = 300


@dataclass(slots=True)
class Colleague:
    """Another agent. `status` is what counts now: without a connection, offline."""

    id: uuid.UUID
    name: str
    groups: list[str]
    status: str
    status_label: str
    load: int
    capacity: int
    can_take: bool


@dataclass(slots=True)
class Team:
    """A skill group."""

    id: uuid.UUID
    name: str
    slug: str
    ready: int
    waiting: int


@dataclass(slots=True)
class Targets:
    """What the transfer dialog offers."""

    teams: list[Team]
    colleagues: list[Colleague]


def targets_for(agent: Agent | None) -> Targets:
    """All groups, and all agents but `agent`: those who can take it first, the least busy ahead.

    Transfers go across groups, so this is not bound by the person's data scope; it shows names
    and numbers only.
    """
    here = Presence.objects.filter(agent=OuterRef("pk"), expires_at__gt=timezone.now())
    rows: QuerySet[Any] = Agent.objects.grouped().with_load().annotate(is_here=Exists(here))
    colleagues: list[Colleague] = []
    ready: Counter[str] = Counter()
    for row in rows.prefetch_related("groups").order_by("name")[: MOST + 1]:
        if agent is not None and row.pk == agent.pk:
            continue
        one = _colleague(row, row.load, row.is_here)
        colleagues.append(one)
        if one.can_take and one.status == AgentStatus.READY:
            ready.update(one.groups)
    colleagues.sort(key=lambda one: (not one.can_take, one.status != "ready", one.load, one.name))
    return Targets(_teams(ready), colleagues)


def _colleague(row: Agent, load: int, is_here: bool) -> Colleague:
    status = AgentStatus(row.status) if is_here else AgentStatus.OFFLINE
    # As `routing.assignment.assign_to` will decide.
    can_take = status in {AgentStatus.READY, AgentStatus.BUSY} and load < row.capacity
    return Colleague(
        id=row.id,
        name=row.name,
        groups=[group.name for group in row.groups.all()],
        status=status.value,
        status_label=str(status.label),
        load=load,
        capacity=row.capacity,
        can_take=can_take,
    )


def _teams(ready: Counter[str]) -> list[Team]:
    queued = Q(workitem__state=WorkState.WAITING, workitem__kind="conversation")
    waiting = Count("workitem", filter=queued, distinct=True)
    return [
        Team(row.id, row.name, row.slug, ready[row.name], row.waiting)
        for row in SkillGroup.objects.annotate(waiting=waiting)[:MOST]
    ]
