"""What sockets read from the database. Synchronous; called through `in_database`."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Q

from conversations.models import Conversation, Inbox, InboxEntry, Participant
from conversations.principals import Visitor
from conversations.realtime.frames import Audience
from conversations.roles import WRITERS
from conversations.wire import read_log
from lingxi.access.permissions import can

MAX_INBOX = 200


@dataclass
class Found:
    """What follows a place; `too_many` to be streamed, then only `head` counts."""

    events: list[dict[str, Any]]
    head: int = 0
    too_many: bool = False


@dataclass
class Place:
    """Where a conversation stands for a viewer."""

    id: uuid.UUID
    epoch: int
    head: int


def after(conversation_id: uuid.UUID, place: int, audience: Audience, user: Any) -> Found | None:
    """The entries after `place`; None when the viewer may not see the conversation any more.

    `user` is the person, or the `Visitor`. Rights are asked anew at every read.
    """
    conversation = visible(audience, user, [conversation_id]).get(conversation_id)
    if conversation is None:
        return None
    limit = settings.LINGXI["MAX_BACKLOG"]
    visitor = audience is Audience.VISITOR
    head = conversation.visitor_seq if visitor else conversation.last_seq
    if head - place > limit:
        return Found([], head, too_many=True)
    plain = audience is not Audience.STAFF
    events = read_log(conversation_id, place, limit, for_visitor=visitor, plain=plain)
    return Found(events, head)


def visible(
    audience: Audience, user: Any, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, Conversation]:
    """Those of `ids` the viewer may see."""
    rows = Conversation.objects.only("id", "epoch", "last_seq", "visitor_seq", "state")
    if audience is Audience.VISITOR:
        mine = rows.filter(customer_id=user.customer_id, channel_id=user.channel_id)
        return mine.in_bulk(list(ids))
    return rows.visible_to(fresh(user)).in_bulk(list(ids))


def fresh(user: Any) -> Any:
    """The person as they are now: rights may have changed since the socket opened."""
    return get_user_model().objects.filter(pk=user.pk).first() or user


def visitor_places(visitor: Visitor, wanted: Collection[uuid.UUID]) -> dict[uuid.UUID, Place]:
    """The visitor's open conversation and those asked for, as far as they are the visitor's."""
    mine = Conversation.objects.filter(
        customer_id=visitor.customer_id, channel_id=visitor.channel_id
    ).only("id", "epoch", "visitor_seq")
    rows = list(mine.open()) + list(mine.filter(pk__in=wanted))
    return {row.id: Place(row.id, row.epoch, row.visitor_seq) for row in rows}


def agent_places(user: Any, wanted: Collection[uuid.UUID]) -> dict[uuid.UUID, Place]:
    """What the agent serves or takes part in now, and what was asked for and they may see."""
    user = fresh(user)
    rows = Conversation.objects.only("id", "epoch", "last_seq")
    joined = Participant.objects.filter(agent__user=user, role__in=WRITERS)
    mine = Q(agent__user=user) | Q(pk__in=joined.values("conversation_id"))
    serving = list(rows.open().filter(mine))
    asked = list(rows.visible_to(user).filter(pk__in=wanted)) if wanted else []
    return {row.id: Place(row.id, row.epoch, row.last_seq) for row in serving + asked}


def may_work(user: Any) -> bool:
    """Whether the person may still use the agents' socket: role, activity and password hold."""
    now = fresh(user)
    same_password = now.get_session_auth_hash() == user.get_session_auth_hash()
    return same_password and can(now, "workbench.use")


def inbox_after(agent_id: uuid.UUID, place: int | None) -> tuple[int, list[dict[str, Any]]]:
    """The inbox's end and its entries after `place` (none for a first look or a too old one)."""
    box = Inbox.objects.filter(agent_id=agent_id).first()
    head = box.last_seq if box else 0
    if place is None or head - place > MAX_INBOX:
        return head, []
    entries = InboxEntry.objects.filter(agent_id=agent_id, seq__gt=place).order_by("seq")
    return head, [
        {"seq": entry.seq, "conversation": str(entry.conversation_id), "change": entry.change}
        for entry in entries
    ]


def heads(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """(last_seq, visitor_seq) of many conversations, in one query."""
    rows = Conversation.objects.filter(pk__in=ids).values_list("pk", "last_seq", "visitor_seq")
    return {pk: (last, visitor) for pk, last, visitor in rows}


def inbox_heads(agent_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The ends of many inboxes, in one query."""
    return dict(Inbox.objects.filter(agent_id__in=agent_ids).values_list("agent_id", "last_seq"))


_RECEIPTS = """
SELECT c.id,
       coalesce(v.received_seq, 0), coalesce(v.read_seq, 0),
       coalesce(place(c.id, a.received_seq), 0), coalesce(place(c.id, a.read_seq), 0)
FROM unnest(%s::uuid[]) AS c(id)
LEFT JOIN conversations_participant v ON v.conversation_id = c.id AND v.agent_id IS NULL
LEFT JOIN LATERAL (
    SELECT max(received_seq) AS received_seq, max(read_seq) AS read_seq
    FROM conversations_participant p WHERE p.conversation_id = c.id AND p.agent_id IS NOT NULL
) a ON true
"""
_PLACE = (
    "(SELECT m.visitor_seq FROM conversations_message m WHERE m.conversation_id = c.id"
    " AND m.seq <= a.{column} AND m.visitor_seq IS NOT NULL ORDER BY m.seq DESC LIMIT 1)"
)


def receipts(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int, int, int]]:
    """Visitor's (received, read) in the log's numbering, then the agents' in the visitor's."""
    query = _RECEIPTS
    for column in ("received_seq", "read_seq"):
        query = query.replace(f"place(c.id, a.{column})", _PLACE.format(column=column))
    with connection.cursor() as cursor:
        cursor.execute(query, [list(ids)])
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in cursor.fetchall()}
