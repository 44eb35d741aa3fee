"""The baseline: one ORM transaction and one group_send per message, as tutorials write it.

It speaks enough of the protocol for the same load, on the same tables and the same server.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingxi.settings")

import django

django.setup()

from typing import Any  # noqa: E402

import orjson  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import transaction  # noqa: E402
from django.urls import path  # noqa: E402

from conversations.models import Conversation, Message  # noqa: E402
from conversations.principals import read_user, read_visitor  # noqa: E402
from lingxi.events.models import Event  # noqa: E402


class Visitor(AsyncJsonWebsocketConsumer):
    """Writes and sends, one message at a time."""

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        """As compact as the product's frames, which is what the load looks for."""
        return orjson.dumps(content).decode()

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Hello, or a message."""
        if content["t"] == "hello":
            self.visitor = read_visitor(content["token"])
            conversation = await database_sync_to_async(self._open)()
            await self.channel_layer.group_add(f"c{conversation.hex}", self.channel_name)
            await self.send_json({"t": "welcome"})
            return
        message = await database_sync_to_async(self._write)(content)
        await self.send_json(
            {"t": "ack", "client_msg_id": message.client_msg_id, "seq": message.seq}
        )
        await self.channel_layer.group_send(
            f"c{message.conversation_id.hex}",
            {
                "type": "chat.event",
                "conversation": str(message.conversation_id),
                "event": {
                    "seq": message.seq,
                    "kind": "message",
                    "client_msg_id": message.client_msg_id,
                    "content": message.content,
                },
            },
        )

    def _open(self) -> Any:
        return Conversation.objects.open().get(customer_id=self.visitor.customer_id).id

    def _write(self, content: Any) -> Message:
        with transaction.atomic():
            conversation = Conversation.objects.select_for_update().get(pk=content["conversation"])
            conversation.last_seq += 1
            conversation.visitor_seq += 1
            conversation.save(update_fields=["last_seq", "visitor_seq"])
            message = Message.objects.create(
                conversation=conversation,
                seq=conversation.last_seq,
                visitor_seq=conversation.visitor_seq,
                kind="message",
                author_type="visitor",
                author_id=self.visitor.customer_id,
                client_msg_id=content["client_msg_id"],
                content=content["content"],
            )
            Event.objects.create(
                type="message.received",
                conversation_id=conversation.id,
                payload={"text": message.text},
            )
        return message

    async def chat_event(self, message: Any) -> None:
        """Shown to a viewer."""
        await self.send_json(
            {
                "t": "events",
                "conversation": message["conversation"],
                "events": [message["event"]],
            }
        )


class Agent(Visitor):
    """Joins the groups of what it serves."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Hello."""
        ids = await database_sync_to_async(self._serving)(content["token"])
        for pk in ids:
            await self.channel_layer.group_add(f"c{pk.hex}", self.channel_name)
        await self.send_json({"t": "welcome"})

    def _serving(self, token: str) -> list[Any]:
        user = read_user(token)
        return list(
            Conversation.objects.open().filter(agent__user=user).values_list("id", flat=True)
        )


application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter(
            [path("ws/visitor", Visitor.as_asgi()), path("ws/agent", Agent.as_asgi())]
        ),
    }
)
