"""The way from an item to its decision: which version applies, and what it says."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from routing.models import SkillGroup, StrategyVersion
from routing.strategy.decision import Decision


def decide(
    kind: str,
    item_id: uuid.UUID,
    facts: Mapping[str, Any],
    group: SkillGroup,
    *,
    version: StrategyVersion | None = None,
    at: dt.datetime | None = None,
) -> Decision:
    """Where the item goes. `group` is where it goes when no rule places it."""
    where = {"id": str(group.id), "name": group.name}
    explanation = {
        "version": None,
        "matched": [],
        "missed": [],
        "default": True,
        "group": where,
        "priority": 0,
        "outcome": "queue",
        "preferred": None,
        "notes": [],
    }
    return Decision(group_id=group.id, explanation=explanation)
