"""The types of facts: how a value is made comparable, checked in a rule, and shown.

Two forms of a value: as it is kept in rules and facts (JSON), and *folded*, as it is compared.
A folded value of None means "not known", and no condition holds on it. Folding never raises:
facts come from outside.
"""

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from routing.strategy.refusal import Refused, text_of

if TYPE_CHECKING:
    from routing.strategy.facts import Fact

MAX_TEXT = 200
MAX_NUMBER = 1e12
SHOWN = 80


class Missing:
    """The value of a fact that nobody supplied."""


MISSING = Missing()


class ValueType:
    """A type. `operators` are the names of those that apply, in the order they are offered."""

    name: ClassVar[str]
    label: ClassVar[str]
    operators: ClassVar[tuple[str, ...]]

    def fold(self, raw: Any) -> Any:
        """The comparable form of a fact's value or of an operand."""
        raise NotImplementedError

    def operand(self, raw: Any, fact: "Fact") -> Any:
        """One operand as it is kept in the rule. Raises `Refused`."""
        raise NotImplementedError

    def show(self, raw: Any, fact: "Fact") -> str:
        """A value in words."""
        return str(raw)[:SHOWN] if raw not in (None, "") else "（空）"

    def under(self, family: str) -> "ValueType":
        """The type that operators of `family` see; only the type of custom fields changes."""
        return self


class Text(ValueType):
    """Compared without regard to upper and lower case."""

    name, label = "text", "文本"
    operators = (
        "contains",
        "contains_any",
        "not_contains",
        "prefix",
        "is",
        "is_not",
        "in",
        "not_in",
        "pattern",
        "is_empty",
        "is_set",
    )

    def fold(self, raw: Any) -> str:
        """Lower case; nothing is the empty text."""
        return "" if raw is None else str(raw).casefold()

    def operand(self, raw: Any, fact: "Fact") -> str:
        """A short text, or one of the choices when the fact has a fixed list."""
        return text_of(raw, MAX_TEXT)


class Number(ValueType):
    """A number; what cannot be read as one is not known."""

    name, label = "number", "数字"
    operators = (">=", ">", "<=", "<", "between", "is", "is_not")

    def fold(self, raw: Any) -> float | None:
        """A finite float."""
        if isinstance(raw, bool) or not isinstance(raw, int | float | str):
            return None
        try:
            number = float(raw)
        except (ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    def operand(self, raw: Any, fact: "Fact") -> int | float:
        """A number of sane size."""
        number = self.fold(raw)
        if number is None:
            raise Refused("应为数字")
        if abs(number) > MAX_NUMBER:
            raise Refused("数字过大")
        return int(number) if number.is_integer() else number

    def show(self, raw: Any, fact: "Fact") -> str:
        """With its unit."""
        number = self.fold(raw)
        if number is None:
            return "（未知）"
        shown = f"{number:.1f}".removesuffix(".0") if abs(number) < MAX_NUMBER else f"{number:g}"
        return f"{shown} {fact.unit}".strip()


class Choice(ValueType):
    """One of a list."""

    name, label = "choice", "选项"
    operators = ("is", "is_not", "in", "not_in")

    def fold(self, raw: Any) -> str:
        """As text, so that 1 and "1" are the same choice."""
        return "" if raw is None else str(raw)

    def operand(self, raw: Any, fact: "Fact") -> str:
        """A choice; of a fixed list, one that is on it."""
        if isinstance(raw, int) and not isinstance(raw, bool):
            raw = str(raw)[:MAX_TEXT]
        value = text_of(raw, MAX_TEXT)
        if fact.choices and value not in dict(fact.choices):
            raise Refused(f"没有“{value}”这个选项")
        return value

    def show(self, raw: Any, fact: "Fact") -> str:
        """The choice's label."""
        return fact.label_of(self.fold(raw)) or "（空）"


class Labels(ValueType):
    """A set of texts."""

    name, label = "labels", "标签"
    operators = ("has_any", "has_all", "has_none", "is_empty", "is_set")

    def fold(self, raw: Any) -> frozenset[str]:
        """The texts in lower case; a single text is a set of one."""
        if raw is None or raw == "":
            return frozenset()
        many = raw if isinstance(raw, list | tuple | set | frozenset) else [raw]
        return frozenset(str(one).casefold() for one in many)

    def operand(self, raw: Any, fact: "Fact") -> str:
        """One of the texts."""
        return text_of(raw, MAX_TEXT)

    def show(self, raw: Any, fact: "Fact") -> str:
        """The texts in a row."""
        many = raw if isinstance(raw, list | tuple | set | frozenset) else [raw] if raw else []
        return "、".join(str(one) for one in many)[:SHOWN] or "（空）"


class Flag(ValueType):
    """Yes or no."""

    name, label = "flag", "是否"
    operators = ("is_true", "is_false")
    _NO = frozenset({"", "0", "false", "no", "off", "none", "null", "否"})

    def fold(self, raw: Any) -> bool:
        """A text says no when it is one of the usual words for it."""
        if isinstance(raw, str):
            return raw.strip().casefold() not in self._NO
        return bool(raw)

    def operand(self, raw: Any, fact: "Fact") -> bool:
        """Never asked for: the operators of a flag take no operand."""
        raise Refused("不需要填写值")

    def show(self, raw: Any, fact: "Fact") -> str:
        """是 or 否."""
        return "是" if self.fold(raw) else "否"


class TimeOfDay(ValueType):
    """A time of day as HH:MM, compared in minutes since midnight."""

    name, label = "time", "时刻"
    operators = ("between", ">=", "<")

    def fold(self, raw: Any) -> int | None:
        """Minutes since midnight."""
        try:
            moment = raw if isinstance(raw, dt.time) else dt.time.fromisoformat(str(raw))
        except ValueError:
            return None
        return moment.hour * 60 + moment.minute

    def operand(self, raw: Any, fact: "Fact") -> str:
        """A time as HH:MM."""
        minutes = self.fold(raw) if isinstance(raw, str) and len(raw) in (5, 8) else None
        if minutes is None:
            raise Refused("应为时刻，例如 09:00")
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    def show(self, raw: Any, fact: "Fact") -> str:
        """As HH:MM."""
        minutes = self.fold(raw)
        return "（未知）" if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"


class Custom(ValueType):
    """A custom field, whose type the operator chosen decides."""

    name, label = "custom", "自定义"
    operators = (*Text.operators, *Number.operators[:5], *Flag.operators)

    def under(self, family: str) -> ValueType:
        """Text, number or flag."""
        return {"number": NUMBER, "flag": FLAG}.get(family, TEXT)

    def fold(self, raw: Any) -> str:
        """As text."""
        return TEXT.fold(raw)

    def operand(self, raw: Any, fact: "Fact") -> str:
        """As text; numbers and flags are taken as the text they read as."""
        if isinstance(raw, int | float):
            raw = str(raw)[:MAX_TEXT]
        return TEXT.operand(raw, fact)


TEXT, NUMBER, CHOICE, LABELS = Text(), Number(), Choice(), Labels()
FLAG, TIME, CUSTOM = Flag(), TimeOfDay(), Custom()

TYPES: Mapping[str, ValueType] = {
    kind.name: kind for kind in (TEXT, NUMBER, CHOICE, LABELS, FLAG, TIME, CUSTOM)
}
