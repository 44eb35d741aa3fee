"""One page of tickets, fast whatever is asked for.

Two ways lead there, and which is fast depends on how many tickets fit:

*walk*: go through the tickets in order and read each, until the page is full. Fast where many fit.

*look up*: fetch all that the indexes have and sort them. Fast where few fit.

How many fit is not estimated: the planner's guesses about custom fields are far off. The walk goes
first, a few thousand steps. Where it did not fill the page, few fit, and they are looked up.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from tickets.listing.ordering import Order
from tickets.listing.state import State
from tickets.listing.viewer import Viewer
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet

PAGE = 50
STEPS = 3_000
MOST_COUNTED = 1_000
_RELATED = ("type", "group", "assignee", "requester", "issue_type", "created_by")
_READ = (
    *("number", "title", "priority", "status", "category", "tags", "fields", "source", "urges"),
    *("due_at", "is_breached", "created_at", "updated_at", "type_version", "fields_version"),
    *("type__name", "group__name", "assignee__name", "requester__name", "issue_type__name"),
    *("created_by__first_name", "created_by__username"),
)
_LOOKING_UP = """
SELECT set_config('enable_seqscan', 'off', true), set_config('random_page_cost', '1.1', true),
       set_config('jit', 'off', true), set_config('work_mem', '32MB', true)
"""


@dataclass(frozen=True)
class Page:
    """Tickets in order; the places of the pages beside it, empty at the ends."""

    tickets: Sequence[Ticket]
    after: str
    before: str


def page_of(state: State, viewer: Viewer, size: int = PAGE) -> Page:
    """The page that the state asks for."""
    rows = _rows(state, viewer, size)
    is_back = state.cursor is not None and state.cursor.is_before
    has_more = len(rows) > size
    rows = rows[:size]
    if is_back:
        rows.reverse()
    place = state.order.place
    after = place(rows[-1]) if rows and (has_more or is_back) else ""
    has_before = has_more if is_back else state.cursor is not None
    return Page(rows, after, place(rows[0]) if rows and has_before else "")


def _rows(state: State, viewer: Viewer, size: int) -> list[Ticket]:
    """One more than a page, if there are."""
    ids = _ids(state, viewer, size + 1)
    rows = Ticket.objects.select_related(*_RELATED).only(*_READ).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def _ids(state: State, viewer: Viewer, most: int) -> list[uuid.UUID]:
    order, cursor = state.order, state.cursor
    is_back = cursor is not None and cursor.is_before
    condition = state.condition(viewer)
    behind = order.beyond(cursor) if cursor is not None else Q()
    wanted = Ticket.objects.visible_to(viewer.user).filter(behind, condition.exact)
    horizon = _horizon(order, behind, is_back=is_back)
    near = order.up_to(horizon[0], reverse=is_back) if horizon else Q()
    rows = wanted.filter(near).order_by(*order.by(reverse=is_back))
    found = list(rows.values_list("pk", flat=True)[:most])
    if horizon is None or len(found) == most:
        return found
    with looking_up():
        rows = narrowed(wanted, condition.indexed, viewer)
        rows = rows.order_by(*order.by(reverse=is_back, indexed=False))
        return list(rows.values_list("pk", flat=True)[:most])


def _horizon(order: Order, behind: Q, *, is_back: bool) -> tuple[Any] | None:
    """How far the walk goes; None where that is to the end. Read from the index alone."""
    rows = Ticket.objects.filter(behind).order_by(*order.by(reverse=is_back))
    found = list(rows.values_list(order.column)[STEPS : STEPS + 1])
    return found[0] if found else None


def narrowed(rows: TicketQuerySet, indexed: Q, viewer: Viewer) -> TicketQuerySet:
    """The same tickets, said so that indexes find them."""
    own = viewer.narrowing()
    rows = rows.filter(indexed) if indexed else rows
    return rows.filter(own) if own is not None else rows


@contextmanager
def looking_up() -> Iterator[None]:
    """Have what follows use indexes: reading all tickets is what it is to avoid."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOOKING_UP)
        yield


def count_of(state: State, viewer: Viewer, most: int = MOST_COUNTED) -> int:
    """How many tickets fit, counted up to `most` + 1."""
    condition = state.condition(viewer)
    rows = Ticket.objects.visible_to(viewer.user).filter(condition.exact)
    if not state.is_filtered:
        return rows.order_by()[: most + 1].count()
    with looking_up():
        found = narrowed(rows, condition.indexed, viewer)
        return found.order_by()[: most + 1].count()


def narrowed_count(state: State, viewer: Viewer, most: int) -> int:
    """How many tickets fit, counted up to `most`."""
    return min(count_of(state, viewer, most), most)


def ids_of(state: State, viewer: Viewer, most: int) -> list[uuid.UUID]:
    """The ids of all that fit, oldest first, at most `most`."""
    condition = state.condition(viewer)
    rows = Ticket.objects.visible_to(viewer.user).filter(condition.exact)
    with looking_up():
        found = narrowed(rows, condition.indexed, viewer)
        return sorted(found.order_by().values_list("pk", flat=True)[:most])
