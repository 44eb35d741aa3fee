"""Live numbers: what waits in each group and who is ready.

Each is read by one grouped query, only when a rule asks for it, and kept for a second per process.
What is counted is the kind of work that the strategy is for, with all that shares its capacity.
Group ids are texts. A number that is not known is None, and no condition holds on it.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Min, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from lingxi.access.models import Role
from routing import kinds, schedule
from routing.models import (
    Agent,
    AgentStatus,
    BusinessHours,
    ChannelCapacity,
    Membership,
    SkillGroup,
    WorkItem,
)
from routing.strategy.keeping import Kept


@dataclass(frozen=True)
class ReadyAgent:
    """An agent who is ready and connected. `groups` are theirs, in the order of their names."""

    id: uuid.UUID
    name: str
    groups: tuple[str, ...] = ()
    load: int = 0
    capacity: int = 1
    is_supervisor: bool = False


@dataclass(frozen=True)
class Queue:
    """What waits in one group."""

    count: int
    since: dt.datetime


class Live:
    """The source of live numbers. This one knows nothing; trials and tests supply their own."""

    def waiting(self, group: str) -> int | None:
        """How many wait in the group."""
        return None

    def longest_wait(self, group: str, at: dt.datetime) -> float | None:
        """Seconds that the first of the group has waited; 0 when nobody waits."""
        return None

    def ready(self, group: str) -> int | None:
        """How many agents of the group are ready and connected."""
        return None

    def load(self, group: str) -> float | None:
        """Items held ÷ capacity of the group's ready agents, in percent; 100 without any."""
        return None

    def is_open(self, group: str, at: dt.datetime) -> bool | None:
        """Whether the group's business hours include `at`."""
        return None

    def agent(self, agent_id: str) -> ReadyAgent | None:
        """The agent, when they are ready and connected."""
        return None

    def supervisors(self) -> Iterable[ReadyAgent]:
        """Supervisors who are ready agents, those with the least load first."""
        return ()


class DatabaseLive(Live):
    """The numbers as they are now, for one kind of work; "": what shares the general capacity."""

    def __init__(self, kind: str = "") -> None:
        self._queues = Kept(lambda: _read_queues(kind))
        self._people = Kept(lambda: _read_people(kind))

    def waiting(self, group: str) -> int:
        """One grouped query over what waits."""
        queue = self._queues.get().get(group)
        return queue.count if queue else 0

    def longest_wait(self, group: str, at: dt.datetime) -> float:
        """From the same query."""
        queue = self._queues.get().get(group)
        return max(0.0, (at - queue.since).total_seconds()) if queue else 0.0

    def ready(self, group: str) -> int:
        """One query over ready agents."""
        return len(self._people.get().by_group.get(group, ()))

    def load(self, group: str) -> float:
        """From the same query."""
        agents = self._people.get().by_group.get(group, ())
        capacity = sum(agent.capacity for agent in agents)
        return 100.0 * sum(agent.load for agent in agents) / capacity if capacity else 100.0

    def is_open(self, group: str, at: dt.datetime) -> bool | None:
        """By the group's calendar; a group that is gone is not known."""
        calendars = _calendars.get()
        return schedule.is_open(calendars[group], at) if group in calendars else None

    def agent(self, agent_id: str) -> ReadyAgent | None:
        """From the query over ready agents."""
        return self._people.get().by_id.get(agent_id)

    def supervisors(self) -> Iterable[ReadyAgent]:
        """From the same query."""
        return self._people.get().supervisors


@dataclass(frozen=True)
class People:
    """Ready agents, ordered three ways."""

    by_id: Mapping[str, ReadyAgent]
    by_group: Mapping[str, list[ReadyAgent]]
    supervisors: tuple[ReadyAgent, ...]


def _read_queues(kind: str) -> dict[str, Queue]:
    rows = (
        WorkItem.objects.filter(state="waiting", kind__in=kinds.sharing(kind))
        .order_by()
        .values_list("group_id")
        .annotate(count=Count("id"), since=Min("enqueued_at"))
    )
    return {str(group_id): Queue(count, since) for group_id, count, since in rows}


def _read_people(kind: str) -> People:
    groups = Membership.objects.filter(agent=OuterRef("pk")).order_by("skillgroup__name")
    held = WorkItem.objects.held(kind).filter(agent=OuterRef("pk")).order_by().values("agent")
    rows = (
        Agent.objects.filter(status=AgentStatus.READY, user__is_active=True)
        .reachable(timezone.now())
        .annotate(
            group_ids=ArraySubquery(groups.values("skillgroup_id")),
            load=Coalesce(Subquery(held.annotate(n=Count("id")).values("n")), 0),
            most=_capacity(kind),
            leads=Q(user__role_assignment__role=Role.SUPERVISOR),
        )
        .order_by("load", F("ready_since"), "id")
        .values_list("id", "name", "group_ids", "load", "most", "leads")
    )
    return people(
        ReadyAgent(pk, name, tuple(map(str, ids)), load, capacity, bool(leads))
        for pk, name, ids, load, capacity, leads in rows
    )


def _capacity(kind: str) -> Combinable:
    own = kinds.of(kind)
    if not own.is_lasting:
        return F("capacity")
    limits = ChannelCapacity.objects.filter(agent=OuterRef("pk"), channel_kind=kind)
    return Coalesce(Subquery(limits.values("capacity")), Value(own.capacity))


def people(agents: Iterable[ReadyAgent]) -> People:
    """The agents, ordered."""
    by_id, by_group = {}, defaultdict(list)
    for agent in agents:
        by_id[str(agent.id)] = agent
        for group in agent.groups:
            by_group[group].append(agent)
    leaders = tuple(agent for agent in by_id.values() if agent.is_supervisor)
    return People(by_id, dict(by_group), leaders)


def _read_calendars() -> dict[str, BusinessHours | None]:
    groups = SkillGroup.objects.select_related("business_hours").order_by()
    return {str(group.id): group.business_hours for group in groups}


_calendars = Kept(_read_calendars)
DATABASE = DatabaseLive()
_of_lasting: dict[str, DatabaseLive] = {}


def database(kind: str) -> DatabaseLive:
    """The numbers as they are now for a kind of work."""
    if not kinds.of(kind).is_lasting:
        return DATABASE
    return _of_lasting.setdefault(kind, DatabaseLive(kind))
