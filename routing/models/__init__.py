"""Who serves, when, by which strategy, and what waits for them."""

from lingxi.versioned.models import VersionState
from routing.models.agents import (
    Agent,
    AgentStatus,
    BreakReason,
    BreakRequest,
    BreakRequestState,
    ChannelCapacity,
    Membership,
    Presence,
    StatusPeriod,
)
from routing.models.groups import (
    OverflowStep,
    OverflowThen,
    OverflowWhen,
    PickingMethod,
    SkillGroup,
)
from routing.models.schedule import BusinessHours, OpenInterval, RosterEntry, Shift, SpecialDay
from routing.models.strategies import SimulationRun, SimulationState, Strategy, StrategyVersion
from routing.models.work import PENDING_STATES, WorkItem, WorkState

__all__ = [
    "PENDING_STATES",
    "Agent",
    "AgentStatus",
    "BreakReason",
    "BreakRequest",
    "BreakRequestState",
    "BusinessHours",
    "ChannelCapacity",
    "Membership",
    "OpenInterval",
    "OverflowStep",
    "OverflowThen",
    "OverflowWhen",
    "PickingMethod",
    "Presence",
    "RosterEntry",
    "Shift",
    "SimulationRun",
    "SimulationState",
    "SkillGroup",
    "SpecialDay",
    "StatusPeriod",
    "Strategy",
    "StrategyVersion",
    "VersionState",
    "WorkItem",
    "WorkState",
]
