"""The shape of a workflow's content: what may stand where, however little sense it makes.

A draft may be unfinished, but not of another shape: what has problems here is never stored. What
a workflow of the right shape means, and whether it works, is for `tickets.workflow_checks`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lingxi.fields.types.base import is_storable
from lingxi.versioned import Problem

Check = Callable[[Any, str], Iterator[Problem]]
MOST_KEY, MOST_NAME = 40, 40
MOST_STATUSES, MOST_TRANSITIONS, MOST_CHAINS = 40, 120, 20
MOST_STEPS, MOST_APPROVERS, MOST_CONDITIONS, MOST_PICKED = 10, 20, 10, 60


def shape_problems(content: Any) -> list[Problem]:
    """What is in the wrong place, of a wrong type or too much."""
    return list(_CONTENT(content, ""))


def normal(content: Mapping[str, Any]) -> dict[str, Any]:
    """A content without shape problems in the one form that is stored: nothing left out."""
    return {
        "statuses": [dict(one) for one in content.get("statuses", [])],
        "initial": content.get("initial", ""),
        "transitions": [_transition(one) for one in content.get("transitions", [])],
        "approvals": [_chain(one) for one in content.get("approvals", [])],
    }


def _transition(one: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: list(one.get(name, ())) for name in ("from", "roles", "relations", "required")}
    texts = {name: one.get(name, "") for name in ("key", "name", "to", "approval")}
    return {**texts, **lists, "comment": bool(one.get("comment"))}


def _chain(one: Mapping[str, Any]) -> dict[str, Any]:
    steps = [_step(step) for step in one.get("steps", [])]
    return {"key": one.get("key", ""), "name": one.get("name", ""), "steps": steps}


def _step(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": one.get("name", ""),
        "mode": one.get("mode", "one"),
        "approvers": [dict(approver) for approver in one.get("approvers", [])],
        "when": [dict(condition) for condition in one.get("when", [])],
        "hours": one.get("hours"),
        "on_timeout": one.get("on_timeout", "remind"),
    }


def _text(most: int = MOST_KEY) -> Check:
    def check(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, str) or len(value) > most:
            yield Problem(path, f"应为 {most} 个字以内的文本")
        elif "\x00" in value or not is_storable(value):
            yield Problem(path, "包含无法保存的字符")

    return check


def _flag(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(path, "应为是或否")


def _hours(value: Any, path: str) -> Iterator[Problem]:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_number and abs(value) < 10**6):
        yield Problem(path, "应为整数")


def _value(value: Any, path: str) -> Iterator[Problem]:
    """A plain value or a list of such, small enough to be stored."""
    if isinstance(value, list):
        yield from _list(_value_one, MOST_PICKED)(value, path)
    else:
        yield from _value_one(value, path)


def _value_one(value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _text(200)(value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) <= 10**15:  # nor is NaN
            yield Problem(path, "数字过大")
    elif value is not None and not isinstance(value, bool):
        yield Problem(path, "应为文本、数字或选项")


def _list(of: Check, most: int) -> Check:
    def check(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(path, "应为一个列表")
            return
        if len(value) > most:
            yield Problem(path, f"最多 {most} 项")
            return
        for place, one in enumerate(value):
            yield from of(one, f"{path}.{place}".lstrip("."))

    return check


def _record(**parts: Check) -> Check:
    """An object with these parts, each of which may be missing, and no others."""

    def check(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(path, "应为一个对象")
            return
        for name in value:
            if name not in parts:
                yield Problem(path, "含有未知的设置")
                return
        for name, part in parts.items():
            if name in value:
                yield from part(value[name], f"{path}.{name}".lstrip("."))

    return check


_KEYS = _list(_text(), MOST_PICKED)
_STATUS = _record(key=_text(), name=_text(MOST_NAME), category=_text())
_TRANSITION = _record(
    **{"from": _KEYS},
    key=_text(),
    name=_text(MOST_NAME),
    to=_text(),
    roles=_KEYS,
    relations=_KEYS,
    required=_KEYS,
    comment=_flag,
    approval=_text(),
)
_CONDITION = _record(field=_text(), fact=_text(), operator=_text(), value=_value)
_STEP = _record(
    name=_text(MOST_NAME),
    mode=_text(),
    approvers=_list(_record(kind=_text(), value=_text()), MOST_APPROVERS),
    when=_list(_CONDITION, MOST_CONDITIONS),
    hours=_hours,
    on_timeout=_text(),
)
_CHAIN = _record(key=_text(), name=_text(MOST_NAME), steps=_list(_STEP, MOST_STEPS))
_CONTENT = _record(
    statuses=_list(_STATUS, MOST_STATUSES),
    initial=_text(),
    transitions=_list(_TRANSITION, MOST_TRANSITIONS),
    approvals=_list(_CHAIN, MOST_CHAINS),
)
