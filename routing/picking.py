"""Picking: which of a group's agents gets the next item. Pure; nothing here touches the database.

Each method is a key over candidates, the smallest is picked. A candidate's key changes only by
being picked, so the candidates stay in a heap and one pick costs O(log n).
"""

import heapq
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from routing.models.groups import PickingMethod

Key = tuple[float, ...]


@dataclass
class Candidate:
    """An agent who is there. Times in seconds since the epoch.

    `load` counts what they hold, `kind_room` how many more of a limited kind of channel they may
    take, `burst_room` how many more before the burst limit (None: no limit).
    """

    agent_id: uuid.UUID
    load: int
    capacity: int
    ready_since: float = 0.0
    turn_at: float = 0.0
    level: int = 50
    weight: int = 1
    stride: float = 0.0
    kind_room: dict[str, int] = field(default_factory=dict)
    burst_room: int | None = None
    name: str = ""

    @property
    def room(self) -> int:
        """How many more they may take now."""
        free = max(0, self.capacity - self.load)
        return free if self.burst_room is None else min(free, max(0, self.burst_room))

    def takes(self, kind: str) -> bool:
        """Whether there is room for one more of this kind of channel."""
        return self.room > 0 and self.kind_room.get(kind, 1) > 0

    def take(self, kind: str, turn: float) -> None:
        """Count one more."""
        self.load += 1
        self.turn_at = turn
        self.stride += 1 / max(1, self.weight)
        if self.burst_room is not None:
            self.burst_room -= 1
        if kind in self.kind_room:
            self.kind_room[kind] -= 1


KEYS: dict[str, Callable[[Candidate], Key]] = {
    PickingMethod.LEAST_ACTIVE: lambda one: (one.load, one.ready_since),
    PickingMethod.ROUND_ROBIN: lambda one: (one.turn_at,),
    PickingMethod.SATURATION: lambda one: (one.load / one.capacity, one.ready_since),
    PickingMethod.SKILL_LEVEL: lambda one: (-one.level, one.load, one.ready_since),
    # Stride scheduling (Waldspurger & Weihl 1995): each pick costs 1 ÷ weight of virtual time.
    PickingMethod.WEIGHTED: lambda one: (one.stride, one.ready_since),
}


@dataclass
class Wanted:
    """What an item asks of its agent."""

    kind: str = ""
    min_level: int = 0
    only: uuid.UUID | None = None
    first: uuid.UUID | None = None
    declined: frozenset[uuid.UUID] = frozenset()

    def suits(self, one: Candidate) -> bool:
        """Whether the candidate may be given it."""
        return (
            one.takes(self.kind)
            and one.level >= self.min_level
            and self.only in {None, one.agent_id}
            and one.agent_id not in self.declined
        )


class Picker:
    """Hands out items one by one. `start` is the time from which turns are counted."""

    def __init__(self, method: str, candidates: Iterable[Candidate], start: float = 0.0) -> None:
        self.key = KEYS.get(method, KEYS[PickingMethod.LEAST_ACTIVE])
        self.by_id = {one.agent_id: one for one in candidates if one.room > 0}
        self._turn = start
        self._heap = [self._entry(one) for one in self.by_id.values()]
        heapq.heapify(self._heap)

    def _entry(self, one: Candidate) -> tuple[Key, uuid.UUID]:
        return self.key(one), one.agent_id

    @property
    def is_empty(self) -> bool:
        """Whether nobody has room any more."""
        return not self.by_id

    def pick(self, wanted: Wanted) -> Candidate | None:
        """The agent for an item, as they are with it; None when nobody may have it."""
        chosen = self._named(wanted)
        if chosen is None and wanted.only is None:
            chosen = self._top(wanted)
        if chosen is None:
            return None
        self._count(chosen, wanted.kind)
        return replace(chosen)

    def _named(self, wanted: Wanted) -> Candidate | None:
        named = self.by_id.get(wanted.only or wanted.first)  # type: ignore[arg-type]
        return named if named is not None and wanted.suits(named) else None

    def _top(self, wanted: Wanted) -> Candidate | None:
        """The smallest suitable entry; those passed over go back."""
        passed: list[tuple[Key, uuid.UUID]] = []
        found = None
        while self._heap and found is None:
            entry = heapq.heappop(self._heap)
            one = self.by_id.get(entry[1])
            if one is None or entry[0] != self.key(one):
                continue  # an older place of somebody who was picked since
            if wanted.suits(one):
                found = one
            else:
                passed.append(entry)
        for entry in passed:
            heapq.heappush(self._heap, entry)
        return found

    def _count(self, one: Candidate, kind: str) -> None:
        self._turn += 1e-6
        one.take(kind, self._turn)
        if one.room > 0:
            heapq.heappush(self._heap, self._entry(one))
        else:
            del self.by_id[one.agent_id]


def pick_all(
    method: str, wanted: Sequence[Wanted], candidates: Iterable[Candidate], start: float = 0.0
) -> list[Candidate | None]:
    """One candidate for each item, in order; None where nobody suits."""
    picker = Picker(method, candidates, start)
    return [None if picker.is_empty else picker.pick(one) for one in wanted]
