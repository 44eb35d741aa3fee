"""What is wrong with a workflow: whatever passes here can be parsed, pulled and brought to an end.

`problems_of` looks first at the shape; only a content of the right shape is asked what it means.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lingxi.versioned import Problem, errors_of
from tickets.models import ACTIVE, Category, Ticket, TicketType
from tickets.workflow import RELATIONS
from tickets.workflow_chains import chain_problems
from tickets.workflow_shape import normal, shape_problems

if TYPE_CHECKING:
    from lingxi.fields import Form

KEY = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
ROLES = {"agent": "坐席", "supervisor": "主管", "admin": "管理员"}
"""Roles that edit tickets at all."""
_FIRST = (Category.NEW, Category.OPEN)
_DONE = (Category.RESOLVED, Category.CLOSED)
Row = Mapping[str, Any]


def problems_of(content: Any, type: TicketType | None = None) -> list[Problem]:
    """Everything that is wrong with `content` as the workflow of `type`.

    Never raises, whatever JSON it is given. Warnings tell what works, but may not be meant.
    """
    found = shape_problems(content)
    if found:
        return found
    whole = normal(content)
    form = _form_of(type)
    found = [*_statuses(whole), *_initial(whole), *_transitions(whole, form)]
    found += chain_problems(whole, form)
    if not errors_of(found):
        found += _ways(whole)
    return [*found, *_left_over(whole, type), *_habits(whole, type)]


def _form_of(type: TicketType | None) -> "Form | None":
    from tickets.forms import form_in_force

    return form_in_force(type) if type is not None else None


def keyed(rows: list[Row], place: str, what: str) -> Iterator[Problem]:
    """Keys that are no keys, or there twice; names that are missing."""
    times = Counter(row.get("key", "") for row in rows)
    for at, row in enumerate(rows):
        key = row.get("key", "")
        if not KEY.fullmatch(key):
            yield Problem(
                f"{place}.{at}.key", f"{what}的标识应以小写字母开头，只含小写字母、数字和下划线"
            )
        elif times[key] > 1:
            yield Problem(f"{place}.{at}.key", f"标识“{key}”重复")
        if not row.get("name", "").strip():
            yield Problem(f"{place}.{at}.name", f"请填写{what}名称")


def _statuses(whole: Row) -> Iterator[Problem]:
    rows = whole["statuses"]
    if not rows:
        yield Problem("statuses", "至少需要一个状态")
    yield from keyed(rows, "statuses", "状态")
    names = Counter(row.get("name", "").strip() for row in rows)
    for at, row in enumerate(rows):
        if row.get("category") not in Category.values:
            yield Problem(f"statuses.{at}.category", "请选择阶段")
        name = row.get("name", "").strip()
        if name and names[name] > 1:
            yield Problem(f"statuses.{at}.name", f"有多个状态叫“{name}”")


def _initial(whole: Row) -> Iterator[Problem]:
    first = next((one for one in whole["statuses"] if one.get("key") == whole["initial"]), None)
    if first is None:
        yield Problem("initial", "请选择新工单的初始状态")
    elif first.get("category") not in _FIRST:
        yield Problem("initial", "初始状态应属于“待受理”或“处理中”阶段")


def _transitions(whole: Row, form: "Form | None") -> Iterator[Problem]:
    rows = whole["transitions"]
    yield from keyed(rows, "transitions", "流转")
    known = {one.get("key") for one in whole["statuses"]}
    chains = {one["key"] for one in whole["approvals"]}
    for at, row in enumerate(rows):
        path = f"transitions.{at}"
        yield from _ends(row, path, known)
        yield from _who(row, path)
        yield from _required(row, path, form)
        if row["approval"] and row["approval"] not in chains:
            yield Problem(f"{path}.approval", "所选的审批链不存在")


def _ends(row: Row, path: str, known: set[Any]) -> Iterator[Problem]:
    if row["to"] not in known:
        yield Problem(f"{path}.to", "请选择目标状态")
    if any(one not in known for one in row["from"]):
        yield Problem(f"{path}.from", "起始状态中有已不存在的状态")
    if row["from"] and set(row["from"]) <= {row["to"]}:
        yield Problem(f"{path}.from", "起始状态和目标状态相同")


def _who(row: Row, path: str) -> Iterator[Problem]:
    if any(role not in ROLES for role in row["roles"]):
        yield Problem(f"{path}.roles", "含有不能处理工单的角色")
    if any(one not in RELATIONS for one in row["relations"]):
        yield Problem(f"{path}.relations", "含有未知的关系")


def _required(row: Row, path: str, form: "Form | None") -> Iterator[Problem]:
    fields = form.by_key if form is not None else {}
    for key in row["required"]:
        if key not in fields:
            yield Problem(f"{path}.required", f"已发布的表单中没有字段“{key}”")
    if row["required"] and not row["roles"] and set(row["relations"]) == {"rule"}:
        message = "只有自动规则可以执行，但自动规则不会填写字段"
        yield Problem(f"{path}.required", message, "warning")


# -- ways through ---------------------------------------------------------------------------------

Graph = dict[str, set[str]]


def graph_of(whole: Row) -> Graph:
    """To which statuses each leads."""
    keys = [one["key"] for one in whole["statuses"]]
    leads: Graph = {key: set() for key in keys}
    for row in whole["transitions"]:
        for source in row.get("from") or keys:
            if source != row["to"]:
                leads[source].add(row["to"])
    return leads


def reached(graph: Graph, first: Iterable[str]) -> set[str]:
    """Everything there is a way to from `first`, with these."""
    seen, todo = set(first), list(first)
    while todo:
        new = graph[todo.pop()] - seen
        seen |= new
        todo += new
    return seen


def _ways(whole: Row) -> Iterator[Problem]:
    graph = graph_of(whole)
    back: Graph = {key: {one for one in graph if key in graph[one]} for key in graph}
    done = [one["key"] for one in whole["statuses"] if one["category"] in _DONE]
    here, ending = reached(graph, [whole["initial"]]), reached(back, done)
    for at, one in enumerate(whole["statuses"]):
        if one["key"] not in here:
            message = f"没有流转能到达“{one['name']}”"
            yield Problem(f"statuses.{at}", message)
        if one["category"] in ACTIVE and one["key"] not in ending:
            message = f"从“{one['name']}”没有路径到达已解决或已关闭的状态"
            yield Problem(f"statuses.{at}", message)


# -- what works, but may not be meant -------------------------------------------------------------


def _left_over(whole: Row, type: TicketType | None) -> Iterator[Problem]:
    """Statuses taken away while tickets stand in them: those keep the version they have."""
    if type is None or type.current is None:
        return
    kept = {one.get("key") for one in whole["statuses"]}
    gone = {
        one["key"]: one["name"]
        for one in type.current.content.get("statuses", [])
        if one["key"] not in kept
    }
    if not gone:
        return
    standing = Ticket.objects.filter(type=type, status__in=gone, merged_into=None).active()
    counted = Counter(standing.values_list("status", flat=True))
    for key, name in gone.items():
        if counted[key]:
            message = f"“{name}”下还有 {counted[key]} 个未完成的工单，它们继续按原流程处理"
            yield Problem("statuses", message, "warning")


def _habits(whole: Row, type: TicketType | None) -> Iterator[Problem]:
    """What the type promises, but nobody may do by this workflow."""
    resolved = [one["key"] for one in whole["statuses"] if one.get("category") == "resolved"]
    if type is None or not resolved:
        return
    closing = [one["key"] for one in whole["statuses"] if one.get("category") == "closed"]
    leaving = [
        one for one in whole["transitions"] if not one["from"] or set(resolved) & set(one["from"])
    ]
    if type.close_after_days and not any(
        _may(one, "rule") and one["to"] in closing for one in leaving
    ):
        message = f"解决 {type.close_after_days} 天后不会自动关闭：没有允许自动规则执行的关闭流转"
        yield Problem("transitions", message, "warning")
    ends = {*resolved, *closing}
    if type.reopen_days and not any(
        _may(one, "customer") and one["to"] not in ends for one in leaving
    ):
        message = "客户不能重新打开：没有允许客户从已解决状态执行的流转"
        yield Problem("transitions", message, "warning")


def _may(row: Row, relation: str) -> bool:
    if not row["roles"] and not row["relations"]:
        return relation == "rule"
    return relation in row["relations"]
