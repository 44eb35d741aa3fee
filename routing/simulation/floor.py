"""The simulation itself: items arrive, agents come and go, and time jumps from event to event."""

import heapq
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any

from routing.simulation.parts import AgentPlan, Arrival, Ending, Fate, GroupPlan, Placement
from routing.simulation.people import Line, Place, Server, Waiting

DAY = 86_400.0
_TURN = 1e-6  # between two picks at the same moment


class _Event(IntEnum):
    """At the same moment, in this order: room first, then who goes."""

    FINISHED = 0
    READY = 1
    UNRESERVED = 2
    AWAY = 3
    LEFT = 4


class Floor:
    """Agents, groups and their queues at `now`.

    `arrive` must be called in the order of time. `record` gets each item's ending, once.
    A visitor is served by the agent whom the group's picking names; an agent with room takes the
    first in rank of all their groups. Who claims by hand is taken to pick the least active.
    """

    def __init__(
        self,
        groups: Iterable[GroupPlan],
        agents: Iterable[AgentPlan],
        record: Callable[[Ending], None],
    ) -> None:
        self.now = float("-inf")
        self.lines = {plan.group_id: Line(plan) for plan in groups}
        self.servers: dict[uuid.UUID, Server] = {}
        self._record = record
        self._numbers = itertools.count()
        self._events: list[tuple[float, int, int, Any]] = []
        self._handlers: tuple[Callable[[Any], None], ...] = (
            self._finished,
            self._ready,
            self._unreserved,
            self._away,
            self._left,
        )
        for number, plan in enumerate(agents):
            self._admit(plan, number)

    def _admit(self, plan: AgentPlan, number: int) -> None:
        server = self.servers[plan.agent_id] = Server(plan, number)
        for seat in plan.seats:
            line = self.lines.get(seat.group_id)
            if line is not None:
                server.places.append(Place(server, line, seat))
                line.places.append(server.places[-1])
        for until in plan.held:
            server.load += 1
            self._at(until, _Event.FINISHED, (server, ""))
        self._next_stretch(server, iter(plan.ready))

    def _at(self, when: float, event: _Event, about: Any) -> None:
        heapq.heappush(self._events, (when, event, next(self._numbers), about))

    def _next_stretch(self, server: Server, stretches: Iterator[tuple[float, float]]) -> None:
        stretch = next(stretches, None)
        if stretch is not None:
            self._at(stretch[0], _Event.READY, (server, stretch[1], stretches))

    def advance(self, to: float) -> None:
        """Let everything happen that happens up to `to`."""
        events, handlers = self._events, self._handlers
        while events and events[0][0] <= to:
            when, event, _, about = heapq.heappop(events)
            self.now = when
            handlers[event](about)
        self.now = to

    def arrive(self, item: Arrival, to: Placement) -> None:
        """An item comes and goes where it was placed."""
        self.advance(item.at)
        if to.outcome != "queue":
            self._record(Ending(item, to.group_id, Fate(to.outcome), 0.0))
            return
        line = self.lines[to.group_id]
        wished = self._wished(to)
        if wished is None:
            server = self._pick(line, item, to)
        else:
            server = wished if wished.takes(item.channel_kind) else None
        if server is None:
            self._wait(item, line, to, wished)
        else:
            self._serve(item, line, server)
            server.offer_room()

    def _wished(self, to: Placement) -> Server | None:
        """Who alone may have it for a while; nobody, when they are not there."""
        server = self.servers.get(to.preferred) if to.preferred else None
        return server if server is not None and server.ready else None

    def _pick(self, line: Line, item: Arrival, to: Placement) -> Server | None:
        level = max(line.plan.min_level, to.min_level)
        if item.last_agent is not None and line.plan.last_agent_first:
            last = self._last_agent(line, item, level)
            if last is not None:
                return last
        picked = line.pick(item.channel_kind, level)
        return picked.server if picked is not None else None

    def _last_agent(self, line: Line, item: Arrival, level: int) -> Server | None:
        last = self.servers.get(item.last_agent) if item.last_agent else None
        if last is None or item.last_age > line.plan.last_agent_days * DAY:
            return None
        suits = any(place.line is line and place.level >= level for place in last.places)
        return last if suits and last.takes(item.channel_kind) else None

    def _wait(self, item: Arrival, line: Line, to: Placement, wished: Server | None) -> None:
        waiting = line.wait(item, to, queued=wished is None)
        if wished is not None:
            heapq.heappush(wished.reserved, (waiting.order, waiting))
            self._at(self.now + to.preferred_seconds, _Event.UNRESERVED, waiting)
        if item.patience is not None:
            self._at(item.at + item.patience, _Event.LEFT, waiting)

    def _serve(self, item: Arrival, line: Line, server: Server) -> None:
        until = self.now + item.service
        server.turn_at = max(server.turn_at + _TURN, self.now)
        for place in server.places:
            if place.line is line:
                line.virtual = place.candidate.stride
                place.candidate.stride += 1 / place.candidate.weight
        server.count(item.channel_kind, 1)
        self._at(until, _Event.FINISHED, (server, item.channel_kind))
        wait = self.now - item.at
        ending = Ending(item, line.plan.group_id, Fate.SERVED, wait, server.plan.agent_id, until)
        self._record(ending)

    def _refill(self, server: Server) -> None:
        """An agent got room: they take what waits for them, then stand in line for more."""
        while server.has_room:
            waiting = server.next_waiting()
            if waiting is None:
                break
            waiting.line.close(waiting)
            self._serve(waiting.item, waiting.line, server)
        server.offer_room()

    def _finished(self, about: tuple[Server, str]) -> None:
        server, kind = about
        server.count(kind, -1)
        if server.ready:
            self._refill(server)

    def _ready(self, about: tuple[Server, float, Iterator[tuple[float, float]]]) -> None:
        server, until, stretches = about
        server.set_ready(self.now)
        self._at(until, _Event.AWAY, (server, stretches))
        self._refill(server)

    def _away(self, about: tuple[Server, Iterator[tuple[float, float]]]) -> None:
        server, stretches = about
        server.set_away()
        self._next_stretch(server, stretches)

    def _unreserved(self, waiting: Waiting) -> None:
        if not waiting.open:
            return
        line, kind = waiting.line, waiting.item.channel_kind
        place = line.pick(kind, waiting.min_level)
        if place is None:
            line.queue(waiting)
            return
        line.close(waiting)
        self._serve(waiting.item, line, place.server)
        place.server.offer_room()

    def _left(self, waiting: Waiting) -> None:
        if waiting.open:
            self._end(waiting, Fate.ABANDONED)

    def _end(self, waiting: Waiting, fate: Fate) -> None:
        waiting.line.close(waiting)
        wait = self.now - waiting.item.at
        self._record(Ending(waiting.item, waiting.line.plan.group_id, fate, wait))

    def close(self, at: float) -> None:
        """Let time run to `at`; whoever waits then has waited in vain so far."""
        self.advance(at)
        for line in self.lines.values():
            for waiting in list(line.arrived):
                if waiting.open:
                    self._end(waiting, Fate.WAITING)
