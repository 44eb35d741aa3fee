"""单选、多选、级联、是否."""

from collections.abc import Iterator, Sequence
from typing import Any

from lingxi.fields.definitions import Field, Option
from lingxi.fields.types.base import FieldType, Finding, Wrong, is_storable, plain

MOST_OPTIONS, MOST_NODES, MOST_LEVELS, MOST_VALUE = 500, 5_000, 5, 80


class Choice(FieldType):
    """One of the options."""

    name, label, label_en = "choice", "单选", "Choice"
    settings = ("options",)
    control = "select"

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> Any:
        """The option's value; a retired one only when it is the one there is."""
        return _chosen(field.options, value, kept=value == before)

    def text(self, field: Field, value: Any) -> str:
        """The option's label."""
        return _label(field.options, value)

    def input_value(self, field: Field, value: Any) -> Any:
        """The value itself."""
        return value

    def findings(self, field: Field) -> Iterator[Finding]:
        """The options."""
        if not any(not option.retired for option in field.options):
            yield "options", "至少需要一个可选的选项"
        if len(field.options) > MOST_OPTIONS:
            yield "options", f"不能超过 {MOST_OPTIONS} 个选项"
        yield from _twice("options", field.options)


class MultiChoice(Choice):
    """Some of the options, stored in their order."""

    name, label, label_en = "multi_choice", "多选", "Multiple choice"
    control = "checkboxes"

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> Any:
        """Each once; retired ones only when they are among those there are."""
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or len(values) > MOST_OPTIONS:
            raise Wrong("请从选项中选择")
        had = before if isinstance(before, list) else []
        chosen = [_chosen(field.options, one, kept=one in had) for one in values]
        order = [option.value for option in field.options]
        return sorted(dict.fromkeys(chosen), key=order.index)

    def text(self, field: Field, value: Any) -> str:
        """The labels."""
        values = value if isinstance(value, list) else [value]
        return "、".join(_label(field.options, one) for one in values)

    def posted(self, sent: list[str]) -> Any:
        """Those ticked."""
        return [one for one in sent if one]


class Cascade(FieldType):
    """A way down a tree, to an end of it: 省 / 市 / 区. Stored as the list of values."""

    name, label, label_en = "cascade", "级联选择", "Cascade"
    settings = ("levels", "level_names")
    control = "cascade"

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> Any:
        """From the top to an end."""
        path = [part.strip() for part in value.split("/")] if isinstance(value, str) else value
        if not isinstance(path, list) or len(path) > MOST_LEVELS:
            raise Wrong("请逐级选择")
        options, kept = field.levels, path == before
        for value_ in path:
            if not options:
                raise Wrong(f"“{_short(path[0])}”没有这么多级")
            _chosen(options, value_, kept)
            options = next(option for option in options if option.value == value_).children
        if any(not option.retired for option in options):
            raise Wrong("请选到最后一级")
        return list(path)

    def text(self, field: Field, value: Any) -> str:
        """The labels on the way."""
        if not isinstance(value, list):
            return plain(value)
        words, options = [], field.levels
        for part in value:
            words.append(_label(options, part))
            below = [option.children for option in options if option.value == part]
            options = below[0] if below else ()
        return " / ".join(words)

    def posted(self, sent: list[str]) -> Any:
        """Without the levels left open."""
        return [one for one in sent if one]

    def input_value(self, field: Field, value: Any) -> Any:
        """The values on the way."""
        return value if isinstance(value, list) else []

    def findings(self, field: Field) -> Iterator[Finding]:
        """The tree."""
        if not field.levels:
            yield "levels", "至少需要一个选项"
        count, depth = _size(field.levels)
        if count > MOST_NODES:
            yield "levels", f"不能超过 {MOST_NODES} 个选项"
        if depth > MOST_LEVELS:
            yield "levels", f"不能超过 {MOST_LEVELS} 级"
        yield from _tree_twice(field.levels)


class Boolean(FieldType):
    """Yes or no."""

    name, label, label_en = "boolean", "是 / 否", "Yes or no"
    control = "boolean"
    _words = {"true": True, "1": True, "on": True, "yes": True, "是": True}
    _words |= {"false": False, "0": False, "off": False, "no": False, "否": False}

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> bool:
        """True or false, also in words."""
        if isinstance(value, bool):
            return value
        found = self._words.get(value.strip().lower()) if isinstance(value, str) else None
        if found is None:
            raise Wrong("请选择是或否")
        return found

    def input_value(self, field: Field, value: Any) -> Any:
        """A word."""
        return str(value).lower() if isinstance(value, bool) else ""


def _chosen(options: Sequence[Option], value: Any, kept: bool) -> str:
    """The value if it is one of the options. Raises `Wrong`."""
    found = next((option for option in options if option.value == value), None)
    if found is None or not isinstance(value, str):
        raise Wrong(f"“{_short(value)}”不在选项中")
    if found.retired and not kept:
        raise Wrong(f"“{found.label}”已停用，请另选")
    return found.value


def _label(options: Sequence[Option], value: Any) -> str:
    return next((option.label for option in options if option.value == value), plain(value))


def _short(value: Any) -> str:
    text = plain(value)
    return (text if is_storable(text) else ascii(text))[:40]


def _twice(name: str, options: Sequence[Option]) -> Iterator[Finding]:
    """Empty, long or repeated options."""
    seen: set[str] = set()
    for option in options:
        if not option.value or len(option.value) > MOST_VALUE or len(option.label) > MOST_VALUE:
            yield name, f"选项应有 1 到 {MOST_VALUE} 个字"
        if "/" in option.value and name == "levels":
            yield name, f"“{_short(option.value)}”不能含有斜杠"
        if option.value in seen:
            yield name, f"选项“{_short(option.value)}”重复"
        seen.add(option.value)


def _tree_twice(options: Sequence[Option]) -> Iterator[Finding]:
    yield from _twice("levels", options)
    for option in options:
        yield from _tree_twice(option.children)


def _size(options: Sequence[Option]) -> tuple[int, int]:
    """How many nodes, how many levels."""
    count, depth = len(options), 1 if options else 0
    for option in options:
        below, deep = _size(option.children)
        count, depth = count + below, max(depth, deep + 1)
    return count, depth
