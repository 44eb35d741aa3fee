"""The orders of the list, and the place between two pages.

A place is the last ticket seen: its value in the order, and its id. So pages never skip or repeat
a ticket that stays where it is, however many others come or go, and page 1,000 costs what the first
does.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    OrderBy,
    Q,
    Value,
)

from lingxi.ids import parse_id

MOST = 2**62
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK = dt.timedelta(microseconds=1)
_NONE = "-"


@dataclass(frozen=True)
class Cursor:
    """Behind a ticket, or before it. `value` is None where the column is empty."""

    value: Any
    id: uuid.UUID
    is_before: bool = False


@dataclass(frozen=True)
class Order:
    """One order: by a column, then by id the other way round, as the index stands.

    What is empty counts as the greatest.
    """

    name: str
    label: str
    column: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    is_nullable: bool = False

    @property
    def descends(self) -> bool:
        """From the greatest."""
        return self.name.startswith("-")

    @property
    def key(self) -> str:
        """Its name without direction."""
        return self.name.lstrip("-")

    def by(self, *, reverse: bool = False, indexed: bool = True) -> list[OrderBy]:
        """For `order_by`; not `indexed`: said in a way that no index offers."""
        down = self.descends != reverse
        column: Any = F(self.column) if indexed else _unindexed(self.column)
        ids = OrderBy(F("id"), descending=self._ids_down(down))
        return [OrderBy(column, descending=down), ids]

    def _ids_down(self, down: bool) -> bool:
        return down if self.is_nullable else not down

    def cursor(self, after: str, before: str) -> Cursor | None:
        """The place that an address names; None for none, or for what is none."""
        text = after or before
        stamp, _, given = text.partition("_")
        found = parse_id(given) if len(text) <= 80 else None
        if found is None:
            return None
        if stamp == _NONE and self.is_nullable:
            return Cursor(None, found, is_before=not after)
        try:
            value = self.read(stamp)
        except (ValueError, OverflowError, OSError):
            return None
        return Cursor(value, found, is_before=not after)

    def place(self, row: Any) -> str:
        """The place of a ticket, for an address."""
        value = getattr(row, self.column)
        return f"{_NONE if value is None else self.write(value)}_{row.pk}"

    def beyond(self, cursor: Cursor) -> Q:
        """The tickets on the far side of a place."""
        down = self.descends != cursor.is_before
        further = Q(id__lt=cursor.id) if self._ids_down(down) else Q(id__gt=cursor.id)
        empty = Q(**{f"{self.column}__isnull": True})
        if cursor.value is None:
            return empty & further | ~empty if down else empty & further
        sign = "lt" if down else "gt"
        at_or_beyond = Q(**{f"{self.column}__{sign}e": cursor.value})
        found = at_or_beyond & (Q(**{f"{self.column}__{sign}": cursor.value}) | further)
        return found | empty if self.is_nullable and not down else found

    def up_to(self, value: Any, *, reverse: bool = False) -> Q:
        """The tickets that come no later than a value."""
        down, empty = self.descends != reverse, Q(**{f"{self.column}__isnull": True})
        if value is None:
            return empty if down else Q()
        within = Q(**{f"{self.column}__{'gte' if down else 'lte'}": value})
        return within | empty if self.is_nullable and down else within


def _unindexed(column: str) -> Any:

    if column in {"number", "priority"}:
        return ExpressionWrapper(F(column) + Value(0), output_field=IntegerField())
    zero = Value(dt.timedelta(0), output_field=DurationField())
    return ExpressionWrapper(F(column) + zero, output_field=DateTimeField())


def _instant(text: str) -> dt.datetime:
    return _EPOCH + int(text) * _TICK


def _ticks(at: dt.datetime) -> str:
    return str((at - _EPOCH) // _TICK)


def _whole(text: str) -> int:
    number = int(text) if len(text) < 20 else MOST
    if not 0 <= number < MOST:
        raise ValueError
    return number


_COLUMNS = (
    ("updated", "更新时间", "updated_at", False),
    ("created", "创建时间", "created_at", False),
    ("due", "到期时间", "due_at", True),
    ("priority", "优先级", "priority", False),
    ("number", "编号", "number", False),
)


def _orders() -> dict[str, Order]:
    found = {}
    for key, label, column, nullable in _COLUMNS:
        numbers = column in {"number", "priority"}
        read, write = (_whole, str) if numbers else (_instant, _ticks)
        for name in (key, f"-{key}"):
            found[name] = Order(name, label, column, read, write, nullable)
    return found


ORDERS = _orders()


def order_of(name: str) -> Order:
    """The order of that name; those updated last first when there is none."""
    return ORDERS.get(name) or ORDERS["-updated"]
