"""Values in words, and inputs for them, as one person may see them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lingxi.access.masking import for_viewer, sees_plain
from lingxi.access.permissions import role_of
from lingxi.fields.definitions import Field, Option
from lingxi.fields.masking import HIDDEN, masked
from lingxi.fields.types import TYPES, is_empty, plain
from lingxi.fields.types.numbers import sign_of
from lingxi.fields.types.references import KINDS, Customer

if TYPE_CHECKING:
    from lingxi.fields.form import Form

SHOWN = 10_000  # characters of one value


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field with its value. `value` is what an API would answer, `text` says it in words.

    `is_former`: the version has the field no more; `type` "" is a value that nobody declared.
    """

    key: str
    label: str
    label_en: str
    help: str
    type: str
    value: Any
    text: str
    url: str
    is_masked: bool
    is_former: bool
    is_editable: bool
    section: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of an input."""

    value: str
    label: str
    is_chosen: bool
    retired: bool


@dataclass(frozen=True, slots=True)
class Control:
    """An input. `kind` says which: text, textarea, number, date, select, cascade, …"""

    field: Field
    kind: str
    name: str
    id: str
    value: Any
    text: str
    url: str
    required: bool
    is_editable: bool
    is_masked: bool
    options: tuple[Choice, ...] = ()
    tree: tuple[dict[str, Any], ...] = ()
    accept: str = ""
    errors: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """Of a number: its smallest difference."""
        decimals = getattr(TYPES[self.field.type], "decimals_of", lambda field: 0)(self.field)
        return "1" if not decimals else f"0.{'0' * (decimals - 1)}1"

    @property
    def title(self) -> str:
        """The English label."""
        return self.field.label_en or TYPES[self.field.type].label_en

    @property
    def is_group(self) -> bool:
        """Whether it is several inputs, which one label names together."""
        return self.is_editable and self.kind in {"checkboxes", "cascade"}

    @property
    def input_type(self) -> str:
        """The `type` of the `<input>`."""
        return self.kind if self.kind in {"number", "date", "datetime-local"} else "text"

    @property
    def max_length(self) -> int | None:
        """Of a text: how many characters."""
        usual: int | None = getattr(TYPES[self.field.type], "usual", None)
        return self.field.max_length or usual

    @property
    def affix(self) -> str:
        """Of money: its sign."""
        return sign_of(self.field) if self.field.type == "money" else ""

    @property
    def described_by(self) -> str:
        """The ids of help and error, for `aria-describedby`."""
        parts = [f"{self.id}-help"] if self.field.help else []
        return " ".join(parts + ([f"{self.id}-error"] if self.errors else []))


def shown_fields(form: "Form", values: Any, user: Any, *, free: bool) -> list[ShownField]:
    """See `Form.shown`."""
    role, stored = role_of(user), values if isinstance(values, Mapping) else {}
    found = [
        _shown(one, stored.get(one.key), user, editable=one.edits(role))
        for one in form.fields
        if one.sees(role)
    ]
    for key, one in form.former.items():
        if not is_empty(stored.get(key)) and one.sees(role):
            found.append(_shown(one, stored[key], user, former=True))
    if free:
        declared = set(form.by_key) | set(form.former)
        rest = [(key, value) for key, value in stored.items() if key not in declared]
        found += [_free(str(key), value, user) for key, value in rest if not is_empty(value)]
    return found


def _shown(
    one: Field, value: Any, user: Any, *, editable: bool = False, former: bool = False
) -> ShownField:
    seen = value if user is None or sees_plain(user) else masked(one, value)
    is_masked = seen != value
    text, url = _in_words(one, value, seen, user, is_masked)
    return ShownField(
        key=one.key,
        label=one.label,
        label_en=one.label_en,
        help=one.help,
        type=one.type,
        value=seen,
        text=text[:SHOWN],
        url=url,
        is_masked=is_masked,
        is_former=former,
        is_editable=editable,
        section=one.section,
    )


def _in_words(one: Field, value: Any, seen: Any, user: Any, is_masked: bool) -> tuple[str, str]:
    """The text and the address of a value."""
    kind = TYPES[one.type]
    if is_empty(value):
        return "", ""
    if one.sensitive and is_masked:
        return seen if isinstance(seen, str) else HIDDEN, ""
    if isinstance(kind, Customer):
        found = kind.reference(value, user)
        return (found.name, found.url) if found else ("（已删除或无权查看）", "")
    text = kind.text(one, value)
    return (text if user is None else for_viewer(user, text)), ""


def _free(key: str, value: Any, user: Any) -> ShownField:
    seen = for_viewer(user, value)
    text = for_viewer(user, plain(value)[:SHOWN])
    return ShownField(key, key[:40], "", "", "", seen, text, "", seen != value, False, False, "")


def controls_of(
    form: "Form",
    values: Any,
    user: Any,
    required: Collection[str],
    *,
    errors: Mapping[str, Sequence[str]],
    scope: str = "",
) -> list[Control]:
    """See `Form.controls`."""
    role, stored = _role(user), values if isinstance(values, Mapping) else {}
    return [
        _control(
            one,
            stored.get(one.key),
            user,
            required=one.key in required,
            errors=errors,
            scope=scope,
        )
        for one in form.fields
        if user is None or one.sees(role)
    ]


def _role(user: Any) -> str | None:
    return None if user is None else role_of(user)


def _control(
    one: Field,
    value: Any,
    user: Any,
    *,
    required: bool,
    errors: Mapping[str, Sequence[str]],
    scope: str,
) -> Control:
    kind = TYPES[one.type]
    shown = _shown(one, value, user, editable=user is None or one.edits(_role(user)))
    name = f"fields.{one.key}"
    # Stars fit no input but that of a text, and would be lost in another.
    hidden = shown.is_masked and (one.sensitive or kind.control not in {"text", "textarea"})
    inside = shown.text if hidden else shown.value
    is_picked = kind.control in {"select", "boolean"}
    return Control(
        field=one,
        kind="text" if hidden and not is_picked else kind.control,
        name=name,
        id=f"{scope}field-{one.key}",
        value=inside if hidden or is_empty(inside) else kind.input_value(one, inside),
        text=shown.text,
        url=shown.url,
        required=one.required or required,
        is_editable=shown.is_editable,
        is_masked=shown.is_masked,
        options=tuple(_hidden_options(one, is_picked) if hidden else _choices(one, value)),
        tree=() if hidden else tuple(_tree(one.levels, value, 0)),
        accept=",".join(_accepted(one)),
        errors=tuple(errors.get(name, ())),
    )


def _hidden_options(one: Field, is_picked: bool) -> Iterator[Choice]:
    """Of a hidden value none is chosen but the mask, which changes nothing when it is sent back."""
    if is_picked:
        yield Choice(HIDDEN, HIDDEN, True, False)
        yield from _choices(one, None)


def _choices(one: Field, value: Any) -> Iterator[Choice]:
    """Those to choose from; a retired one only when it is chosen."""
    if one.type == "boolean":
        yield Choice("true", "是", value is True, False)
        yield Choice("false", "否", value is False, False)
    chosen = value if isinstance(value, list) else [value]
    for option in one.options:
        if not option.retired or option.value in chosen:
            yield Choice(option.value, option.label, option.value in chosen, option.retired)


def _tree(options: Sequence[Option], value: Any, level: int) -> Iterator[dict[str, Any]]:
    """The tree as the script reads it: v(alue), l(abel), c(hildren)."""
    path = value if isinstance(value, list) else []
    for option in options:
        is_on_way = level < len(path) and path[level] == option.value
        if option.retired and not is_on_way:
            continue
        below = list(_tree(option.children, path if is_on_way else [], level + 1))
        label = {"l": option.label} if option.label != option.value else {}
        yield {"v": option.value, **label, **({"c": below} if below else {})}


def _accepted(one: Field) -> Iterator[str]:
    """What the browser's file dialog offers; the truth is checked when the form is sent."""
    for kind in one.types:
        for begins in KINDS.get(kind, ("", ()))[1]:
            if begins.endswith("/"):
                yield f"{begins}*"
            elif not begins.endswith("-"):
                yield begins
