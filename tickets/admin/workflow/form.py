"""What the workflow editor can offer in its lists."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model

from lingxi.access.permissions import PERMISSIONS
from lingxi.fields.definitions import Field, Option
from tickets.approval.chain import FACTS, TIMEOUTS
from tickets.conditions import MOST_TEXT, Operator, operators_for
from tickets.forms import form_in_force
from tickets.models import Category, Priority, TicketType
from tickets.workflow import RELATIONS
from tickets.workflow_chains import (
    APPROVING_ROLES,
    FACT_TYPES,
    LEAST_HOURS,
    MODES,
    MOST_HOURS,
)
from tickets.workflow_checks import ROLES

MOST_PEOPLE = 2000
Spec = dict[str, Any]
Choices = list[dict[str, str]]


def form(type: TicketType) -> Spec:
    """Everything that can be picked; two queries."""
    published = form_in_force(type)
    fields = published.fields if published is not None else ()
    current = type.current.content if type.current else {}
    return {
        "categories": choices(Category.choices),
        "roles": choices(ROLES.items()),
        "relations": choices(RELATIONS.items()),
        "fields": [field_spec(one) for one in fields],
        "facts": [fact_spec(name) for name in FACT_TYPES],
        "approving": choices(APPROVING_ROLES.items()),
        "people": people(),
        "modes": choices(MODES.items()),
        "timeouts": choices(TIMEOUTS.items()),
        "hours": {"kind": "number", "min": LEAST_HOURS, "max": MOST_HOURS, "step": 1},
        "fixed": [one["key"] for one in current.get("statuses", [])],
    }


def choices(pairs: Iterable[tuple[Any, Any]]) -> Choices:
    """(value, label) as scripts take them."""
    return [{"value": str(value), "label": str(label)} for value, label in pairs]


def people() -> Choices:
    """Who may approve at all."""
    rows = get_user_model().objects.filter(
        is_active=True, role_assignment__role__in=PERMISSIONS["tickets.approve"]
    )
    found = rows.order_by("first_name", "username").values_list("pk", "first_name", "username")
    return choices(
        (pk, f"{first}（{name}）" if first else name) for pk, first, name in found[:MOST_PEOPLE]
    )


def field_spec(one: Field) -> Spec:
    """A custom field and how it can be compared."""
    return {
        "value": one.key,
        "label": one.label,
        "operators": [
            {"value": operator.name, "label": operator.label, "input": operand(one, operator)}
            for operator in operators_for(one.type)
        ],
    }


def fact_spec(name: str) -> Spec:
    """A fact of the ticket, written `@name`, and how it can be compared."""
    return {
        "value": f"@{name}",
        "label": FACTS[name],
        "operators": [
            {"value": one.name, "label": one.label, "input": _fact_operand(name, one)}
            for one in operators_for(FACT_TYPES[name])
        ],
    }


def _fact_operand(name: str, operator: Operator) -> Spec:
    if name == "priority":
        return {"kind": "choice", "choices": choices(Priority.choices), "numeric": True}
    kinds = {"none": {"kind": "none"}, "many": {"kind": "tags"}}
    return dict(kinds.get(operator.shape, {"kind": "text", "max_length": MOST_TEXT}))


def operand(one: Field, operator: Operator) -> Spec:
    """The input of what a field is compared with."""
    if operator.shape == "none":
        return {"kind": "none"}
    if operator.shape == "many":
        return {"kind": "choices", "choices": list(_flat(one.options or one.levels))}
    kinds: Mapping[str, Spec] = {
        "number": {"kind": "number", "unit": ""},
        "money": {"kind": "number", "unit": one.currency or "CNY"},
        "date": {"kind": "date"},
        "boolean": {"kind": "yes"},
    }
    return dict(kinds.get(one.type, {"kind": "text", "max_length": MOST_TEXT}))


def _flat(options: Iterable[Option], above: str = "") -> Iterable[dict[str, str]]:
    for one in options:
        label = f"{above}{one.label}"
        yield {"value": one.value, "label": label}
        yield from _flat(one.children, f"{label} / ")
