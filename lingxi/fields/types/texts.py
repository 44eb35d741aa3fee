"""文本、多行文本、订单号."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

import re2

from lingxi.fields.definitions import Field
from lingxi.fields.types.base import FieldType, Finding, Wrong, text_of

MAX_PATTERN = 200
_options = re2.Options()
_options.max_mem = 1 << 20
_options.log_errors = False


class Text(FieldType):
    """One line."""

    name, label, label_en = "text", "单行文本", "Text"
    settings: ClassVar[tuple[str, ...]] = ("max_length", "pattern", "pattern_hint")
    most, usual = 500, 200

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> str:
        """One line, in the pattern if there is one."""
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            value = str(value)  # a host page says 20261121 where it means "20261121"
        most = field.max_length or self.usual
        text = text_of(self.tidy(text_of(value, most)), most)  # capitals may be longer
        if text and field.pattern and not compiled(field.pattern).fullmatch(text):
            raise Wrong(field.pattern_hint or "格式不正确")
        return text

    def tidy(self, text: str) -> str:
        """Line breaks become spaces."""
        return " ".join(text.splitlines())

    def findings(self, field: Field) -> Iterator[Finding]:
        """The length and the pattern."""
        length = field.max_length
        if length is not None and not 1 <= length <= self.most:
            yield "max_length", f"应为 1 到 {self.most}"
        if len(field.pattern) > MAX_PATTERN:
            yield "pattern", f"不能超过 {MAX_PATTERN} 个字符"
        elif field.pattern and pattern_error(field.pattern):
            yield "pattern", f"不是有效的表达式（RE2）：{pattern_error(field.pattern)}"


class LongText(Text):
    """Several lines."""

    name, label, label_en = "long_text", "多行文本", "Long text"
    settings = ("max_length",)
    control = "textarea"
    most, usual = 10_000, 5_000

    def tidy(self, text: str) -> str:
        """Line breaks stay."""
        return text


class OrderNumber(Text):
    """An order number; spaces inside and lower case are mistakes of typing."""

    name, label, label_en = "order_number", "订单号", "Order number"
    most = usual = 64

    def tidy(self, text: str) -> str:
        """Without spaces, in capitals."""
        return "".join(text.split()).upper()


@lru_cache(512)
def compiled(pattern: str) -> Any:
    """The pattern, in RE2: it takes linear time for whatever text. Raises `re2.error`."""
    return re2.compile(pattern, _options)


def pattern_error(pattern: str) -> str:
    """Why the pattern cannot be used; "" when it can."""
    try:
        compiled(pattern)
    except (re2.error, UnicodeEncodeError) as error:
        return str(error)[:100] or "无法解析"
    return ""
