"""Bringing a record's values to another version of its schema, without losing any."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lingxi.fields.types import TYPES, Wrong, is_empty

if TYPE_CHECKING:
    from lingxi.fields.definitions import Field
    from lingxi.fields.form import Form


@dataclass(frozen=True)
class Upgrade:
    """The values for the new version, and by key what it would not take if it were sent now.

    What has a problem is kept as it is: it can be read, and must be mended by whoever edits it.
    """

    values: dict[str, Any]
    problems: dict[str, str]


def upgraded(form: "Form", values: Any, old: "Form | None") -> Upgrade:
    """Every value is kept, for a key keeps its type for ever; fields that are new get defaults.

    Values that nobody declared (`old` None) are brought to the form of what is declared now, as
    "12" to 12, where they can be.
    """
    kept = dict(values) if isinstance(values, Mapping) else {}
    known = set(old.by_key) | set(old.former) if old else set()
    problems: dict[str, str] = {}
    for one in form.fields:
        if is_empty(kept.get(one.key)):
            if one.key not in known and not is_empty(one.default):
                kept[one.key] = one.default
            elif one.required:
                problems[one.key] = "必填，但没有值"
            continue
        cleaned, problem = _tried(one, kept[one.key])
        if problem:
            problems[one.key] = problem
        elif old is None:
            kept[one.key] = cleaned
    return Upgrade(kept, problems)


def _tried(one: "Field", value: Any) -> tuple[Any, str]:
    """The value cleaned, or why it cannot be; a retired choice that is there already may stay."""
    try:
        return TYPES[one.type].clean(one, value, before=value), ""
    except Wrong as reason:
        return value, str(reason)
