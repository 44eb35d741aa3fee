"""Random small worlds for the simulator. Whole seconds, so that things fall together often."""

import uuid
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from routing.models import PickingMethod
from routing.simulation.floor import Floor
from routing.simulation.parts import (
    AgentPlan,
    Arrival,
    Ending,
    GroupPlan,
    Placement,
    Seat,
    joined,
)

KINDS = ["web", "mail"]
HORIZON = 400.0


def number(value: int) -> uuid.UUID:
    """An id that reads well in a failing example."""
    return uuid.UUID(int=value)


@dataclass
class World:
    """Plans and what arrives, with where each goes."""

    groups: list[GroupPlan]
    agents: list[AgentPlan]
    arrivals: list[tuple[Arrival, Placement]]

    def play(self) -> tuple[list[Ending], Floor]:
        """Everything up to the horizon; the endings and the floor as it was left."""
        endings: list[Ending] = []
        floor = Floor(self.groups, self.agents, endings.append)
        for item, placement in self.arrivals:
            floor.arrive(item, placement)
        floor.close(HORIZON)
        return endings, floor


@st.composite
def _groups(draw: Any) -> list[GroupPlan]:
    return [
        GroupPlan(
            number(index),
            f"组{index}",
            picking=draw(st.sampled_from(PickingMethod.values)),
            ageing_seconds=draw(st.sampled_from([1, 30])),
            min_level=draw(st.sampled_from([0, 0, 40])),
            last_agent_first=draw(st.booleans()),
        )
        for index in range(1, draw(st.integers(1, 3)) + 1)
    ]


@st.composite
def _agent(draw: Any, index: int, groups: list[GroupPlan]) -> AgentPlan:
    seats = [
        Seat(plan.group_id, draw(st.sampled_from([20, 50, 90])), draw(st.integers(1, 3)))
        for plan in groups
        if draw(st.booleans())
    ]
    times = draw(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 300)), max_size=3))
    limits = draw(st.sampled_from([{}, {}, {"mail": 1}]))
    capacity = draw(st.integers(1, 3))
    return AgentPlan(number(100 + index), capacity, seats, joined(times), limits)


@st.composite
def _arrival(draw: Any, index: int, at: int, world: World, plain: bool) -> Any:
    someone = st.sampled_from([None, *(plan.agent_id for plan in world.agents)])
    group = draw(st.sampled_from(world.groups))
    item = Arrival(
        number(1000 + index),
        at,
        group.group_id,
        service=draw(st.integers(0, 80)),
        patience=draw(st.none() | st.integers(0, 60)),
        channel_kind=draw(st.sampled_from(KINDS)),
        last_agent=None if plain else draw(someone),
    )
    placement = Placement(
        group.group_id,
        priority=draw(st.integers(-2, 2)),
        min_level=draw(st.sampled_from([0, 0, 60])),
        preferred=None if plain else draw(someone),
        preferred_seconds=draw(st.integers(0, 30)),
        outcome="queue" if plain else draw(st.sampled_from(["queue"] * 8 + ["bot", "offline"])),
    )
    return item, placement


@st.composite
def worlds(draw: Any, plain: bool = False) -> World:
    """`plain`: nobody asks for a person, and everything queues."""
    groups = draw(_groups())
    agents = [draw(_agent(index, groups)) for index in range(draw(st.integers(0, 4)))]
    world = World(groups, agents, [])
    times = sorted(draw(st.lists(st.integers(0, 200), max_size=25)))
    world.arrivals = [draw(_arrival(index, at, world, plain)) for index, at in enumerate(times)]
    return world
