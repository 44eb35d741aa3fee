"""The state of the list, which is its address: filters, order, columns, place.

Parsing never fails: an address may come from an old bookmark, or from anybody's keyboard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from tickets.listing.condition import Condition
from tickets.listing.fields import Asked, Offered, condition_of
from tickets.listing.filters import BY_NAME, FILTERS, MOST_VALUES
from tickets.listing.ordering import ORDERS, Cursor, Order, order_of
from tickets.listing.viewer import Viewer

MOST_TEXT = 200
_FIELD = "f."


@dataclass(frozen=True)
class State:
    """What is asked of the list. `asked` holds custom fields by their name."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: Mapping[str, Asked] = field(default_factory=dict)
    order: Order = ORDERS["-updated"]
    view: str = ""
    cursor: Cursor | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return bool(self.values or self.asked)

    def condition(self, viewer: Viewer) -> Condition:
        """What tickets have to fulfil."""
        found = Condition()
        for name, values in self.values.items():
            found &= BY_NAME[name].apply(viewer, values)
        for name, asked in self.asked.items():
            found &= condition_of(viewer.offered[name], asked, viewer.user)
        return found

    def pairs(self) -> list[tuple[str, str]]:
        """The filters as they stand in the address."""
        found: list[tuple[str, str]] = []
        for name, values in self.values.items():
            if BY_NAME[name].kind == "dates":
                days = zip(("from", "to"), values, strict=True)
                found += [(f"{name}.{end}", value) for end, value in days if value]
            else:
                found += [(name, value) for value in values]
        for name, asked in self.asked.items():
            found += [(name, value) for value in asked.values]
            ends = (("from", asked.low), ("to", asked.high), ("is", asked.presence))
            found += [(f"{name}.{end}", value) for end, value in ends if value]
        return found

    def query(self, **other: Any) -> str:
        """The query string: filters, order and view, with `other` instead or besides."""
        pairs = [(name, value) for name, value in self.pairs() if name not in other]
        own = {"sort": self.order.name if self.order is not ORDERS["-updated"] else ""}
        own |= {"view": self.view} | other
        pairs += [(name, str(value)) for name, value in own.items() if value not in ("", None)]
        return urlencode(pairs)

    @property
    def filters_query(self) -> str:
        """Filters and order alone: what a saved view keeps."""
        return self.query(view="")

    def without(self, name: str, value: str = "") -> "State":
        """Less one filter, or less one of its values; from the first page on."""
        values, asked = dict(self.values), dict(self.asked)
        if name in values:
            rest = tuple(one for one in values.pop(name) if value and one != value)
            if rest and BY_NAME[name].kind == "choices":
                values[name] = rest
        asked.pop(name, None)
        return replace(self, values=values, asked=asked, cursor=None)


def parse(data: QueryDict, viewer: Viewer) -> State:
    """The state that an address spells."""
    values: dict[str, tuple[str, ...]] = {}
    for one in FILTERS:
        if one.kind == "dates":
            ends = _clean(data.get(f"{one.name}.from")), _clean(data.get(f"{one.name}.to"))
            if any(ends):
                values[one.name] = ends
        elif found := _all(data, one.name):
            values[one.name] = found if one.kind == "choices" else found[-1:]
    order = order_of(data.get("sort", ""))
    return State(
        values=values,
        asked=_asked(data, viewer),
        order=order,
        view=_clean(data.get("view"))[:40],
        cursor=order.cursor(data.get("after", ""), data.get("before", "")),
    )


def _asked(data: QueryDict, viewer: Viewer) -> dict[str, Asked]:
    wanted = {key.split(".")[1] for key in data if key.startswith(_FIELD)}
    found = {}
    for name in (f"{_FIELD}{key}" for key in sorted(wanted)):
        offer = viewer.offered.get(name)
        asked = _asked_of(data, name, offer) if offer else None
        if asked:
            found[name] = asked
    return found


def _asked_of(data: QueryDict, name: str, offer: Offered) -> Asked:
    values = _all(data, name) if offer.kind in {"choices", "text"} else ()
    presence = _clean(data.get(f"{name}.is"))
    is_range = offer.kind == "range"
    return Asked(
        values=values if offer.kind == "choices" else values[-1:],
        low=_clean(data.get(f"{name}.from")) if is_range else "",
        high=_clean(data.get(f"{name}.to")) if is_range else "",
        presence=presence if presence in {"empty", "filled"} else "",
    )


def _all(data: QueryDict, name: str) -> tuple[str, ...]:
    found = (_clean(one) for one in data.getlist(name)[:MOST_VALUES])
    return tuple(dict.fromkeys(one for one in found if one))


def _clean(text: str | None) -> str:
    """Without what no column can hold."""
    cut = (text or "").strip()[:MOST_TEXT].replace("\x00", "")
    return cut.encode("utf-8", "ignore").decode()
