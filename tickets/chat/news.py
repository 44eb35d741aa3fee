"""What a visitor who comes back is told at once: how many tickets, and where to read of them."""

import datetime as dt
import uuid
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from conversations import returning, wire
from conversations.models import Conversation
from routing.strategy.keeping import Kept
from tickets.chat.places import places_of, tickets_on
from tickets.models import ACTIVE, TicketType

SHOWN = dt.timedelta(days=14)  # after its last change a ticket that is done is news no more
LOOKED_AT = 5


def register() -> None:
    """Add to what returning visitors are told."""
    returning.register(told)


def told(customer_id: uuid.UUID, channel_id: uuid.UUID) -> dict[str, Any]:
    """`tickets`: how many are active and in all, whether new ones can be made by form, and the
    ended conversation whose log tells of them, when none is open. Nothing when there is nothing.
    """
    rows = tickets_on(channel_id, customer_id)
    counts = rows.aggregate(total=Count("pk"), active=Count("pk", filter=Q(category__in=ACTIVE)))
    forms = _forms.get()
    if not counts["total"] and not forms:
        return {}
    conversation = _ended(customer_id, channel_id) if counts["total"] else None
    described = wire.describe(conversation, for_visitor=True) if conversation else None
    return {"tickets": {**counts, "forms": forms, "conversation": described}}


def _read_forms() -> bool:
    types = TicketType.objects.filter(is_public=True, is_active=True)
    return types.exclude(current=None).exists()


_forms = Kept(_read_forms)


def _ended(customer_id: uuid.UUID, channel_id: uuid.UUID) -> Conversation | None:
    here = Conversation.objects.filter(customer=customer_id, channel=channel_id)
    if here.open().exists():
        return None
    is_news = Q(category__in=ACTIVE) | Q(updated_at__gt=timezone.now() - SHOWN)
    rows = tickets_on(channel_id, customer_id).filter(is_news).order_by("-updated_at")
    tickets = list(rows[:LOOKED_AT])
    places = places_of(tickets)
    found = (places[one.pk] for one in tickets if one.pk in places)
    return next((one for one in found if one.channel_id == channel_id), None)
