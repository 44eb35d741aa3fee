"""What every type of field can do."""

from collections.abc import Iterator
from typing import Any, ClassVar

from lingxi.fields.definitions import Field

Finding = tuple[str, str]
"""What is wrong with a setting: its name, and a message."""


class Wrong(ValueError):
    """The value does not fit; the message says why, in the user's language."""


class FieldType:
    """A type. `settings` are those of a definition that it reads besides the common ones.

    A value is stored as JSON. `clean` takes whatever a client sent; all else takes whatever is
    stored, which an earlier version or a host page may have written, and never fails.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    label_en: ClassVar[str]
    settings: ClassVar[tuple[str, ...]] = ()
    control: ClassVar[str] = "text"

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> Any:
        """The value as it is stored; `before` is what is stored now. Raises `Wrong`."""
        raise NotImplementedError

    def text(self, field: Field, value: Any) -> str:
        """The value in words."""
        return value if isinstance(value, str) else plain(value)

    def posted(self, sent: list[str]) -> Any:
        """The raw value of what a form sent under the field's name."""
        return sent[-1] if sent else ""

    def input_value(self, field: Field, value: Any) -> Any:
        """What stands in the input."""
        return self.text(field, value)

    def findings(self, field: Field) -> Iterator[Finding]:
        """What is wrong with the settings of this type."""
        return iter(())


def is_empty(value: Any) -> bool:
    """Nothing is given. `False` and 0 are something."""
    return value is None or value in ("", [], {})


def plain(value: Any) -> str:
    """Any JSON as a short text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        return " · ".join(plain(part) for part in value.values())
    if isinstance(value, list):
        return "、".join(plain(part) for part in value)
    is_endless = isinstance(value, int) and value.bit_length() > 1_000
    return "…" if is_endless else str(value)  # Python refuses to write numbers without end


def text_of(value: Any, most: int) -> str:
    """A text without what cannot be stored, at most `most` characters. Raises `Wrong`."""
    if not isinstance(value, str):
        raise Wrong("请填写文本")
    if len(value) > most:
        raise Wrong(f"不能超过 {most} 个字")
    if "\x00" in value or not is_storable(value):
        raise Wrong("包含无法保存的字符")
    return value.replace("\r\n", "\n").strip()


def is_storable(value: str) -> bool:
    """Whether it is Unicode: JSON may carry half a character."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
