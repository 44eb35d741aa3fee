"""The board: tickets in columns, by what their status means, or by the statuses of one type."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lingxi.errors import TransitionNotAllowed
from tickets import service
from tickets.forms import form_in_force
from tickets.listing.columns import Cell, due_cell, exact
from tickets.listing.ordering import ORDERS, Cursor
from tickets.listing.paging import count_of, page_of
from tickets.listing.state import State
from tickets.listing.viewer import Viewer
from tickets.models import Category, Priority, Ticket, TicketType
from tickets.service import By, transitions_for
from tickets.workflow import Transition
from tickets.workflows import compiled, workflow_of

PER_COLUMN = 50
MOST_COUNTED = 99
KEPT = ("q", "type", "group", "assignee", "priority", "sla", "tag")


@dataclass(frozen=True)
class Card:
    """A ticket on the board."""

    ticket: Ticket
    title: str
    requester: str
    priority: str
    due: Cell
    updated: str


@dataclass(frozen=True)
class BoardColumn:
    """A column. `after` is the place to go on from, if there are more."""

    key: str
    name: str
    category: str
    cards: list[Card]
    count: str
    after: str


def single_type(state: State, viewer: Viewer) -> TicketType | None:
    """The one type that is chosen; the board then has its statuses."""
    chosen = state.values.get("type", ())
    found = [one for one in viewer.types if str(one.pk) in chosen]
    return found[0] if len(found) == 1 == len(chosen) and found[0].current_id else None


def names_of(state: State, viewer: Viewer) -> list[tuple[str, str, str]]:
    """Key, name and category of each column."""
    type = single_type(state, viewer)
    if type is None or type.current_id is None:
        return [(str(one.value), str(one.label), str(one.value)) for one in Category]
    statuses = compiled(type.current_id).statuses.values()
    return [(one.key, one.name, str(one.category)) for one in statuses]


def board_state(state: State) -> State:
    """What of a state the board heeds: no column is left out, and it has an order of its own."""
    values = {name: one for name, one in state.values.items() if name in KEPT}
    return replace(state, values=values, order=ORDERS["-updated"], cursor=None)


def column_of(
    state: State, viewer: Viewer, key: str, name: str, category: str, *, after: str = ""
) -> BoardColumn:
    """A column, or what comes in it behind `after`."""
    by = "status" if single_type(state, viewer) else "category"
    values: Mapping[str, tuple[str, ...]] = {**state.values, by: (key,)}
    cursor: Cursor | None = state.order.cursor(after, "")
    own = replace(state, values=values, cursor=cursor)
    page = page_of(own, viewer, PER_COLUMN)
    number = 0 if after else count_of(own, viewer, MOST_COUNTED)
    count = f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)
    cards = [_card(viewer, row) for row in page.tickets]
    return BoardColumn(key, name, category, cards, count, page.after)


def columns_of(state: State, viewer: Viewer) -> list[BoardColumn]:
    """All of them."""
    return [column_of(state, viewer, *each) for each in names_of(state, viewer)]


def _card(viewer: Viewer, row: Ticket) -> Card:
    from lingxi.access.masking import for_viewer

    name = for_viewer(viewer.user, row.requester.display_name) if row.requester else ""
    return Card(
        row,
        for_viewer(viewer.user, row.title),
        name,
        str(Priority(row.priority).label),
        due_cell(viewer, row),
        exact(row.updated_at),
    )


def move(user: Any, ticket: Ticket, key: str, *, by_status: bool) -> str:
    """Move a ticket into a column; the key of the transition that must be asked about first.

    Empty when it was moved, or is there. Raises `TransitionNotAllowed` where no transition leads
    there for this person, and what `service.move` does.
    """
    workflow = workflow_of(ticket)
    if key == (ticket.status if by_status else ticket.category):
        return ""
    leading = [
        one
        for one in transitions_for(ticket, By.staff(user))
        if key == (one.to if by_status else workflow.status(one.to).category)
    ]
    if not leading:
        here = workflow.status(ticket.status).name
        raise TransitionNotAllowed(f"{ticket.reference} 不能从“{here}”移到这一列")
    step = next((one for one in leading if not _asks(ticket, one)), leading[0])
    if _asks(ticket, step):
        return step.key
    service.move(ticket.pk, step.key, By.staff(user), revision=ticket.revision)
    return ""


def _asks(ticket: Ticket, step: Transition) -> bool:
    """Whether a transition wants something that the ticket does not have yet."""
    form = form_in_force(ticket.type)
    known = form.by_key if form else {}
    missing = [key for key in step.required if key in known and key not in ticket.fields]
    return bool(missing or step.needs_comment or step.approval)
