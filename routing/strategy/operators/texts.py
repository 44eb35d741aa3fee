"""Operators of texts and choices."""

from collections.abc import Callable
from typing import Any, ClassVar

import re2

from routing.strategy.facts import Fact
from routing.strategy.operators.base import Many, Operator, Shape, Test, register
from routing.strategy.refusal import Refused, text_of
from routing.strategy.values import MAX_TEXT

PATTERN_MEMORY = 1 << 20  # bytes a compiled pattern and its automaton may take


@register
class Contains(Operator):
    """A part of the text."""

    name, label, help = "contains", "包含", "文本中有这段文字，不分大小写。"

    def test(self, operand: str) -> Test:
        """Substring."""
        return lambda value: operand in value


@register
class ContainsAny(Many):
    """A part of the text, one of several."""

    name, label, help = "contains_any", "包含任一", "文本中有其中任意一段文字，不分大小写。"

    def test(self, operand: frozenset[str]) -> Test:
        """Any substring."""
        parts = tuple(sorted(operand))
        return lambda value: any(part in value for part in parts)


@register
class NotContains(Operator):
    """Not a part of the text."""

    name, label, help = "not_contains", "不包含", "文本中没有这段文字，不分大小写。"

    def test(self, operand: str) -> Test:
        """Not a substring."""
        return lambda value: operand not in value


@register
class Prefix(Operator):
    """The beginning of the text."""

    name, label, help = "prefix", "开头是", "文本以这段文字开头，不分大小写。"

    def test(self, operand: str) -> Test:
        """Starts with."""
        return lambda value: value.startswith(operand)


@register
class Is(Operator):
    """The same."""

    name, label, help = "is", "是", "与此值相同；文本不分大小写。"

    def test(self, operand: Any) -> Test:
        """Equal."""
        return lambda value: value == operand


@register
class IsNot(Operator):
    """Not the same."""

    name, label, help = "is_not", "不是", "与此值不同；文本不分大小写。"

    def test(self, operand: Any) -> Test:
        """Not equal."""
        return lambda value: value != operand


@register
class In(Many):
    """One of several."""

    name, label, help = "in", "是其中之一", "与列出的任意一个值相同。"

    def test(self, operand: frozenset[Any]) -> Test:
        """Member."""
        return operand.__contains__


@register
class NotIn(Many):
    """None of several."""

    name, label, help = "not_in", "不在其中", "与列出的每一个值都不同。"

    def test(self, operand: frozenset[Any]) -> Test:
        """Not a member."""
        return lambda value: value not in operand


@register
class Pattern(Operator):
    """A regular expression, in RE2 only: it takes time linear in the text, whatever it says."""

    name, label = "pattern", "匹配正则"
    help = "RE2 正则表达式，在文本任意位置匹配；区分大小写，需要不区分时以 (?i) 开头。"
    shape: ClassVar[Shape] = "pattern"

    def clean(self, value: Any, fact: Fact) -> str:
        """A pattern that RE2 takes within its memory."""
        pattern = text_of(value, MAX_TEXT)
        compile_pattern(pattern)
        return pattern

    def fold(self, value: Any, fact: Fact) -> str:
        """The pattern as it is: case matters."""
        return str(value)

    def view(self, fact: Fact) -> Callable[[Any], Any]:
        """The text as it is: case matters."""
        return _as_text

    def test(self, operand: str) -> Test:
        """Search."""
        search = compile_pattern(operand).search
        return lambda value: search(value) is not None


def _as_text(raw: Any) -> bytes:
    text = "" if raw is None else str(raw)
    return text.encode("utf-8", "replace")


def compile_pattern(pattern: str) -> Any:
    """The compiled expression, for bytes. Raises `Refused`."""
    options = re2.Options()
    options.max_mem = PATTERN_MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as exc:
        raise Refused(f"正则表达式不被支持：{_reason(exc)}") from exc


def _reason(exc: Exception) -> str:
    said = exc.args[0] if exc.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
