"""What a simulation is made of. Plain values: times and durations in seconds, times since 1970."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    """What becomes of an item."""

    SERVED = "served"
    ABANDONED = "abandoned"
    WAITING = "waiting"  # still, when the simulation ends
    BOT = "bot"
    OFFLINE = "offline"


@dataclass(slots=True)
class Arrival:
    """One item of the past, as it came.

    `service` is how long it occupied its agent, `patience` how long it waited before it left
    unserved (None: it never showed that it would leave). `waited` is the wait it really had and
    `fate` what really became of it. `last_agent` served the customer `last_age` seconds before.
    """

    item_id: uuid.UUID
    at: float
    group_id: uuid.UUID
    service: float
    patience: float | None = None
    channel_kind: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    as_placed: "Placement | None" = None
    fallback_id: uuid.UUID | None = None
    last_agent: uuid.UUID | None = None
    last_age: float = 0.0
    fate: Fate = Fate.WAITING
    waited: float | None = None


@dataclass(slots=True, frozen=True)
class Placement:
    """Where a decision puts an item. `outcome` is a decision's: queue, bot or offline.

    For `preferred_seconds` only `preferred` may be given it. `rule` names the rule that placed it,
    as (id, name); ("", "") when none did.
    """

    group_id: uuid.UUID
    priority: int = 0
    min_level: int = 0
    preferred: uuid.UUID | None = None
    preferred_seconds: float = 0.0
    outcome: str = "queue"
    rule: tuple[str, str] = ("", "")


@dataclass(slots=True, frozen=True)
class GroupPlan:
    """What of a group matters here; the fields are those of `SkillGroup`."""

    group_id: uuid.UUID
    name: str = ""
    picking: str = "least_active"
    ageing_seconds: int = 60
    min_level: int = 0
    last_agent_first: bool = False
    last_agent_days: int = 30


@dataclass(slots=True, frozen=True)
class Seat:
    """An agent's place in a group."""

    group_id: uuid.UUID
    level: int = 50
    weight: int = 1


@dataclass(slots=True, frozen=True)
class AgentPlan:
    """An agent and when they were ready: stretches (start, end), in order, not overlapping.

    `held` are the ends of what they already served when the simulation begins.
    """

    agent_id: uuid.UUID
    capacity: int
    seats: Sequence[Seat]
    ready: Sequence[tuple[float, float]]
    kind_capacity: Mapping[str, int] = field(default_factory=dict)
    held: Sequence[float] = ()


@dataclass(slots=True, frozen=True)
class Ending:
    """How it ended for one item; `agent_id` and `until` only when it was served."""

    item: Arrival
    group_id: uuid.UUID
    fate: Fate
    wait: float
    agent_id: uuid.UUID | None = None
    until: float = 0.0


def joined(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same time in order, with what overlaps or touches made one; empty ones left out."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found
