"""Reading what a customer was told."""

from typing import Any

from conversations.models import Conversation, Message
from lingxi.events.models import Event
from lingxi.events.relay import relay_batch


def relay() -> None:
    """Hand all pending events to their subscribers."""
    while relay_batch():
        pass


def entries(conversation: Conversation) -> list[Message]:
    """What was written of tickets, as the visitor gets it."""
    rows = Message.objects.for_visitor(conversation.pk, 0)
    return list(rows.filter(content__has_key="ticket"))


def texts(conversation: Conversation) -> list[str]:
    """The words of it."""
    return [row.text for row in entries(conversation)]


def events(*types: str) -> list[Event]:
    """Ticket events in order."""
    return list(Event.objects.filter(type__in=types).order_by("position"))


def card(conversation: Conversation) -> dict[str, Any]:
    """The latest state of the only ticket."""
    return max(
        (row.content["ticket"] for row in entries(conversation)), key=lambda one: one["revision"]
    )
