"""Keeping `Ticket.terms` in step with the ticket."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tickets.forms import form_of_ticket
from tickets.listing.terms import terms_of
from tickets.models import Ticket

if TYPE_CHECKING:
    from tickets.service.change import Change

BATCH = 1_000


def on_change(change: "Change") -> None:
    """Index what a change writes, in the same save."""
    ticket = change.ticket
    if ticket._state.adding or _differs(change):
        ticket.terms = terms_for(ticket)


def _differs(change: "Change") -> bool:
    ticket, before = change.ticket, change.before
    return any(
        getattr(ticket, name) != before[name] for name in ("title", "fields", "fields_version_id")
    )


def terms_for(ticket: Ticket) -> list[int]:
    """The terms of a ticket as it stands."""
    form = form_of_ticket(ticket)
    types = {}
    if form is not None:
        types = {one.key: one.type for one in form.fields}
        types |= {key: one.type for key, one in form.former.items() if key in ticket.fields}
    return terms_of(ticket.title, ticket.fields, types)


def reindex() -> Iterator[int]:
    """Write the terms of all tickets anew; yields how many are done. For rows made elsewhere."""
    done, last = 0, None
    while True:
        rows = Ticket.objects.only("title", "fields", "fields_version").order_by("pk")
        found = list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
        if not found:
            return
        for ticket in found:
            ticket.terms = terms_for(ticket)
        Ticket.objects.bulk_update(found, ["terms"])
        done, last = done + len(found), found[-1].pk
        yield done
