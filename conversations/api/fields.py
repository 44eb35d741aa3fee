"""Strict serializer fields: JSON types as they are, nothing unknown, no control characters.

DRF's own fields are lenient (the number 5 passes as text, "1" as a number, unknown keys vanish),
which hides mistakes of callers and feeds surprises to what comes after.
"""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lingxi.errors import NotFound, TooLong
from lingxi.ids import parse_id

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_OR_BREAK = re.compile(r"[\x00-\x1f\x7f\u2028-\u202e\u2066-\u2069]")
_SCRIPT_SCHEME = re.compile(r"\s*(?:javascript|data|vbscript|file|blob)\s*:", re.IGNORECASE)
_KEY = re.compile(r"[^\W\d][\w.-]{0,39}")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses bodies that are no object, and fields it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values."""
        if isinstance(data, Mapping):
            unknown = sorted(str(key) for key in set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError({key: ["未知的字段"] for key in unknown[:5]})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A text of many lines. Too long is `too_long`, not `invalid`."""

    control = _CONTROL

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        self.limit = limit
        kwargs.setdefault("trim_whitespace", True)
        super().__init__(max_length=None, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The text."""
        if not isinstance(data, str):
            raise serializers.ValidationError("必须是字符串")
        if len(data) > self.limit:
            raise TooLong(fields={self.field_name or "text": [f"最多 {self.limit} 个字符"]})
        if self.control.search(data):
            raise serializers.ValidationError("包含控制字符")
        return super().to_internal_value(data.replace("\r\n", "\n").replace("\r", "\n"))


class Line(Text):
    """A text of one line, without characters that turn the direction of writing."""

    control = _CONTROL_OR_BREAK


class Page(Line):
    """An address of a page: a URL, or a path inside an app. Never one that runs as a script."""

    def to_internal_value(self, data: Any) -> str:
        """The address."""
        value = super().to_internal_value(data)
        if _SCRIPT_SCHEME.match(value):
            raise serializers.ValidationError("不是有效的页面地址")
        return value


class Whole(serializers.IntegerField):
    """A JSON integer: no text, no fraction, no boolean."""

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("必须是整数")
        return super().to_internal_value(data)


class YesNo(serializers.BooleanField):
    """A JSON boolean."""

    def to_internal_value(self, data: Any) -> bool:
        """True or false."""
        if not isinstance(data, bool):
            raise serializers.ValidationError("必须是 true 或 false")
        return data


class Id(serializers.UUIDField):
    """A public id. What is not one cannot be found: the answer tells nothing more."""

    def to_internal_value(self, data: Any) -> Any:
        """The id."""
        if not isinstance(data, str):
            raise serializers.ValidationError("必须是字符串")
        found = parse_id(data)
        if found is None:
            raise NotFound(fields={self.field_name or "id": ["不存在"]})
        return found


@extend_schema_field({"type": "object", "additionalProperties": {}})
class Flat(serializers.Field):
    """A flat mapping of short names to texts, numbers and booleans."""

    def __init__(self, *, limit: int = 500, keys: int = 20, **kwargs: Any) -> None:
        self.limit, self.keys = limit, keys
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The checked mapping."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("必须是对象")
        if len(data) > self.keys:
            raise serializers.ValidationError(f"最多 {self.keys} 项")
        return {self._key(key): self._value(value) for key, value in data.items()}

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value

    def _key(self, key: Any) -> str:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise serializers.ValidationError("名称只能是 1 到 40 个字母、数字、下划线")
        return key

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            if len(value) > self.limit:
                raise TooLong(fields={self.field_name or "": [f"每项最多 {self.limit} 个字符"]})
            if _CONTROL.search(value):
                raise serializers.ValidationError("包含控制字符")
            return value
        if value is None or isinstance(value, bool) or _is_small(value):
            return value
        raise serializers.ValidationError("每项必须是文本、数字或布尔值")


def _is_small(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 2**53
