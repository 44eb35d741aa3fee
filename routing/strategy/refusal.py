"""How a declaration says that a value of a rule is not acceptable."""

from typing import Any


class Refused(ValueError):
    """The value breaks the declaration; the message is Chinese and is shown as it is."""


def text_of(value: Any, most: int, *, blank: bool = False) -> str:
    """`value` as a trimmed text of at most `most` characters. Raises `Refused`."""
    if not isinstance(value, str):
        raise Refused("应为文本")
    text = value.strip()
    if not text and not blank:
        raise Refused("不能为空")
    if len(text) > most:
        raise Refused(f"不能超过 {most} 个字")
    if "\x00" in text or not _is_unicode(text):
        raise Refused("含有不能保存的字符")
    return text


def _is_unicode(text: str) -> bool:
    """Whether it can be stored: halves of surrogate pairs cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole_of(value: Any, least: int, most: int) -> int:
    """`value` as a whole number within limits. Raises `Refused`."""
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) <= 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("应为整数")
    if not least <= value <= most:
        raise Refused(f"应在 {least} 到 {most} 之间")
    return value
