"""A field as a supervisor has defined it, read from the content of a schema's version."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lingxi.access.models import Role

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
ROLES = frozenset(Role.values)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. A retired one can be read, but not be chosen any more."""

    value: str
    label: str
    retired: bool = False
    children: "tuple[Option, ...]" = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A definition, with everything at hand. What a type does not use is empty.

    `visible` and `editable` are roles; empty means everybody. `min` and `max` bound numbers and
    dates, as they are stored.
    """

    key: str
    type: str
    label: str
    label_en: str = ""
    help: str = ""
    section: str = ""
    required: bool = False
    default: Any = None
    visible: frozenset[str] = frozenset()
    editable: frozenset[str] = frozenset()
    sensitive: bool = False
    options: tuple[Option, ...] = ()
    levels: tuple[Option, ...] = ()
    level_names: tuple[str, ...] = ()
    pattern: str = ""
    pattern_hint: str = ""
    min: Any = None
    max: Any = None
    decimals: int | None = None
    currency: str = ""
    max_length: int | None = None
    types: tuple[str, ...] = ()

    def sees(self, role: str | None) -> bool:
        """Whether the role sees the field."""
        return role is not None and (not self.visible or role in self.visible)

    def edits(self, role: str | None) -> bool:
        """Whether the role may change the value."""
        return self.sees(role) and (not self.editable or role in self.editable)


def field_of(definition: Mapping[str, Any]) -> Field:
    """The field of a definition without errors (see `checks.problems_of`)."""
    get = definition.get
    plain: dict[str, Any] = {name: get(name) or "" for name in _TEXTS}
    plain |= {name: get(name) for name in ("default", "min", "max", "decimals", "max_length")}
    return Field(
        key=definition["key"],
        type=definition["type"],
        label=definition["label"],
        **plain,
        required=bool(get("required")),
        sensitive=bool(get("sensitive")),
        visible=frozenset(get("visible") or ()),
        editable=frozenset(get("editable") or ()),
        options=options_of(get("options") or ()),
        levels=options_of(get("levels") or ()),
        level_names=tuple(get("level_names") or ()),
        types=tuple(get("types") or ()),
    )


_TEXTS = ("label_en", "help", "section", "pattern", "pattern_hint", "currency")


def options_of(nodes: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    """Choices, with those below them."""
    return tuple(
        Option(
            value=node["value"],
            label=node.get("label") or node["value"],
            retired=bool(node.get("retired")),
            children=options_of(node.get("children") or ()),
        )
        for node in nodes
    )
