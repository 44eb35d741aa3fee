"""Conditions on custom fields: which comparison suits which type of field, and what they say.

A condition is ``{"field": key, "operator": name, "value": …}``; those of a list hold together.
Everything here is plain values; nothing touches the database.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_NUMBER = 10**12
MOST_TEXT = 200
MOST_VALUES = 50
Condition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison. `shape` is what it compares with: none, one or many."""

    name: str
    label: str
    holds: Callable[[Any, Any], bool]
    shape: str = "one"


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _comparing(how: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Values of two kinds (a field changed its meaning) do not compare."""

    def holds(value: Any, other: Any) -> bool:
        try:
            return not _is_empty(value) and bool(how(value, other))
        except TypeError:
            return False

    return holds


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_ALL = (
    Operator("eq", "等于", lambda value, other: not _is_empty(value) and value == other),
    Operator("ne", "不等于", lambda value, other: _is_empty(value) or value != other),
    Operator("gt", "大于", _comparing(lambda value, other: value > other)),
    Operator("gte", "大于或等于", _comparing(lambda value, other: value >= other)),
    Operator("lt", "小于", _comparing(lambda value, other: value < other)),
    Operator("lte", "小于或等于", _comparing(lambda value, other: value <= other)),
    Operator(
        "contains", "包含", lambda value, other: str(other).lower() in str(value or "").lower()
    ),
    Operator(
        "in",
        "是其中之一",
        lambda value, others: any(part in others for part in _parts(value)),
        "many",
    ),
    Operator(
        "not_in",
        "不是其中任何一个",
        lambda value, others: not any(part in others for part in _parts(value)),
        "many",
    ),
    Operator("filled", "已填写", lambda value, other: not _is_empty(value), "none"),
    Operator("empty", "未填写", lambda value, other: _is_empty(value), "none"),
)
OPERATORS = {one.name: one for one in _ALL}
_FILLED = ("filled", "empty")
_ORDERED = ("gt", "gte", "lt", "lte", "eq", "ne")
_WORDED = ("eq", "ne", "contains", *_FILLED)
BY_TYPE: dict[str, tuple[str, ...]] = {
    "number": (*_ORDERED, *_FILLED),
    "money": (*_ORDERED, *_FILLED),
    "date": (*_ORDERED, *_FILLED),
    "text": _WORDED,
    "long_text": ("contains", *_FILLED),
    "order_number": _WORDED,
    "choice": ("in", "not_in", *_FILLED),
    "multi_choice": ("in", "not_in", *_FILLED),
    "cascade": ("in", "not_in", *_FILLED),
    "boolean": ("eq", *_FILLED),
    # Facts of the ticket itself.
    "priority": ("gte", "lte", "eq", "ne"),
    "level": ("eq", "ne", "in", "not_in", *_FILLED),
}


def operators_for(type: str) -> list[Operator]:
    """Those that suit fields of a type; whether something is filled in suits all."""
    return [OPERATORS[name] for name in BY_TYPE.get(type, _FILLED)]


def hold(conditions: Iterable[Condition], values: Mapping[str, Any]) -> bool:
    """Whether all of them hold for custom values; none at all always hold."""
    return all(_holds(one, values) for one in conditions)


def _holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    operator = OPERATORS[condition["operator"]]
    return operator.holds(values.get(condition["field"]), condition.get("value"))


def value_fault(type: str, operator: Operator, value: Any) -> str:
    """What is wrong with the value of a condition on a field of `type`; empty when nothing is."""
    if operator.shape == "none":
        return "" if value is None else "不需要填写值"
    if operator.shape == "many":
        return _many_fault(value)
    return _ONE.get(type, _text_fault)(value)


def _many_fault(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return "请至少选择一项"
    if len(value) > MOST_VALUES or any(_text_fault(one) for one in value):
        return f"最多 {MOST_VALUES} 项"
    return ""


def _text_fault(value: Any) -> str:
    is_text = isinstance(value, str) and len(value.strip()) > 0 and len(value) <= MOST_TEXT
    return "" if is_text else f"请填写 {MOST_TEXT} 个字以内的文字"


def _number_fault(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = is_number and abs(value) <= MOST_NUMBER  # NaN does not
    return "" if fits else "请填写数字"


def _date_fault(value: Any) -> str:
    try:
        day = dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    return "" if day is not None and day.isoformat() == value else "请填写日期"


def _yes_fault(value: Any) -> str:
    return "" if isinstance(value, bool) else "请选择是或否"


def _priority_fault(value: Any) -> str:
    is_one = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 4
    return "" if is_one else "请选择优先级"


_ONE: dict[str, Callable[[Any], str]] = {
    "number": _number_fault,
    "money": _number_fault,
    "date": _date_fault,
    "boolean": _yes_fault,
    "priority": _priority_fault,
}
