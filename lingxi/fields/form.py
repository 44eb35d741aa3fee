"""A version's fields, compiled: what is checked on the way in and what is shown of it.

The one place for page, API, import, automation and host pages.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING, Any

from lingxi.access.masking import sees_plain
from lingxi.access.permissions import role_of
from lingxi.errors import Invalid
from lingxi.fields.definitions import Field, field_of
from lingxi.fields.masking import is_remnant, masked
from lingxi.fields.types import TYPES, Wrong, is_empty
from lingxi.fields.types.base import is_storable

if TYPE_CHECKING:
    from django.http import QueryDict

    from lingxi.fields.showing import Control, ShownField
    from lingxi.fields.upgrading import Upgrade

PREFIX = "fields."


@dataclass(frozen=True)
class Form:
    """The fields of a version. `former` are those of earlier versions that it has no more."""

    version_id: uuid.UUID | None
    number: int | None
    fields: tuple[Field, ...]
    former: Mapping[str, Field] = dataclass_field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {one.key: one for one in self.fields})

    by_key: Mapping[str, Field] = dataclass_field(init=False, repr=False, compare=False)

    def clean(
        self,
        values: Any,
        *,
        before: Mapping[str, Any] | None = None,
        user: Any = None,
        required: Collection[str] = frozenset(),
        partial: bool = False,
    ) -> dict[str, Any]:
        """What is stored when a person sends `values` for a record that has `before`.

        Values that this version does not have are kept from `before`. With `partial`, so are
        those not sent, and only what is sent must not be empty; without, what the person could
        have sent and did not is empty. A new record gets the defaults of what is not sent.
        `required` are keys that are required besides. `user` None is the system: no role limits.

        Raises `Invalid` with `fields` by `fields.<key>`: a key that the version does not have, a
        wrong type, a retired choice unless it is unchanged, a field that the person may not
        edit, a required one missing. Nothing else, whatever JSON is sent.
        """
        return _Cleaning(self, before, user, frozenset(required), partial).run(values)

    def shown(self, values: Any, user: Any, *, free: bool = False) -> "list[ShownField]":
        """The fields as the person may see them; then values of former fields.

        With `free`, values that no version ever declared come last.
        """
        from lingxi.fields.showing import shown_fields

        return shown_fields(self, values, user, free=free)

    def visible(self, values: Any, user: Any) -> dict[str, Any]:
        """The values as an API answers them: masked, without those that the person may not see."""
        role, plain = role_of(user), sees_plain(user)
        found: dict[str, Any] = {}
        for key, value in (values if isinstance(values, Mapping) else {}).items():
            one = self.by_key.get(key) or self.former.get(key)
            if one is None or one.sees(role):
                found[key] = value if plain else masked(one, value)
        return found

    def upgrade(self, values: Any, old: "Form | None") -> "Upgrade":
        """`values`, written with `old` (None: as a host page sent them), for this version."""
        from lingxi.fields.upgrading import upgraded

        return upgraded(self, values, old)

    def controls(
        self,
        values: Any,
        user: Any,
        required: Collection[str] = frozenset(),
        errors: Mapping[str, Sequence[str]] | None = None,
        *,
        scope: str = "",
    ) -> "list[Control]":
        """The inputs that the person may see, for `templates/fields/_control.html`.

        Without a person (None) there are no role limits, as in `clean`.
        `errors` are the `fields` of an `Invalid`; `scope` begins the ids of the inputs where a page
        has several forms.
        """
        from lingxi.fields.showing import controls_of

        return controls_of(self, values, user, required, errors=errors or {}, scope=scope)

    def from_post(self, data: "QueryDict") -> dict[str, Any]:
        """The raw values of a sent form, for `clean`."""
        return {
            one.key: TYPES[one.type].posted(data.getlist(PREFIX + one.key))
            for one in self.fields
            if PREFIX + one.key in data
        }


EMPTY = Form(None, None, ())


def compile_form(
    content: Sequence[Mapping[str, Any]],
    *,
    version_id: uuid.UUID | None = None,
    number: int | None = None,
    earlier: Sequence[Sequence[Mapping[str, Any]]] = (),
) -> Form:
    """The form of a content without errors; `earlier` are contents of the schema, newest first."""
    fields = tuple(field_of(definition) for definition in content)
    keys = {one.key for one in fields}
    former: dict[str, Field] = {}
    for older in earlier:
        for definition in older:
            if definition["key"] not in keys:
                former.setdefault(definition["key"], field_of(definition))
    return Form(version_id, number, fields, former)


class _Cleaning:
    """One cleaning: what is kept, and what is wrong."""

    def __init__(
        self,
        form: Form,
        before: Mapping[str, Any] | None,
        user: Any,
        required: frozenset[str],
        partial: bool,
    ) -> None:
        self.form, self.user, self.required, self.partial = form, user, required, partial
        self.is_new = before is None
        self.before = dict(before) if isinstance(before, Mapping) else {}
        self.role = None if user is None else role_of(user)
        self.plain = user is None or sees_plain(user)
        self.errors: dict[str, list[str]] = {}

    def run(self, values: Any) -> dict[str, Any]:
        if not isinstance(values, Mapping):
            raise Invalid(fields={"fields": ["自定义字段应为对象"]})
        self._refuse_unknown(values)
        kept = dict(self.before)
        for one in self.form.fields:
            value = self._value(one, values)
            if is_empty(value):
                kept.pop(one.key, None)
            else:
                kept[one.key] = value
        if self.errors:
            raise Invalid(next(iter(self.errors.values()))[0], fields=self.errors)
        return kept

    def _refuse_unknown(self, values: Mapping[Any, Any]) -> None:
        for key in values:
            if key not in self.form.by_key:
                name = key if isinstance(key, str) and is_storable(key) else ascii(key)
                if len(self.errors) < 20:
                    self.errors[f"{PREFIX}{name[:60]}"] = ["当前版本没有此字段"]

    def _value(self, one: Field, values: Mapping[str, Any]) -> Any:
        """What is stored of a field; what is wrong is noted."""
        old = self.before.get(one.key)
        is_sent = one.key in values
        may_edit = self.user is None or one.edits(self.role)
        if not is_sent:
            value = self._unsent(one, old, may_edit)
        elif self._is_unchanged(one, values[one.key], old):
            value = old
        elif not may_edit:
            self._note(one, "你无权修改此字段")
            return old
        else:
            value = self._cleaned(one, values[one.key], old)
        if is_empty(value) and self._is_required(one, is_sent, may_edit):
            self._note(one, f"请填写“{one.label}”")
        return value

    def _unsent(self, one: Field, old: Any, may_edit: bool) -> Any:
        if self.is_new:
            return one.default
        return old if self.partial or not may_edit else None

    def _is_unchanged(self, one: Field, value: Any, old: Any) -> bool:
        """Whether the person sent back what they were shown."""
        if is_empty(old):
            return False
        if not self.plain:
            shown = masked(one, old)
            return shown != old and value == shown
        return False

    def _cleaned(self, one: Field, value: Any, old: Any) -> Any:
        if is_empty(value):
            return None
        try:
            if not self.plain and is_remnant(value, masked(one, old)):
                raise Wrong("含有被隐藏的内容，请填写完整的值")
            return TYPES[one.type].clean(one, value, old, self.user)
        except Wrong as reason:
            self._note(one, str(reason))
            return old

    def _is_required(self, one: Field, is_sent: bool, may_edit: bool) -> bool:
        """What is required by the form is asked of those who may give it."""
        if one.key in self.required:
            return True
        return one.required and may_edit and (is_sent or not self.partial)

    def _note(self, one: Field, message: str) -> None:
        self.errors.setdefault(PREFIX + one.key, []).append(message)
