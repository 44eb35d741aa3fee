"""Approval chains of a workflow: what a step may say, and what is wrong with one."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from lingxi.access.permissions import can
from lingxi.versioned import Problem
from tickets.conditions import OPERATORS, operators_for, value_fault

if TYPE_CHECKING:
    from lingxi.fields import Form

MODES = {"one": "一人同意即可", "all": "全部同意（会签）"}
TIMEOUTS = {"remind": "提醒审批人", "approve": "视为同意", "reject": "视为驳回"}
APPROVERS = {"role": "角色", "user": "人员", "group_supervisor": "技能组主管"}
APPROVING_ROLES = {"agent": "坐席", "supervisor": "主管", "admin": "管理员"}
LEAST_HOURS, MOST_HOURS = 1, 720
Row = Mapping[str, Any]


def chain_problems(whole: Row, form: "Form | None") -> Iterator[Problem]:
    """What is wrong with the chains of a workflow of the right shape."""
    from tickets.workflow_checks import keyed

    chains = whole["approvals"]
    yield from keyed(chains, "approvals", "审批链")
    used = {one["approval"] for one in whole["transitions"]}
    people = _people(chains)
    for at, chain in enumerate(chains):
        path = f"approvals.{at}"
        if not chain["steps"]:
            yield Problem(f"{path}.steps", "至少需要一个步骤")
        for number, step in enumerate(chain["steps"]):
            yield from _step(step, f"{path}.steps.{number}", form, people)
        if chain["key"] not in used:
            yield Problem(path, f"还没有流转使用审批链“{chain['name']}”", "warning")


def _people(chains: list[Row]) -> dict[str, Any]:
    """Those named in any chain, by id as text."""
    named = {
        one.get("value", "")
        for chain in chains
        for step in chain["steps"]
        for one in step["approvers"]
        if one.get("kind") == "user"
    }
    numbers = [int(one) for one in named if one.isascii() and one.isdigit() and len(one) < 10]
    rows = get_user_model().objects.filter(pk__in=numbers).select_related("role_assignment")
    return {str(one.pk): one for one in rows}


def _step(
    step: Row, path: str, form: "Form | None", people: Mapping[str, Any]
) -> Iterator[Problem]:
    if not step["name"].strip():
        yield Problem(f"{path}.name", "请填写步骤名称")
    if step["mode"] not in MODES:
        yield Problem(f"{path}.mode", "请选择如何算通过")
    if not step["approvers"]:
        yield Problem(f"{path}.approvers", "请选择审批人")
    for one in step["approvers"]:
        message = _approver_fault(one, people)
        if message:
            yield Problem(f"{path}.approvers", message)
    for place, condition in enumerate(step["when"]):
        message = _condition_fault(condition, form)
        if message:
            yield Problem(f"{path}.when.{place}", message)
    yield from _time(step, path)


def _time(step: Row, path: str) -> Iterator[Problem]:
    hours = step["hours"]
    if hours is not None and not LEAST_HOURS <= hours <= MOST_HOURS:
        yield Problem(f"{path}.hours", f"时限应为 {LEAST_HOURS} 到 {MOST_HOURS} 小时")
    if step["on_timeout"] not in TIMEOUTS:
        yield Problem(f"{path}.on_timeout", "请选择超时后怎么办")


def _approver_fault(one: Row, people: Mapping[str, Any]) -> str:
    kind, value = one.get("kind"), one.get("value", "")
    if kind == "group_supervisor":
        return ""
    if kind == "role":
        return "" if value in APPROVING_ROLES else "含有不能审批的角色"
    if kind != "user":
        return "含有未知的审批人"
    person = people.get(value)
    if person is None:
        return "含有已不存在的账号"
    if not person.is_active or not can(person, "tickets.approve"):
        return f"{person.first_name or person.get_username()} 已停用或不能审批"
    return ""


def _condition_fault(condition: Row, form: "Form | None") -> str:
    field = form.by_key.get(condition.get("field", "")) if form is not None else None
    if field is None:
        return "条件中的字段不在已发布的表单中"
    operator = OPERATORS.get(condition.get("operator", ""))
    if operator is None or operator not in operators_for(field.type):
        return f"请选择“{field.label}”的比较方式"
    fault = value_fault(field.type, operator, condition.get("value"))
    return f"“{field.label}”：{fault}" if fault else ""
