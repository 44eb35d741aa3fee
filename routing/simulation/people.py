"""Agents and groups while a simulation runs: who has room, who waits, who is picked next."""

import heapq
import itertools
from collections import deque

from routing.models import PickingMethod
from routing.picking import KEYS, Candidate, Key
from routing.simulation.parts import AgentPlan, Arrival, GroupPlan, Placement, Seat

Entry = tuple[Key, int, int, "Place"]
_SLACK = 64


class Waiting:
    """An item in a queue. `open` ends when it is taken or leaves."""

    __slots__ = ("item", "line", "min_level", "open", "order")

    def __init__(
        self, item: Arrival, line: "Line", min_level: int, order: tuple[float, int]
    ) -> None:
        self.item, self.line, self.min_level, self.order = item, line, min_level, order
        self.open = True

    def __lt__(self, other: "Waiting") -> bool:
        """Between two of the same order in different lines, which one agent may be kept for."""
        return self.item.item_id < other.item.item_id


Queue = list[tuple[tuple[float, int], Waiting]]


def head(queue: Queue) -> Waiting | None:
    """The first that still waits; the others are dropped."""
    while queue and not queue[0][1].open:
        heapq.heappop(queue)
    return queue[0][1] if queue else None


class Place:
    """A server's seat in a line. `candidate` is what the group's picking looks at."""

    __slots__ = ("candidate", "level", "line", "server")

    def __init__(self, server: "Server", line: "Line", seat: Seat) -> None:
        self.server, self.line, self.level = server, line, seat.level
        self.candidate = Candidate(
            server.plan.agent_id, 0, server.plan.capacity, level=seat.level, weight=seat.weight
        )


class Server:
    """An agent. Each change makes `stamp` larger, so that older entries in heaps are void."""

    __slots__ = (
        *("by_kind", "capacity", "load", "number", "places", "plan", "ready", "ready_since"),
        *("reserved", "stamp", "turn_at"),
    )

    def __init__(self, plan: AgentPlan, number: int) -> None:
        self.plan, self.number, self.capacity = plan, number, plan.capacity
        self.load, self.stamp, self.ready = 0, 0, False
        self.ready_since = self.turn_at = 0.0
        self.by_kind: dict[str, int] = dict.fromkeys(plan.kind_capacity, 0)
        self.places: list[Place] = []
        self.reserved: Queue = []

    @property
    def has_room(self) -> bool:
        """Whether they are ready for one more."""
        return self.ready and self.load < self.capacity

    def takes(self, kind: str) -> bool:
        """Whether they are ready for one more from this kind of channel."""
        if not self.ready or self.load >= self.capacity:
            return False
        return kind not in self.by_kind or self.by_kind[kind] < self.plan.kind_capacity[kind]

    def count(self, kind: str, by: int) -> None:
        """One item more (1) or less (-1)."""
        self.load += by
        if kind in self.by_kind:
            self.by_kind[kind] += by
        if self.ready:
            for place in self.places:
                place.line.load += by

    def set_ready(self, now: float) -> None:
        """Ready from now; in the round they go to the end."""
        self.ready, self.ready_since, self.turn_at = True, now, now
        for place in self.places:
            place.line.count_ready(self, 1)
            place.candidate.stride = max(place.candidate.stride, place.line.virtual)

    def set_away(self) -> None:
        """Not ready; what they hold they go on serving."""
        for place in self.places:
            place.line.count_ready(self, -1)
        self.ready = False
        self.stamp += 1

    def offer_room(self) -> None:
        """Stand in the heaps of their groups as they are now."""
        self.stamp += 1
        if self.ready and self.load < self.capacity:
            for place in self.places:
                one = place.candidate
                one.load, one.ready_since, one.turn_at = self.load, self.ready_since, self.turn_at
                place.line.enter(place)

    def next_waiting(self) -> Waiting | None:
        """The first of all that wait for them, in any of their groups."""
        best = head(self.reserved)
        if best is not None and not self.takes(best.item.channel_kind):
            best = None
        for place in self.places:
            if not place.line.count:
                continue
            for (level, kind), queue in place.line.queues.items():
                if place.level >= level and self.takes(kind):
                    first = head(queue)
                    if first is not None and (best is None or first.order < best.order):
                        best = first
        return best


class Line:
    """A group: its queues, one for each demand (level, kind of channel), and a heap of agents.

    `ready`, `load` and `capacity` add up over the agents who are ready.
    """

    def __init__(self, plan: GroupPlan) -> None:
        self.plan = plan
        self.key = KEYS.get(plan.picking, KEYS[PickingMethod.LEAST_ACTIVE])
        self.queues: dict[tuple[int, str], Queue] = {}
        self.arrived: deque[Waiting] = deque()
        self.places: list[Place] = []
        self.count = self.ready = self.load = self.capacity = 0
        self.virtual = 0.0
        self._heap: list[Entry] = []
        self._numbers = itertools.count()

    def wait(self, item: Arrival, to: Placement, *, queued: bool) -> Waiting:
        """Begin to wait; `queued` is False when somebody in particular is waited for."""
        rank = item.at - to.priority * self.plan.ageing_seconds
        level = max(self.plan.min_level, to.min_level)
        waiting = Waiting(item, self, level, (rank, next(self._numbers)))
        self.count += 1
        self.arrived.append(waiting)
        if queued:
            self.queue(waiting)
        return waiting

    def queue(self, waiting: Waiting) -> None:
        """Stand where everybody of the group sees it."""
        demand = waiting.min_level, waiting.item.channel_kind
        heapq.heappush(self.queues.setdefault(demand, []), (waiting.order, waiting))

    def close(self, waiting: Waiting) -> None:
        """It waits no more."""
        waiting.open = False
        self.count -= 1
        while self.arrived and not self.arrived[0].open:
            self.arrived.popleft()
        if len(self.arrived) > 4 * self.count + _SLACK:
            self.arrived = deque(waiting for waiting in self.arrived if waiting.open)

    def count_ready(self, server: Server, by: int) -> None:
        """A server came (1) or went (-1)."""
        self.ready += by
        self.load += by * server.load
        self.capacity += by * server.capacity

    def enter(self, place: Place) -> None:
        """A server with room; in a group where little happens, old entries are cleared out."""
        if len(self._heap) > 4 * len(self.places) + _SLACK:
            self._heap = [entry for entry in self._heap if entry[2] == entry[3].server.stamp]
            heapq.heapify(self._heap)
        server = place.server
        entry = self.key(place.candidate), server.number, server.stamp, place
        heapq.heappush(self._heap, entry)

    def pick(self, kind: str, min_level: int) -> Place | None:
        """Who is next in the group's way of picking; they stay in the heap."""
        passed: list[Entry] = []
        found: Place | None = None
        while self._heap and found is None:
            entry = self._heap[0]
            place = entry[3]
            if entry[2] != place.server.stamp:
                heapq.heappop(self._heap)
            elif place.level >= min_level and place.server.takes(kind):
                found = place
            else:
                passed.append(heapq.heappop(self._heap))
        for entry in passed:
            heapq.heappush(self._heap, entry)
        return found
