"""Workflows in sentences, for the editor, for reading, and for the comparison of versions.

Takes contents of the right shape (`tickets.workflow_shape.normal`), however unfinished.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from lingxi.versioned.admin import Difference
from tickets.approval.chain import TIMEOUTS
from tickets.conditions import OPERATORS
from tickets.models import Category, Priority, TicketType
from tickets.workflow import RELATIONS
from tickets.workflow_chains import APPROVING_ROLES, MODES, subject_of
from tickets.workflow_checks import ROLES

if TYPE_CHECKING:
    from lingxi.fields import Form

Row = Mapping[str, Any]


@dataclass
class Names:
    """What the keys of a workflow are called."""

    statuses: Mapping[str, str] = field(default_factory=dict)
    chains: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    form: "Form | None" = None

    def status(self, key: str) -> str:
        """A status; one that is not there is said so."""
        return self.statuses.get(key) or "（未选择）"

    def field(self, key: str) -> str:
        """The label of a custom field."""
        found = self.form.by_key.get(key) if self.form is not None else None
        return found.label if found is not None else f"（已不存在：{key}）"

    def subject(self, condition: Row) -> str:
        """What a condition looks at."""
        found = subject_of(condition, self.form)
        return found[0] if found is not None else self.field(condition.get("field", ""))

    def value(self, condition: Row) -> str:
        """What it compares with."""
        value = condition.get("value")
        if isinstance(value, bool):
            return "是" if value else "否"
        labels = self._labels(condition)
        parts = value if isinstance(value, list) else [value]
        return "、".join("" if one is None else labels.get(one, str(one)) for one in parts)

    def _labels(self, condition: Row) -> dict[Any, str]:
        if condition.get("fact") == "priority":
            return {one.value: str(one.label) for one in Priority}
        found = self.form.by_key.get(condition.get("field", "")) if self.form is not None else None
        return {one.value: one.label for one in found.options} if found is not None else {}


def names_of(type: TicketType, whole: Row) -> Names:
    """The names in a workflow; the people's in one query."""
    from tickets.forms import form_in_force

    return Names(
        statuses={one.get("key", ""): one.get("name", "") for one in whole["statuses"]},
        chains={one["key"]: one["name"] for one in whole["approvals"]},
        people=_people(whole),
        form=form_in_force(type),
    )


def _people(whole: Row) -> dict[str, str]:
    steps = [step for chain in whole["approvals"] for step in chain["steps"]]
    named = [one.get("value", "") for step in steps for one in step["approvers"]]
    numbers = {int(one) for one in named if one.isascii() and one.isdigit() and len(one) < 10}
    rows = get_user_model().objects.filter(pk__in=numbers)
    return {str(one.pk): one.first_name or one.get_username() for one in rows}


def status(row: Row, whole: Row) -> str:
    """A status in words."""
    category = row.get("category")
    label = Category(category).label if category in Category.values else "未选择阶段"
    first = "，新工单的初始状态" if row.get("key") == whole["initial"] else ""
    return f"{row.get('name', '')}（{label}{first}）"


def transition(row: Row, names: Names) -> str:
    """A transition in words."""
    sources = "、".join(names.status(one) for one in row["from"]) or "任意状态"
    return "；".join([f"{sources} → {names.status(row['to'])}", who(row), *_needs(row, names)])


def who(row: Row) -> str:
    """Who may pull it."""
    roles = [ROLES.get(one, one) for one in row["roles"]]
    found = [*roles, *(RELATIONS.get(one, one) for one in row["relations"])]
    return f"{'、'.join(found)}可执行" if found else "坐席、主管、管理员和自动规则可执行"


def _needs(row: Row, names: Names) -> Iterator[str]:
    if row["required"]:
        yield f"须填写 {'、'.join(names.field(one) for one in row['required'])}"
    if row["comment"]:
        yield "须填写说明"
    if row["approval"]:
        yield f"须经 {names.chains.get(row['approval'], '（不存在的审批链）')}"


def chain(row: Row, names: Names) -> str:
    """An approval chain in words."""
    steps = [f"{place}. {step(one, names)}" for place, one in enumerate(row["steps"], start=1)]
    return "　".join(steps) or "还没有步骤"


def step(row: Row, names: Names) -> str:
    """A step of a chain in words."""
    approvers = "、".join(_approver(one, names) for one in row["approvers"]) or "（未选择审批人）"
    parts = [f"{row['name'] or '未命名步骤'}：{approvers}"]
    if len(row["approvers"]) > 1 or row["mode"] == "all":
        parts.append(MODES.get(row["mode"], ""))
    parts += [f"仅当 {_condition(one, names)}" for one in row["when"]]
    if row["hours"]:
        parts.append(f"{row['hours']} 小时未处理则{TIMEOUTS.get(row['on_timeout'], '')}")
    return "，".join(one for one in parts if one)


def _approver(one: Row, names: Names) -> str:
    kind, value = one.get("kind"), str(one.get("value", ""))
    if kind == "group_supervisor":
        return "技能组主管"
    if kind == "role":
        return APPROVING_ROLES.get(value, value)
    return names.people.get(value, "（已不存在的账号）")


def _condition(one: Row, names: Names) -> str:
    operator = OPERATORS.get(one.get("operator", ""))
    label = operator.label if operator else "…"
    value = names.value(one) if operator and operator.shape != "none" else ""
    return f"{names.subject(one)} {label} {value}".strip()


# -- two of them ----------------------------------------------------------------------------------


def differences(type: TicketType, before: Row, after: Row) -> list[Difference]:
    """What differs between two workflows, part by part."""
    old, new = names_of(type, before), names_of(type, after)
    found: list[Difference] = []
    said = {
        "状态": (
            {one.get("key", ""): status(one, before) for one in before["statuses"]},
            {one.get("key", ""): status(one, after) for one in after["statuses"]},
        ),
        "流转": (
            {one["key"]: _named(one, transition(one, old)) for one in before["transitions"]},
            {one["key"]: _named(one, transition(one, new)) for one in after["transitions"]},
        ),
        "审批链": (
            {one["key"]: _named(one, chain(one, old)) for one in before["approvals"]},
            {one["key"]: _named(one, chain(one, new)) for one in after["approvals"]},
        ),
    }
    for what, (was, now) in said.items():
        found += _between(what, was, now)
    return found


def _named(row: Row, said: str) -> str:
    return f"{row['name'] or '未命名'}：{said}"


def _between(
    what: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Difference]:
    for key, said in after.items():
        if key not in before:
            yield Difference("added", f"{what} {_short(said)}", "", said)
        elif before[key] != said:
            yield Difference("changed", f"{what} {_short(said)}", before[key], said)
    for key, said in before.items():
        if key not in after:
            yield Difference("removed", f"{what} {_short(said)}", said, "")
    common = [key for key in before if key in after]
    if common != [key for key in after if key in before]:
        yield Difference(
            "moved", f"{what}的顺序", _order(before, common), _order(after, set(common))
        )


def _order(said: Mapping[str, str], common: Any) -> str:
    return "、".join(_short(words) for key, words in said.items() if key in common)


def _short(said: str) -> str:
    """The name that a sentence begins with."""
    return said.partition("：")[0].partition("（")[0]
