"""Everything the page of the list shows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tickets.listing.columns import Column, Row, chosen_columns, offered_columns, rows_of
from tickets.listing.fields import Offered
from tickets.listing.filters import BY_NAME, FILTERS, Filter
from tickets.listing.ordering import ORDERS
from tickets.listing.paging import page_of
from tickets.listing.state import State
from tickets.listing.viewer import Viewer
from tickets.listing.views import SYSTEM_VIEWS, View, saved_views
from tickets.models import ListTaste

_PRESENCE = {"empty": "为空", "filled": "不为空"}


@dataclass(frozen=True)
class Input:
    """An input of the filter form with what is chosen."""

    filter: Filter
    choices: list[tuple[str, str, bool]]
    value: str
    low: str
    high: str

    @property
    def chosen(self) -> int:
        """How many are chosen."""
        return sum(is_chosen for *_, is_chosen in self.choices)

    @property
    def is_long(self) -> bool:
        """Whether there are so many choices that one wants to search among them."""
        return len(self.choices) > 12


@dataclass(frozen=True)
class FieldInput:
    """An input for a custom field."""

    offer: Offered
    choices: list[tuple[str, str, bool]]
    value: str
    low: str
    high: str
    presence: str


@dataclass(frozen=True)
class Chip:
    """A filter in force; `query` is the list without it."""

    label: str
    text: str
    query: str


class ListPage:
    """What the template reads. Evaluated when it is rendered, once."""

    def __init__(self, state: State, viewer: Viewer) -> None:
        self.state, self.viewer = state, viewer
        taste = ListTaste.objects.filter(user_id=viewer.user.pk).first()
        self.is_dense = taste.is_dense if taste else False
        self.columns: list[Column] = chosen_columns(viewer, taste.columns if taste else ())

    @cached_property
    def page(self) -> Any:
        """The tickets."""
        return page_of(self.state, self.viewer)

    @cached_property
    def rows(self) -> list[Row]:
        """The tickets as rows."""
        return rows_of(self.viewer, self.page.tickets, self.columns)

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The columns with what a click on their head leads to."""
        return [self._head(one) for one in self.columns]

    def _head(self, column: Column) -> dict[str, Any]:
        order = self.state.order
        is_sorted = bool(column.sort) and order.key == column.sort
        first = column.sort if column.sort == "due" else f"-{column.sort}"
        flipped = column.sort if order.descends else f"-{column.sort}"
        asked = flipped if is_sorted else first
        return {
            "column": column,
            "query": self.state.query(sort=asked) if column.sort else "",
            "sorted": ("descending" if order.descends else "ascending") if is_sorted else "",
        }

    @property
    def next_query(self) -> str:
        """The next page."""
        return self.state.query(after=self.page.after) if self.page.after else ""

    @property
    def previous_query(self) -> str:
        """The page before."""
        return self.state.query(before=self.page.before) if self.page.before else ""

    @property
    def choosable(self) -> list[tuple[Column, bool]]:
        """Every column with whether it is shown; those shown first, in their order."""
        shown = {one.name for one in self.columns}
        rest = [one for one in offered_columns(self.viewer) if one.name not in shown]
        return [*((one, True) for one in self.columns), *((one, False) for one in rest)]

    @cached_property
    def quick(self) -> list[Input]:
        """The inputs above the list."""
        return [self._input(one) for one in FILTERS if one.is_quick and one.name != "q"]

    @cached_property
    def further(self) -> list[Input]:
        """The other inputs."""
        return [self._input(one) for one in FILTERS if not one.is_quick]

    @property
    def words(self) -> str:
        """What stands in the search box."""
        return "".join(self.state.values.get("q", ()))

    def _input(self, one: Filter) -> Input:
        values = self.state.values.get(one.name, ())
        if one.kind == "dates":
            low, high = values or ("", "")
            return Input(one, [], "", low, high)
        choices = [(value, label, value in values) for value, label in one.choices(self.viewer)]
        return Input(one, choices, "".join(values) if one.kind == "text" else "", "", "")

    @cached_property
    def fields(self) -> list[FieldInput]:
        """Inputs of custom fields."""
        return [self._field_input(name, one) for name, one in self.viewer.offered.items()]

    def _field_input(self, name: str, offer: Offered) -> FieldInput:
        asked = self.state.asked.get(name)
        values = asked.values if asked else ()
        choices = [(value, label, value in values) for value, label in offer.choices()]
        return FieldInput(
            offer,
            choices if offer.kind == "choices" else [],
            "".join(values) if offer.kind == "text" else "",
            asked.low if asked else "",
            asked.high if asked else "",
            asked.presence if asked else "",
        )

    @property
    def further_count(self) -> int:
        """How many of the further filters are in force."""
        names = {one.filter.name for one in self.further}
        return len(names & set(self.state.values)) + len(self.state.asked)

    @cached_property
    def chips(self) -> list[Chip]:
        """The filters in force, each with a way out."""
        return [*self._chips_of_values(), *self._chips_of_fields()]

    def _chips_of_values(self) -> list[Chip]:
        found = []
        for name, values in self.state.values.items():
            one = BY_NAME[name]
            if one.kind == "dates":
                text = _between(*values)
                found.append(Chip(one.label, text, self.state.without(name).query()))
                continue
            labels = dict(one.choices(self.viewer))
            found += [
                Chip(one.label, labels.get(value, value).strip("　"),
                     self.state.without(name, value).query())
                for value in values
            ]  # fmt: skip
        return found

    def _chips_of_fields(self) -> list[Chip]:
        found = []
        for name, asked in self.state.asked.items():
            offer = self.viewer.offered[name]
            labels = dict(offer.choices()) if offer.kind == "choices" else {}
            parts = [labels.get(one, one).strip("　") for one in asked.values]
            if asked.low or asked.high:
                parts.append(_between(asked.low, asked.high))
            if asked.presence:
                parts.append(_PRESENCE[asked.presence])
            query = self.state.without(name).query()
            found.append(Chip(offer.field.label, "、".join(parts), query))
        return found

    @property
    def system_views(self) -> tuple[View, ...]:
        """Those everybody has."""
        return SYSTEM_VIEWS

    @cached_property
    def saved(self) -> list[View]:
        """One's own and shared ones."""
        return saved_views(self.viewer.user)

    @cached_property
    def view(self) -> View | None:
        """The view that is open."""
        if not self.state.view:
            return None if self.state.is_filtered else SYSTEM_VIEWS[-1]
        every = (*SYSTEM_VIEWS, *self.saved)
        return next((one for one in every if one.key == self.state.view), None)

    @property
    def is_changed(self) -> bool:
        """Whether filters or order are others than the open view's."""
        return self.view is not None and self.view.query != self.state.filters_query

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """Orders for the phone, where there are no heads to click."""
        own = self.state.order.name
        return [
            (name, f"{one.label}{'↓' if one.descends else '↑'}", name == own)
            for name, one in ORDERS.items()
        ]


def _between(low: str, high: str) -> str:
    if low and high:
        return f"{low} 至 {high}"
    return f"≥ {low}" if low else f"≤ {high}"
