"""Tickets of a customer who became another: they go over with everything else."""

import uuid

from conversations.models import Customer
from lingxi.events.models import Event
from lingxi.events.subscribers import subscriber
from lingxi.ids import parse_id
from tickets.models import Ticket
from tickets.service import SYSTEM, change_of


def register() -> None:
    """Subscribe to merges of customers."""
    subscriber("ticket-merges", ["customer.merged"])(take)


def take(events: list[Event]) -> None:
    """Hand over, merge by merge; again finds nothing left to hand over."""
    for event in events:
        source, target = (parse_id(event.payload.get(name)) for name in ("source", "target"))
        if source is not None and target is not None:
            hand_over(source, target)


def hand_over(source: uuid.UUID, target: uuid.UUID) -> int:
    """Give all tickets of one customer to another; how many."""
    customer = _living(target)
    ids = Ticket.objects.filter(requester_id=source).order_by("pk").values_list("pk", flat=True)
    if customer is None or customer.pk == source:
        return 0
    for ticket_id in list(ids):
        with change_of(ticket_id, SYSTEM) as change:
            change.set("requester", customer)
    return len(ids)


def _living(customer_id: uuid.UUID) -> Customer | None:
    """The customer, or whom they have become meanwhile."""
    found = Customer.objects.select_related("merged_into").filter(pk=customer_id).first()
    return found.merged_into or found if found else None
