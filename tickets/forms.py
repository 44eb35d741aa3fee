"""The custom fields of tickets: which form applies to which ticket."""

import uuid
from typing import TYPE_CHECKING

from tickets.models import Ticket, TicketType

if TYPE_CHECKING:
    from lingxi.fields import Form


def form_in_force(type: TicketType) -> "Form | None":
    """The form that tickets of the type are written with now; None when none is published."""
    return _form(type.schema.current_id)


def form_of_ticket(ticket: Ticket) -> "Form | None":
    """The form that the ticket was written with."""
    return _form(ticket.fields_version_id)


def _form(version_id: uuid.UUID | None) -> "Form | None":
    if version_id is None:
        return None
    from lingxi.fields import form_of

    return form_of(version_id)
