"""URLs of the sockets."""

from typing import Any, cast

from channels.sessions import SessionMiddlewareStack
from django.urls import path

from conversations.channels.web.socket import VisitorSocket
from conversations.floor.socket import FloorSocket
from conversations.realtime.sockets import AgentSocket

websocket_urlpatterns = [
    path("ws/visitor", cast("Any", VisitorSocket.as_asgi())),
    path("ws/agent", SessionMiddlewareStack(AgentSocket.as_asgi())),
    path("ws/floor", SessionMiddlewareStack(FloorSocket.as_asgi())),
]
