"""The workflow of a ticket type: the one place that says which transition is allowed.

A workflow is data, published per type and frozen (`TypeVersion.content`):

    {"statuses": [{"key": "new", "name": "待受理", "category": "new"}, …],
     "initial": "new",
     "transitions": [{"key": "solve", "name": "解决", "from": ["open"], "to": "resolved",
                      "roles": ["agent"], "relations": ["assignee"],
                      "required": ["solution"], "comment": false, "approval": "refund"}, …],
     "approvals": [{"key": "refund", "name": "退款审批", "steps": [{"name": "主管", "mode": "one",
                    "approvers": [{"kind": "role", "value": "supervisor"}],
                    "when": [{"field": "amount", "operator": "gt", "value": 1000}],
                    "hours": 24, "on_timeout": "remind"}]}]}

`from` empty: from every other status. `roles` and `relations` empty: whoever may edit tickets;
else one of either is enough. Everything here is plain values; nothing touches the database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tickets.models.types import Category

RELATIONS = {
    "assignee": "受理人",
    "creator": "创建人",
    "watcher": "关注人",
    "group": "技能组成员",
    "customer": "客户",
    "rule": "自动规则",
}


@dataclass(frozen=True)
class Status:
    """A status with what it means (`Category`)."""

    key: str
    name: str
    category: Category


@dataclass(frozen=True)
class Transition:
    """A step from one status to another, with who may take it and what must be filled in."""

    key: str
    name: str
    to: str
    sources: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    needs_comment: bool = False
    approval: str = ""

    def leaves(self, status: str) -> bool:
        """Whether it starts at `status`."""
        return status != self.to and (not self.sources or status in self.sources)

    def allows(self, role: str, relations: Iterable[str]) -> bool:
        """Whether somebody of that role, and with these relations to the ticket, may take it."""
        if not self.roles and not self.relations:
            return role in {"agent", "supervisor", "admin"} or "rule" in set(relations)
        return role in self.roles or bool(self.relations & set(relations))


@dataclass(frozen=True)
class Workflow:
    """A compiled workflow."""

    statuses: Mapping[str, Status] = field(default_factory=dict)
    transitions: Mapping[str, Transition] = field(default_factory=dict)
    initial: str = ""
    approvals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def status(self, key: str) -> Status:
        """The status; one that no version knows is shown by its key, as open."""
        return self.statuses.get(key) or Status(key, key, Category.OPEN)

    def leaving(self, status: str) -> list[Transition]:
        """The transitions that start at `status`, in their order."""
        return [one for one in self.transitions.values() if one.leaves(status)]


def parse(content: Any) -> Workflow:
    """The workflow that a published `content` spells. Content with problems is never published."""
    statuses = [
        Status(one["key"], one["name"], Category(one["category"]))
        for one in content.get("statuses", [])
    ]
    transitions = [_transition(one) for one in content.get("transitions", [])]
    return Workflow(
        statuses={one.key: one for one in statuses},
        transitions={one.key: one for one in transitions},
        initial=content.get("initial", ""),
        approvals={one["key"]: one for one in content.get("approvals", [])},
    )


def _transition(one: Mapping[str, Any]) -> Transition:
    return Transition(
        key=one["key"],
        name=one["name"],
        to=one["to"],
        sources=frozenset(one.get("from", ())),
        roles=frozenset(one.get("roles", ())),
        relations=frozenset(one.get("relations", ())),
        required=frozenset(one.get("required", ())),
        needs_comment=bool(one.get("comment")),
        approval=one.get("approval", ""),
    )


STANDARD: dict[str, Any] = {
    "statuses": [
        {"key": "new", "name": "待受理", "category": "new"},
        {"key": "open", "name": "处理中", "category": "open"},
        {"key": "pending", "name": "待客户回复", "category": "pending"},
        {"key": "on_hold", "name": "挂起", "category": "on_hold"},
        {"key": "resolved", "name": "已解决", "category": "resolved"},
        {"key": "closed", "name": "已关闭", "category": "closed"},
    ],
    "initial": "new",
    "transitions": [
        {"key": "start", "name": "开始处理", "from": ["new"], "to": "open"},
        {"key": "wait", "name": "等待客户", "from": ["new", "open", "on_hold"], "to": "pending"},
        {"key": "hold", "name": "挂起", "from": ["new", "open", "pending"], "to": "on_hold"},
        {
            "key": "resume",
            "name": "恢复处理",
            "from": ["pending", "on_hold"],
            "to": "open",
            "roles": ["agent", "supervisor", "admin"],
            "relations": ["customer", "rule"],
        },
        {
            "key": "resolve",
            "name": "解决",
            "from": ["new", "open", "pending", "on_hold"],
            "to": "resolved",
        },
        {
            "key": "reopen",
            "name": "重新打开",
            "from": ["resolved", "closed"],
            "to": "open",
            "roles": ["agent", "supervisor", "admin"],
            "relations": ["customer", "rule"],
        },
        {
            "key": "close",
            "name": "关闭",
            "from": ["new", "open", "pending", "on_hold", "resolved"],
            "to": "closed",
            "roles": ["supervisor", "admin"],
            "relations": ["assignee", "rule"],
        },
    ],
    "approvals": [],
}
