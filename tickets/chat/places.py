"""Where the customer of a ticket is told about it: in one of their own conversations; and which
tickets they see on which channel.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef

from conversations.models import Conversation
from tickets.models import Link, Ticket
from tickets.querysets import TicketQuerySet

Place = Conversation


def tickets_on(channel_id: uuid.UUID, customer_id: uuid.UUID) -> TicketQuerySet:
    """The customer's tickets as far as they belong on the channel: linked to a conversation there,
    or to none. Each channel vouches for its own visitors only, as with conversations.
    """
    links = Link.objects.filter(ticket=OuterRef("pk"))
    here = Exists(links.filter(conversation__channel=channel_id))
    return Ticket.objects.for_customer(customer_id).filter(~Exists(links) | here)


def places_of(tickets: Iterable[Ticket]) -> dict[uuid.UUID, Place]:
    """The conversation for each ticket, by the ticket's id; three queries for all of them.

    The open one on the channel that the ticket came from; else the one it came from, though that
    is over. A ticket from elsewhere is told in the customer's open conversation, else in their
    last. Conversations of other people are none, whatever they are linked to.
    """
    known = [one for one in tickets if one.requester_id is not None]
    linked = _linked(known)
    open_ones = _open(known)
    found: dict[uuid.UUID, Place] = {}
    last: dict[uuid.UUID, Place] = {}
    rest = [one for one in known if not linked[one.pk] and not open_ones[one.requester_id]]
    if rest:
        last = _last([one.requester_id for one in rest if one.requester_id])
    for ticket in known:
        place = _place(linked[ticket.pk], open_ones[ticket.requester_id])
        place = place or last.get(ticket.requester_id)  # type: ignore[arg-type]
        if place is not None:
            found[ticket.pk] = place
    return found


def _place(linked: Sequence[Place], open_ones: Sequence[Place]) -> Place | None:
    if not linked:
        return open_ones[0] if open_ones else None
    here = linked[0]
    same = (one for one in open_ones if one.channel_id == here.channel_id)
    return next(same, here)


def _linked(tickets: Sequence[Ticket]) -> "defaultdict[uuid.UUID, list[Place]]":
    """The requesters' own conversations that the tickets are linked to, the source first."""
    rows = (
        Link.objects.filter(ticket__in=[one.pk for one in tickets])
        .select_related("conversation__channel")
        .order_by("-is_source", "-conversation__created_at")
    )
    whose = {one.pk: one.requester_id for one in tickets}
    found: defaultdict[uuid.UUID, list[Place]] = defaultdict(list)
    for row in rows:
        if row.conversation.customer_id == whose[row.ticket_id]:
            found[row.ticket_id].append(row.conversation)
    return found


def _open(tickets: Sequence[Ticket]) -> "defaultdict[uuid.UUID | None, list[Place]]":
    """The open conversations of each customer, the latest first."""
    customers = {one.requester_id for one in tickets}
    rows = Conversation.objects.open().filter(customer__in=customers).select_related("channel")
    found: defaultdict[uuid.UUID | None, list[Place]] = defaultdict(list)
    for row in rows.order_by("-created_at"):
        found[row.customer_id].append(row)
    return found


def _last(customers: Sequence[uuid.UUID]) -> dict[uuid.UUID, Place]:
    """The latest conversation of each customer."""
    rows = Conversation.objects.filter(customer__in=set(customers)).select_related("channel")
    latest = rows.order_by("customer_id", "-created_at").distinct("customer_id")
    return {row.customer_id: row for row in latest}
