"""The rules on trial: they decide on stored facts and on the simulated floor at that moment."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lingxi.access.models import Role
from routing import schedule
from routing.models import Agent, BusinessHours, SkillGroup
from routing.simulation.floor import Floor
from routing.simulation.parts import Arrival, Placement
from routing.simulation.people import Line, Server
from routing.strategy.engine import compile_rules, decide_with
from routing.strategy.live import Live, ReadyAgent
from routing.strategy.names import Names

MOST_PRIORITY = 100


class SimulatedLive(Live):
    """Live numbers of a simulated floor. Group ids are texts, as everywhere in strategies."""

    def __init__(
        self,
        calendars: Mapping[str, BusinessHours | None],
        names: Mapping[str, str],
        leaders: Iterable[uuid.UUID] = (),
    ) -> None:
        self._calendars, self._names = calendars, names
        self._leaders = frozenset(leaders)
        self._floor: Floor | None = None
        self._lines: dict[str, Line] = {}
        self._servers: dict[str, Server] = {}

    def look_at(self, floor: Floor) -> None:
        """Take the numbers from this floor from now on."""
        if floor is self._floor:
            return
        self._floor = floor
        self._lines = {str(pk): line for pk, line in floor.lines.items()}
        self._servers = {str(pk): server for pk, server in floor.servers.items()}

    def waiting(self, group: str) -> int | None:
        """As the simulated queue stands."""
        line = self._lines.get(group)
        return line.count if line else None

    def longest_wait(self, group: str, at: dt.datetime) -> float | None:
        """Of the one who came first."""
        line = self._lines.get(group)
        if line is None:
            return None
        return max(0.0, at.timestamp() - line.arrived[0].item.at) if line.arrived else 0.0

    def ready(self, group: str) -> int | None:
        """Who is ready by the status on record."""
        line = self._lines.get(group)
        return line.ready if line else None

    def load(self, group: str) -> float | None:
        """What the ready ones hold in the simulation."""
        line = self._lines.get(group)
        if line is None:
            return None
        return 100.0 * line.load / line.capacity if line.capacity else 100.0

    def is_open(self, group: str, at: dt.datetime) -> bool | None:
        """By the calendar as it is now."""
        return schedule.is_open(self._calendars[group], at) if group in self._calendars else None

    def agent(self, agent_id: str) -> ReadyAgent | None:
        """When they are ready in the simulation."""
        server = self._servers.get(agent_id)
        return self._shown(server) if server is not None and server.ready else None

    def supervisors(self) -> Iterable[ReadyAgent]:
        """Those ready in the simulation, the least loaded first."""
        found = [self._servers[str(pk)] for pk in self._leaders if str(pk) in self._servers]
        found = [server for server in found if server.ready]
        found.sort(key=lambda one: (one.load, one.ready_since, one.number))
        return [self._shown(server) for server in found]

    def _shown(self, server: Server) -> ReadyAgent:
        pk = server.plan.agent_id
        return ReadyAgent(
            pk,
            self._names.get(str(pk), ""),
            tuple(str(seat.group_id) for seat in server.plan.seats),
            server.load,
            server.capacity,
            pk in self._leaders,
        )


class Trial:
    """Rules on trial. Groups, calendars, names and who leads are read once, as they are now."""

    def __init__(self, rules: Sequence[Any], groups: Iterable[SkillGroup], names: Names) -> None:
        self._compiled = compile_rules(list(rules))
        self._titles = {one.rule.id: one.rule.name for one in self._compiled.rules}
        self._groups = {group.id: group for group in groups}
        self._names = names
        calendars = {str(group.id): group.business_hours for group in self._groups.values()}
        self._live = SimulatedLive(calendars, names.agents, leaders())

    def decide(self, item: Arrival, floor: Floor) -> Placement:
        """Where the rules put it, given the simulated floor."""
        self._live.look_at(floor)
        own = self._groups.get(item.fallback_id or item.group_id, self._groups[item.group_id])
        decision = decide_with(
            self._compiled,
            item.facts,
            own,
            live=self._live,
            at=dt.datetime.fromtimestamp(item.at, dt.UTC),
            names=self._names,
            explain=False,
        )
        wish = decision.preferred
        return Placement(
            decision.group_id if decision.group_id in self._groups else own.id,
            max(-MOST_PRIORITY, min(MOST_PRIORITY, decision.priority)),
            decision.min_level,
            wish.agent_id if wish else None,
            wish.seconds if wish else 0.0,
            decision.outcome,
            (decision.rule_id, self._titles.get(decision.rule_id, "")),
        )


def leaders() -> list[uuid.UUID]:
    """Agents who are supervisors."""
    found = Agent.objects.filter(user__role_assignment__role=Role.SUPERVISOR, user__is_active=True)
    return list(found.values_list("id", flat=True))
