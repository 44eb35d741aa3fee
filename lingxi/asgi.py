"""ASGI entry: HTTP to Django, WebSocket to the chat protocol."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingxi.settings")
django_app = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from conversations.api.longpoll import LongPoll  # noqa: E402
from conversations.realtime.routes import websocket_urlpatterns  # noqa: E402
from lingxi import celery  # noqa: E402, F401 - tasks are sent to its broker

application = ProtocolTypeRouter(
    {"http": LongPoll(django_app), "websocket": URLRouter(websocket_urlpatterns)}
)
