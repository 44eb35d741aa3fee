"""What a chain of approval says. Everything here is plain values; nothing touches the database.

A step of a chain (see `tickets.workflow`):

    {"name": "主管", "mode": "one" | "all",
     "approvers": [{"kind": "role", "value": "supervisor"}, {"kind": "group_supervisor"},
                   {"kind": "user", "value": "12"}],
     "when": [{"field": "amount", "operator": "gt", "value": 1000},
              {"fact": "priority", "operator": "gte", "value": 3}],
     "hours": 24, "on_timeout": "remind" | "escalate" | "reject" | "approve"}

All of `when` must hold, else the step is passed over. A `field` is a custom field, a `fact` one
of `FACTS`. An amount that is not filled in is above no limit, so what is asked for should be
required by the transition.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tickets.conditions import hold

FACTS = {"priority": "优先级", "type": "类型", "level": "客户等级"}
KINDS = {"role": "角色", "group_supervisor": "本组主管", "user": "指定人员"}
TIMEOUTS = {
    "remind": "提醒审批人",
    "escalate": "升级给主管或管理员",
    "reject": "自动驳回",
    "approve": "自动通过",
}

ASKED, APPROVED, REJECTED, RETURNED = "asked", "approved", "rejected", "returned"
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Answer:
    """Where one person asked stands: asked, approved, rejected, returned, or out of it."""

    state: str
    is_escalated: bool = False


@dataclass(frozen=True)
class Step:
    """A step as the chain says it. `spec` is its JSON."""

    spec: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.spec.get("name") or "审批")

    @property
    def needs_all(self) -> bool:
        """会签: everybody asked has to approve."""
        return self.spec.get("mode") == "all"

    @property
    def approvers(self) -> list[Mapping[str, Any]]:
        """Who is asked."""
        return list(self.spec.get("approvers") or ())

    @property
    def time(self) -> dt.timedelta | None:
        """How long they have; None: for ever."""
        hours = self.spec.get("hours")
        return dt.timedelta(hours=float(hours)) if hours else None

    @property
    def on_timeout(self) -> str:
        """What happens then."""
        wanted = self.spec.get("on_timeout")
        return wanted if wanted in TIMEOUTS else "remind"

    def applies(self, facts: Mapping[str, Any]) -> bool:
        """Whether its conditions hold for `facts`: custom values, and `@priority` and the like."""
        return hold([_named(one) for one in self.spec.get("when") or ()], facts)


def _named(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    fact = condition.get("fact")
    return {**condition, "field": f"@{fact}"} if fact else condition


def steps_of(chain: Mapping[str, Any]) -> list[Step]:
    """The steps in their order."""
    return [Step(spec) for spec in chain.get("steps") or ()]


def asked_fields(chain: Mapping[str, Any]) -> list[str]:
    """The custom fields that conditions of the chain look at."""
    found = (one.get("field") for step in steps_of(chain) for one in step.spec.get("when") or ())
    return list(dict.fromkeys(key for key in found if key))


def verdict(needs_all: bool, answers: Iterable[Answer]) -> str:
    """What the answers of a step amount to: pending, approved, rejected or returned.

    One no, or one sending back, is enough. A yes of somebody asked after a time-out stands for
    the whole step. Those who are out of it (delegated, not needed) count for nothing.
    """
    given = list(answers)
    states = {one.state for one in given}
    for no in (REJECTED, RETURNED):
        if no in states:
            return no
    if any(one.state == APPROVED and one.is_escalated for one in given):
        return APPROVED
    regular = {one.state for one in given if not one.is_escalated}
    is_enough = APPROVED in regular and not (needs_all and ASKED in regular)
    return APPROVED if is_enough else PENDING
