"""Approval chains of a workflow: what a step may say, and what is wrong with one."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model

from lingxi.access.permissions import can
from lingxi.versioned import Problem
from tickets.approval.chain import FACTS, TIMEOUTS
from tickets.conditions import OPERATORS, operators_for, value_fault

if TYPE_CHECKING:
    from lingxi.fields import Form

FACT_TYPES = {"priority": "priority", "level": "level"}
"""What conditions may look at besides custom fields; the type is the same in all of a workflow."""
MODES = {"one": "一人同意即可", "all": "全部同意（会签）"}
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
    subject = subject_of(condition, form)
    if subject is None:
        return "条件中的字段不在已发布的表单中"
    label, type = subject
    operator = OPERATORS.get(condition.get("operator", ""))
    if operator is None or operator not in operators_for(type):
        return f"请选择“{label}”的比较方式"
    fault = value_fault(type, operator, condition.get("value"))
    return f"“{label}”：{fault}" if fault else ""


def subject_of(condition: Row, form: "Form | None") -> tuple[str, str] | None:
    """Label and type of what a condition looks at; None for what is not there."""
    fact, key = condition.get("fact", ""), condition.get("field", "")
    if fact:
        known = fact in FACT_TYPES and not key
        return (FACTS[fact], FACT_TYPES[fact]) if known else None
    field = form.by_key.get(key) if form is not None else None
    return (field.label, field.type) if field is not None else None
