"""The visitors' socket: one customer on one channel, by token."""

import uuid
from typing import Any

from conversations.actors import Actor
from conversations.models import Channel, Customer
from conversations.origins import check_origin
from conversations.principals import Visitor, read_visitor
from conversations.realtime import reads
from conversations.realtime.connection import Connection
from conversations.realtime.database import in_database
from conversations.realtime.frames import Audience
from conversations.realtime.hub import get_hub
from conversations.realtime.sockets import ChatSocket, Send
from lingxi.errors import NotAuthenticated, TokenExpired
from routing import queue


class VisitorSocket(ChatSocket):
    """`/ws/visitor`: one customer on one channel, by token."""

    for_visitor = True

    async def authenticate(self, hello: dict[str, Any], send: Send) -> Connection:
        """By visitor token, from a page the channel allows."""
        self.visitor = read_visitor(_token(hello))
        await in_database(_check_origin, self.visitor, self.origin, self.host)
        connection = Connection(get_hub(), send, Audience.VISITOR, self.visitor)
        connection.customer_id = self.visitor.customer_id
        return self.start(connection, Actor.visitor(self.visitor.customer_id))

    async def welcome(self, hello: dict[str, Any]) -> None:
        """Besides, say where a waiting visitor stands."""
        await super().welcome(hello)
        for frame in await in_database(_queue_frames, list(self.connection.places)):
            self.connection.push_json(**frame)

    async def places(self, wanted: list[uuid.UUID]) -> dict[uuid.UUID, reads.Place]:
        """The visitor's own conversations."""
        return await in_database(reads.visitor_places, self.visitor, wanted)


def _token(hello: dict[str, Any]) -> str:
    token = hello.get("token")
    if not isinstance(token, str):
        raise NotAuthenticated
    return token


def _check_origin(visitor: Visitor, origin: str | None, host: str | None) -> None:
    channel = Channel.objects.filter(pk=visitor.channel_id, is_active=True).first()
    if channel is None:
        raise NotAuthenticated("渠道已停用")
    if Customer.objects.filter(pk=visitor.customer_id).exclude(merged_into=None).exists():
        raise TokenExpired
    check_origin(channel, origin, host)


def _queue_frames(conversation_ids: list[uuid.UUID]) -> list[dict[str, Any]]:
    places = {pk: queue.position_of("conversation", pk) for pk in conversation_ids}
    return [
        {"t": "queue", "conversation": str(pk), **place.as_dict()}
        for pk, place in places.items()
        if place is not None
    ]
