"""What deciding gives: where an item goes, before whom, to whom first, and why."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["queue", "bot", "offline"]


@dataclass(frozen=True)
class Preferred:
    """For `seconds`, nobody else is given the item.

    `reason` is `last_agent`, `designated_agent` or `supervisor`.
    """

    agent_id: uuid.UUID
    seconds: int
    reason: str


@dataclass(frozen=True)
class Notify:
    """Tell somebody: `to` is `supervisors` (of the group) or `agent` (then `agent_id` says who)."""

    to: str
    agent_id: uuid.UUID | None
    text: str


@dataclass(frozen=True)
class Decision:
    """Where an item goes. `text` belongs to the outcomes `bot` and `offline`.

    `rule_id` names the rule that placed it, empty when none did.

    `explanation` is what is kept with the item and shown to people: the version, the rules that
    matched with the facts they matched on, the rules that did not and why, and the result.
    """

    group_id: uuid.UUID
    priority: int = 0
    preferred: Preferred | None = None
    min_level: int = 0
    outcome: Outcome = "queue"
    text: str = ""
    tags: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    notices: tuple[Notify, ...] = ()
    version_id: uuid.UUID | None = None
    rule_id: str = ""
    explanation: dict[str, Any] = field(default_factory=dict)
