"""Custom fields in the list: which ones a person may filter by and see as columns, and how.

Filtering tells values as surely as showing them. So a field is offered only for the types of which
every version lets the person see it, in plain; and of texts that are masked for them, none is found
by its digits.
"""

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from django.db.models import BooleanField, F, Func, Q, UUIDField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import IContains, In

from lingxi.access.masking import sees_plain
from lingxi.access.permissions import role_of
from lingxi.fields import form_of
from lingxi.fields.definitions import Field, Option
from lingxi.fields.models import SchemaVersion
from lingxi.fields.types import TYPES, Wrong
from tickets.listing import terms
from tickets.listing.condition import Condition, contains

CHOICES = frozenset({"choice", "multi_choice", "boolean", "cascade"})
RANGES = frozenset(terms.LEVELS)
SHOWN_AS_COLUMN = frozenset({*terms.TEXTS, *CHOICES, *RANGES})
BOOLEANS = (("true", "是"), ("false", "否"))


class JsonMatch(Func):
    """Whether a JSON column fulfils a path predicate; NULL where it cannot."""

    function = "jsonb_path_match"
    template = "%(function)s(%(expressions)s::jsonpath, '{}', true)"
    output_field = BooleanField()


class Unindexed(Func):
    """A column so that no index on it is used: most tickets have one of the types asked for, and
    the planner, which knows that, still prefers their index to `ticket_terms`."""

    template = "NULLIF(%(expressions)s, NULL)"
    output_field = UUIDField()


@dataclass
class Offered:
    """A field as it is offered: for tickets of these types, written with these versions.

    `without`: the versions of those types that do not have it.
    """

    field: Field
    types: set[uuid.UUID] = dataclass_field(default_factory=set)
    without: set[uuid.UUID] = dataclass_field(default_factory=set)

    @property
    def name(self) -> str:
        """Its name in query strings and as a column."""
        return f"f.{self.field.key}"

    @property
    def kind(self) -> str:
        """`choices`, `range`, `text` or `presence`: which input filters by it."""
        if self.field.type in CHOICES:
            return "choices"
        if self.field.type in RANGES:
            return "range"
        return "text" if self.field.type in terms.TEXTS else "presence"

    @property
    def input_type(self) -> str:
        """The `type` of the inputs of a range."""
        return {"date": "date", "datetime": "datetime-local"}.get(self.field.type, "number")

    def choices(self) -> list[tuple[str, str]]:
        """Values and labels, retired ones too: old tickets have them."""
        if self.field.type == "boolean":
            return list(BOOLEANS)
        if self.field.type == "cascade":
            return [("/".join(path), label) for path, label in _paths(self.field.levels)]
        return [(one.value, one.label) for one in self.field.options]


def _paths(options: Sequence[Option], above: tuple[str, ...] = ()) -> Iterator[Any]:
    for one in options:
        path = (*above, one.value)
        yield path, f"{'　' * len(above)}{one.label}"
        yield from _paths(one.children, path)


def offered_to(user: Any, types: Sequence[Any]) -> dict[str, Offered]:
    """The fields a person may use, by name; those of the first type win where keys collide."""
    versions: dict[uuid.UUID, list[uuid.UUID]] = {}
    schemas = [one.schema_id for one in types]
    rows = SchemaVersion.objects.filter(schema__in=schemas).exclude(number=None)
    for schema, version in rows.values_list("schema_id", "pk").order_by("number"):
        versions.setdefault(schema, []).append(version)
    found: dict[str, Offered] = {}
    for type in types:
        _offer(found, type, versions.get(type.schema_id, []), user)
    return found


def _offer(found: dict[str, Offered], type: Any, versions: list[uuid.UUID], user: Any) -> None:
    if type.schema.current_id is None:
        return
    role, plain = role_of(user), sees_plain(user)
    forms = {version: form_of(version) for version in versions}
    for one in form_of(type.schema.current_id).fields:
        ever = [form.by_key[one.key] for form in forms.values() if one.key in form.by_key]
        if not all(each.sees(role) and (plain or not each.sensitive) for each in ever):
            continue
        entry = found.setdefault(f"f.{one.key}", Offered(one))
        if entry.field.type != one.type:
            continue
        entry.types.add(type.pk)
        entry.without |= {key for key, form in forms.items() if one.key not in form.by_key}


@dataclass(frozen=True)
class Asked:
    """What is asked of one field."""

    values: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    presence: str = ""  # "empty" or "filled"

    def __bool__(self) -> bool:
        return bool(self.values or self.low or self.high or self.presence)


def condition_of(offer: Offered, asked: Asked, user: Any) -> Condition:
    """What tickets have to fulfil; what cannot be meant is passed over."""
    found = Condition()
    if offer.kind == "choices" and asked.values:
        found &= Condition(_any_of(offer.field, asked.values))
    elif offer.kind == "text" and asked.values:
        found &= _text(offer.field.key, asked.values[0], user)
    elif offer.kind == "range" and (asked.low or asked.high):
        found &= _range(offer.field, asked, user)
    if asked.presence in {"empty", "filled"}:
        found &= _presence(offer, asked.presence)
    of_types = In(Unindexed(F("type")), sorted(offer.types))
    return found & Condition(Q(of_types)) if found else found


def _any_of(one: Field, values: Sequence[str]) -> Q:
    wanted = Q(pk__in=[])
    for value in values[:50]:
        wanted |= Q(**_holds(one, value))
    return wanted


def _holds(one: Field, value: str) -> dict[str, Any]:
    stored: Any = value
    if one.type == "boolean":
        stored = {"true": True, "false": False}.get(value)
    elif one.type == "multi_choice":
        stored = [value]
    elif one.type == "cascade":
        stored = value.split("/")
    return {"fields__contains": {one.key: stored}}


def _text(key: str, words: str, user: Any) -> Condition:
    text = IContains(KeyTextTransform(key, "fields"), words)
    return contains(key, words, Q(text), user)


def _range(one: Field, asked: Asked, user: Any) -> Condition:
    low, high = _bound(one, asked.low), _bound(one, asked.high)
    if low is None and high is None:
        return Condition()
    parts = [
        f"$.{json.dumps(one.key)} {sign} {json.dumps(value)}"
        for sign, value in ((">=", low), ("<=", high))
        if value is not None
    ]
    match = JsonMatch(F("fields"), Value(" && ".join(parts)))
    places = [None if each is None else terms.place_of(one.type, each) for each in (low, high)]
    found = Condition(Q(match), [terms.cells_between(one.key, one.type, *places)])
    if one.type in {"number", "money"} and not sees_plain(user):
        found &= Condition(~Q(terms__contains=[terms.masked_mark(one.key)]))
    return found


def _bound(one: Field, text: str) -> Any:
    """A bound as values are stored; None for what is none."""
    bare = Field(
        one.key, one.type, one.label, decimals=3 if one.type in {"number", "money"} else None
    )
    if one.type == "datetime" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        text = f"{text} 00:00"
    try:
        return TYPES[one.type].clean(bare, text) if text else None
    except Wrong:
        return None


def _presence(offer: Offered, presence: str) -> Condition:
    key = offer.field.key
    filled = Q(fields__has_key=key)
    if presence == "filled":
        return Condition(filled)
    never = Q(fields_version=None) | Q(fields_version__in=offer.without)
    return Condition(~filled, hint=Q(terms__contains=[terms.empty_mark(key)]) | never)
