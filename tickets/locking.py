"""Locks of sweeps: what somebody else is at is left to them, or to the next sweep."""

import uuid

from tickets.models import Ticket


def lock_if_free(ticket_id: uuid.UUID) -> bool:
    """Lock a ticket for this transaction; False when somebody else has it, or it is gone."""
    rows = Ticket.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=ticket_id)
    return bool(rows.values_list("pk", flat=True))
