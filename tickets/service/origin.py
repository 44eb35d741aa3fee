"""The conversation that a ticket came from, for events: partners join the two by it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from tickets.models import Link


@dataclass(frozen=True, slots=True)
class Origin:
    """What every event tells of where it comes from; empty for tickets made without a chat."""

    conversation_id: uuid.UUID | None = None
    channel: str = ""


NOWHERE = Origin()


def origins_of(ticket_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Origin]:
    """The origins of tickets that have one, in one query."""
    rows = Link.objects.filter(ticket__in=list(ticket_ids), is_source=True).values_list(
        "ticket_id", "conversation_id", "conversation__channel__key"
    )
    return {pk: Origin(conversation_id, channel) for pk, conversation_id, channel in rows}
