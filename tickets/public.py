"""What people outside may fill in: the public types, and the part of a form that is for them."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from lingxi.errors import NotFound
from tickets.forms import form_in_force
from tickets.models import TicketType

if TYPE_CHECKING:
    from lingxi.fields import Form
    from lingxi.fields.definitions import Field, Option

INTERNAL_TYPES = frozenset({"customer", "file"})  # they stand for rows that only staff may name


def public_types() -> QuerySet[TicketType]:
    """Types that people outside may make tickets of, in their order."""
    rows = TicketType.objects.filter(is_public=True, is_active=True).exclude(current=None)
    return rows.select_related("schema", "group").order_by("order", "name")


def public_type(key: str) -> TicketType:
    """The public type with this key. Raises `NotFound`."""
    found = public_types().filter(key=key[:32].replace("\x00", "")).first()
    if found is None:
        raise NotFound("没有可提交的此类工单")
    return found


def public_form(type: TicketType) -> "Form":
    """The form in force, as far as it is for people outside: fields that are left to certain
    roles, and references to our own rows, are not. What is not in it cannot be written with it.
    """
    from lingxi.fields.form import EMPTY, Form

    form = form_in_force(type)
    if form is None:
        return EMPTY
    return Form(form.version_id, form.number, tuple(one for one in form.fields if is_public(one)))


def is_public(field: "Field") -> bool:
    """Whether people outside may fill it in."""
    return not field.visible and not field.editable and field.type not in INTERNAL_TYPES


def definition_of(field: "Field") -> dict[str, Any]:
    """A field as an app or the widget needs it to show an input; retired choices are gone."""
    said = {
        "key": field.key,
        "type": field.type,
        "label": field.label,
        "label_en": field.label_en,
        "help": field.help,
        "section": field.section,
        "required": field.required,
        "default": field.default,
        "min": field.min,
        "max": field.max,
        "decimals": field.decimals,
        "currency": field.currency,
        "max_length": field.max_length,
        "pattern": field.pattern,
        "pattern_hint": field.pattern_hint,
        "options": _options(field.options),
        "levels": _options(field.levels),
        "level_names": list(field.level_names),
    }
    always = {"key", "type", "label", "required"}
    return {
        key: value for key, value in said.items() if key in always or value not in ("", None, [])
    }


def _options(options: "tuple[Option, ...]") -> list[dict[str, Any]]:
    return [
        {
            "value": one.value,
            "label": one.label,
            **({"children": _options(one.children)} if one.children else {}),
        }
        for one in options
        if not one.retired
    ]
