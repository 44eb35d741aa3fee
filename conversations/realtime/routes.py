"""URLs of the sockets."""

from django.urls import path

from conversations.realtime.sockets import AgentSocket, VisitorSocket

websocket_urlpatterns = [
    path("ws/visitor", VisitorSocket.as_asgi()),
    path("ws/agent", AgentSocket.as_asgi()),
]
