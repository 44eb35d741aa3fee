"""How far each side has received and read, and the delivery status that follows from it."""

import uuid
from dataclasses import dataclass

from django.db.models import F, Max, Q
from django.db.models.functions import Greatest, Least

from conversations.actors import Actor
from conversations.models import (
    AuthorType,
    Conversation,
    Message,
    Participant,
    ParticipantRole,
)


@dataclass(frozen=True, slots=True)
class Receipts:
    """How far the other side is, in the viewer's own numbering."""

    received: int = 0
    read: int = 0


def _own(conversation_id: uuid.UUID, actor: Actor) -> Q:
    agent_id = actor.id if actor.type == AuthorType.AGENT else None
    unseen = Q(role=ParticipantRole.MONITOR)  # who looks on must not show
    return Q(conversation_id=conversation_id, agent_id=agent_id) & ~unseen


def mark(conversation_id: uuid.UUID, actor: Actor, seq: int, *, read: bool) -> int | None:
    """Move a participant's cursor forward to `seq` (their own numbering), never back.

    Returns the new place in the log's numbering, or None when nothing moved. A place beyond the
    end counts as the end; one who takes no part moves nothing.
    """
    if actor.type == AuthorType.VISITOR:
        seq = _log_seq(conversation_id, seq)
    end = Conversation.objects.filter(pk=conversation_id).values("last_seq")
    moved = {"received_seq": Greatest(F("received_seq"), Least(seq, end))}
    if read:
        moved["read_seq"] = Greatest(F("read_seq"), Least(seq, end))
    behind = {"read_seq__lt": seq} if read else {"received_seq__lt": seq}
    changed = Participant.objects.filter(_own(conversation_id, actor), **behind).update(**moved)
    return seq if changed else None


def _log_seq(conversation_id: uuid.UUID, visitor_seq: int) -> int:
    """The visitor's numbering in the log's."""
    found = Message.objects.filter(
        conversation_id=conversation_id, visitor_seq__lte=visitor_seq
    ).aggregate(seq=Max("seq"))
    return found["seq"] or 0


def visitor_place(conversation_id: uuid.UUID, seq: int) -> int:
    """The log's numbering in the visitor's."""
    found = Message.objects.filter(
        conversation_id=conversation_id, seq__lte=seq, visitor_seq__isnull=False
    ).aggregate(seq=Max("visitor_seq"))
    return found["seq"] or 0


def of_other_side(conversation_id: uuid.UUID, *, for_visitor: bool) -> Receipts:
    """How far the agents (for a visitor) or the visitor (for staff) have come."""
    others = Participant.objects.filter(
        conversation_id=conversation_id, agent__isnull=not for_visitor
    ).aggregate(received=Max("received_seq"), read=Max("read_seq"))
    received, read = others["received"] or 0, others["read"] or 0
    if not for_visitor:
        return Receipts(received, read)
    return Receipts(
        visitor_place(conversation_id, received) if received else 0,
        visitor_place(conversation_id, read) if read else 0,
    )


def delivery_status(seq: int, receipts: Receipts, *, has_agent: bool) -> str:
    """queued → dispatched → delivered → read, for an own message at `seq`."""
    if seq <= receipts.read:
        return "read"
    if seq <= receipts.received:
        return "delivered"
    return "dispatched" if has_agent else "queued"
