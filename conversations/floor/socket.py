"""`/ws/floor`: the floor, live. By the log-in cookie, from a page of our own.

The browser says `{"t": "hello", "v": 1, "version": …}` with the version its page came with. It is
sent `welcome`, then `floor` frames, each with the rows that changed since the one before, and
`beat` at every heartbeat. Besides `ping` it may say nothing.
"""

from typing import Any

from django.conf import settings
from django.utils import timezone

from conversations.floor.feed import feed_of, known_version
from conversations.floor.scope import Viewer, viewer_of
from conversations.origins import is_own
from conversations.realtime.connection import Connection
from conversations.realtime.database import in_database
from conversations.realtime.frames import Audience
from conversations.realtime.hub import get_hub
from conversations.realtime.sockets import ChatSocket, Send, user_of
from lingxi.access.permissions import check
from lingxi.errors import Forbidden, Invalid, OriginNotAllowed


class FloorSocket(ChatSocket):
    """One browser in front of the floor. It shares the socket's life with the chat's."""

    for_visitor = False

    async def authenticate(self, hello: dict[str, Any], send: Send) -> Connection:
        """By cookie only. Raises `OriginNotAllowed`, `NotAuthenticated` or `Forbidden`."""
        if not is_own(self.origin, self.host):
            raise OriginNotAllowed
        user, self._viewer = await in_database(_person, self.scope.get("session"))
        self.connection = Connection(get_hub(), send, Audience.STAFF, user)
        return self.connection

    async def welcome(self, hello: dict[str, Any]) -> None:
        """Say welcome, then let the feed tell."""
        self.connection.push_json(
            t="welcome", heartbeat=settings.LINGXI["HEARTBEAT"], server_time=timezone.now()
        )
        feed = feed_of(self.connection.hub)
        feed.join(self.connection, self._viewer, known_version(hello.get("version")))

    async def farewell(self) -> None:
        """Watch no more."""
        feed_of(self.connection.hub).part(self.connection)

    async def _send(self, frame: dict[str, Any]) -> None:
        raise Invalid("未知的帧类型")

    async def _handle_other(self, frame: dict[str, Any]) -> None:
        if frame.get("t") != "ping":
            raise Invalid("未知的帧类型")
        await self._ping(frame)


def _person(session: Any) -> tuple[Any, Viewer]:
    user = user_of(session)
    check(user, "floor.view")
    viewer = viewer_of(user)
    if viewer is None:
        raise Forbidden
    return user, viewer
