"""日期、日期时间. Dates are stored as 2026-11-21, instants in UTC as 2026-11-21T05:30:00Z."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from lingxi.fields.definitions import Field
from lingxi.fields.types.base import FieldType, Finding, Wrong, plain

FIRST, LAST = 1900, 2200  # years


class Date(FieldType):
    """A day."""

    name, label, label_en = "date", "日期", "Date"
    settings = ("min", "max")
    control = "date"

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> str:
        """YYYY-MM-DD."""
        day = _day(value)
        if day is None:
            raise Wrong("请填写日期，如 2026-11-21")
        said = day.isoformat()
        if field.min and said < field.min:
            raise Wrong(f"不能早于 {field.min}")
        if field.max and said > field.max:
            raise Wrong(f"不能晚于 {field.max}")
        return said

    def findings(self, field: Field) -> Iterator[Finding]:
        """The bounds are days."""
        for name in ("min", "max"):
            bound = getattr(field, name)
            if bound is not None and (_day(bound) is None or _day(bound).isoformat() != bound):  # type: ignore[union-attr]
                yield name, "请填写日期，如 2026-11-21"
                return
        if field.min and field.max and field.min > field.max:
            yield "max", "不能早于最早日期"


class DateTime(FieldType):
    """An instant, to the second. Without an offset it is meant in the server's time zone."""

    name, label, label_en = "datetime", "日期时间", "Date and time"
    control = "datetime-local"

    def clean(self, field: Field, value: Any, before: Any = None, user: Any = None) -> str:
        """In UTC."""
        at = _instant(value)
        if at is None:
            raise Wrong("请填写日期和时间，如 2026-11-21 13:30")
        return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def text(self, field: Field, value: Any) -> str:
        """In the server's time zone."""
        at = _instant(value)
        return plain(value) if at is None else timezone.localtime(at).strftime("%Y-%m-%d %H:%M")

    def input_value(self, field: Field, value: Any) -> Any:
        """As `datetime-local` wants it, with seconds only when there are some."""
        at = _instant(value)
        if at is None:
            return ""
        local = timezone.localtime(at)
        return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")


def _day(value: Any) -> dt.date | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        day = dt.date.fromisoformat(value.strip().replace("/", "-"))
    except ValueError:
        return None
    return day if FIRST <= day.year <= LAST else None


def _instant(value: Any) -> dt.datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = dt.datetime.fromisoformat(value.strip().replace("/", "-"))
        at = at if at.tzinfo else timezone.make_aware(at)
        at = at.astimezone(dt.UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    return at if FIRST <= at.year <= LAST else None
