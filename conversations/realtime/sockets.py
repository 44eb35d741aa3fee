"""The agents' socket, and what every chat socket shares: protocol.md as an ASGI application.

The visitors' side is `conversations.channels.web.socket`. Both are plain ASGI rather than Channels
consumers: a consumer makes two tasks per frame, which at thousands of frames a second is a large
part of a core.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import structlog
from django.conf import settings
from django.utils import timezone

from conversations import ingest, roles
from conversations.actors import Actor
from conversations.ingest.validate import INTERNAL, clean_client_msg_id, clean_content
from conversations.origins import is_own
from conversations.principals import read_user
from conversations.realtime import reads, receiving
from conversations.realtime.connection import Connection
from conversations.realtime.database import in_database
from conversations.realtime.frames import Audience, dumps
from conversations.realtime.hub import get_hub
from lingxi.access.masking import sees_plain
from lingxi.access.permissions import check
from lingxi.api import parse_json
from lingxi.errors import (
    Forbidden,
    Invalid,
    LingxiError,
    NotAuthenticated,
    OriginNotAllowed,
    TooLong,
)
from lingxi.ids import parse_id
from routing import presence

logger = structlog.get_logger("conversations.realtime")
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
OPTIONS = settings.LINGXI
HELLO_WITHIN = 10.0
FRAMES_PER_SECOND, FRAMES_BURST = 200.0, 400.0


class ChatSocket:
    """What both sockets share: hello, frames in, acks out."""

    for_visitor: ClassVar[bool]

    def __init__(self) -> None:
        self.connection: Connection
        self.actor: Actor
        self._level, self._at = FRAMES_BURST, time.monotonic()

    @classmethod
    def as_asgi(cls) -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
        """The application; each connection gets an instance."""

        async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
            await cls().serve(scope, receive, send)

        return app

    async def serve(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """The life of one connection."""
        await receive()  # websocket.connect
        self.origin = _header(scope, b"origin")
        self.host = _header(scope, b"host")
        self.scope = scope
        await send({"type": "websocket.accept"})
        try:
            hello = await asyncio.wait_for(self._first_frame(receive), HELLO_WITHIN)
            self.connection = await self.authenticate(hello, send)
        except (LingxiError, TimeoutError) as exc:
            await _refuse(send, exc)
            return
        except _Gone:
            return
        await self._talk(hello, receive)

    async def _first_frame(self, receive: Receive) -> dict[str, Any]:
        frame = _parse(await _next_text(receive))
        if frame.get("t") != "hello" or frame.get("v", 1) != 1:
            raise Invalid("第一帧必须是 hello")
        return frame

    async def _talk(self, hello: dict[str, Any], receive: Receive) -> None:
        connection = self.connection
        connection.hub.join(connection)
        try:
            await self.welcome(hello)
            while True:
                text = await _next_text(receive)
                await self._slow_down()
                await self._handle(text)
        except _Gone:
            pass
        finally:
            connection.hub.part(connection)
            await self.farewell()

    async def _slow_down(self) -> None:
        """Too many frames are answered by reading slower, which TCP passes on to the sender."""
        now = time.monotonic()
        self._level = min(FRAMES_BURST, self._level + (now - self._at) * FRAMES_PER_SECOND) - 1
        self._at = now
        if self._level < 0:
            await asyncio.sleep(-self._level / FRAMES_PER_SECOND)

    async def _handle(self, text: str | bytes) -> None:
        frame: dict[str, Any] = {}
        try:
            frame = _parse(text)
            if frame.get("t") == "send":
                await self._send(frame)
            else:
                await self._handle_other(frame)
        except LingxiError as error:
            self._nack(frame.get("client_msg_id"), error)
        except Exception:
            logger.exception("frame failed", t=str(frame.get("t"))[:32])
            self._nack(frame.get("client_msg_id"), LingxiError())

    async def _handle_other(self, frame: dict[str, Any]) -> None:
        handle = _HANDLERS.get(str(frame.get("t")))
        if handle is None:
            raise Invalid("未知的帧类型")
        await handle(self, frame)

    # -- frames -----------------------------------------------------------------------------

    async def _send(self, frame: dict[str, Any]) -> None:
        client_msg_id = clean_client_msg_id(frame.get("client_msg_id"))
        content = clean_content(frame.get("kind"), frame.get("content"), frame.get("reply_to"))
        conversation_id = _conversation_id(frame)
        if self.for_visitor and frame["kind"] in INTERNAL:
            raise Forbidden
        if conversation_id not in self.connection.places:
            await self._subscribe(frame)  # who may not see it may not write to it either
        command = ingest.Command(conversation_id, self.actor, frame["kind"], content, client_msg_id)

        def answer(result: Any) -> None:
            if isinstance(result, LingxiError):
                self._nack(client_msg_id, result)
            else:
                self.connection.push(dumps(result.as_dict(for_visitor=self.for_visitor)))

        ingest.submit(command, answer, asyncio.get_running_loop())

    def _nack(self, client_msg_id: Any, error: LingxiError) -> None:
        self.connection.push_json(
            t="nack",
            client_msg_id=client_msg_id if isinstance(client_msg_id, str) else None,
            code=error.nack,
            retry_after=error.retry_after,
            detail=error.detail,
        )

    async def _ping(self, frame: dict[str, Any]) -> None:
        self.connection.push_json(t="pong", server_time=timezone.now())

    async def _subscribe(self, frame: dict[str, Any]) -> None:
        conversation_id = _conversation_id(frame)
        places = await self.places([conversation_id])
        place = places.get(conversation_id)
        if place is None:
            raise Forbidden("无权查看该会话")
        self._resume(place, _cursor(frame.get("epoch"), frame.get("after")))

    async def _typing(self, frame: dict[str, Any]) -> None:
        conversation_id = _conversation_id(frame)
        # Who only looks on (a supervisor) must not show up in the visitor's window.
        if self.for_visitor or await in_database(roles.may_write, conversation_id, self.actor.id):
            receiving.typing(self.connection, self.actor, conversation_id, frame)

    async def _read(self, frame: dict[str, Any]) -> None:
        self._receipt(frame, read=True)

    async def _received(self, frame: dict[str, Any]) -> None:
        self._receipt(frame, read=False)

    def _receipt(self, frame: dict[str, Any], *, read: bool) -> None:
        seq, conversation_id = frame.get("seq"), _conversation_id(frame)
        if type(seq) is not int or not 0 <= seq < 2**31:
            raise Invalid("seq 无效")
        if conversation_id in self.connection.places:
            self.receipts.add(conversation_id, seq, read=read)

    # -- differs by side --------------------------------------------------------------------

    async def authenticate(self, hello: dict[str, Any], send: Send) -> Connection:
        """Check token and Origin; the connection. Raises a `LingxiError`."""
        raise NotImplementedError

    async def places(self, wanted: list[uuid.UUID]) -> dict[uuid.UUID, reads.Place]:
        """Conversations to watch: the viewer's own, and those wanted that they may see."""
        raise NotImplementedError

    async def farewell(self) -> None:
        """After the end."""

    def greet(self) -> None:
        """Frames that come right after the welcome, before any other can."""

    def start(self, connection: Connection, actor: Actor) -> Connection:
        """Remember who this is."""
        self.connection, self.actor = connection, actor
        self.receipts = receiving.Receipts(connection, actor)
        return connection

    async def welcome(self, hello: dict[str, Any]) -> None:
        """Say welcome, subscribe, then stream what the cursors lack."""
        self.connection.push_json(
            t="welcome",
            resume=bool(hello.get("cursors")),
            heartbeat=settings.LINGXI["HEARTBEAT"],
            server_time=timezone.now(),
        )
        self.greet()
        cursors = _cursors(hello.get("cursors"))
        places = await self.places(list(cursors))
        for conversation_id in set(cursors) - set(places):
            self.connection.resync(conversation_id, "revoked")
        for conversation_id, place in places.items():
            self._resume(place, cursors.get(conversation_id))

    def _resume(self, place: reads.Place, cursor: tuple[int | None, int] | None) -> None:
        epoch, seq = cursor or (None, 0)
        if (epoch is not None and epoch != place.epoch) or seq > place.head:
            self.connection.resync(place.id, "epoch")
            seq = place.head
        self.connection.watch(place.id, seq)


class AgentSocket(ChatSocket):
    """`/ws/agent`: an agent by token, or by the log-in cookie from our own pages."""

    for_visitor = False

    async def authenticate(self, hello: dict[str, Any], send: Send) -> Connection:
        """By agent token, or by cookie from a page of our own."""
        token = hello.get("token")
        if token is None and not is_own(self.origin, self.host):
            raise OriginNotAllowed
        user, agent, groups = await in_database(_agent, token, self.scope.get("session"))
        plain = await in_database(sees_plain, user)
        audience = Audience.STAFF_PLAIN if plain else Audience.STAFF
        connection = Connection(get_hub(), send, audience, user)
        connection.agent_id, connection.group_ids = agent.id, groups
        return self.start(connection, Actor.agent(agent))

    async def welcome(self, hello: dict[str, Any]) -> None:
        """Open the lease, which brings work, and send the inbox besides."""
        connection = self.connection
        connection.lease = await in_database(presence.connect, connection.agent_id)
        cursors = hello.get("cursors")
        inbox = cursors.get("inbox") if isinstance(cursors, dict) else None
        place = inbox.get("seq") if isinstance(inbox, dict) else None
        place = place if isinstance(place, int) else None
        head, entries = await in_database(reads.inbox_after, connection.agent_id, place)
        # Nothing may be awaited between setting the place and sending what lies before it: a
        # newer entry would overtake, and the client take these for seen.
        self._missed: dict[str, Any] = {"t": "inbox", "seq": head, "events": entries}
        await super().welcome(hello)

    def greet(self) -> None:
        """What the inbox has since the cursor."""
        self.connection.inbox_place = self._missed["seq"]
        self.connection.push_json(**self._missed)

    async def places(self, wanted: list[uuid.UUID]) -> dict[uuid.UUID, reads.Place]:
        """What the agent serves, and what they may see of the rest."""
        return await in_database(reads.agent_places, self.connection.user, wanted)

    async def farewell(self) -> None:
        """End the lease."""
        if self.connection.lease:
            await asyncio.shield(in_database(presence.disconnect, [self.connection.lease]))


_HANDLERS: dict[str, Callable[[ChatSocket, dict[str, Any]], Awaitable[None]]] = {
    "ping": ChatSocket._ping,
    "subscribe": ChatSocket._subscribe,
    "typing": ChatSocket._typing,
    "read": ChatSocket._read,
    "received": ChatSocket._received,
}


class _Gone(Exception):
    """The peer closed."""


async def _next_text(receive: Receive) -> str | bytes:
    message = await receive()
    if message["type"] == "websocket.disconnect":
        raise _Gone
    return message.get("text") or message.get("bytes") or ""


def _parse(text: str | bytes) -> dict[str, Any]:
    frame = parse_json(text)
    if not isinstance(frame, dict):
        raise Invalid("帧必须是对象")
    if len(text) > OPTIONS["MAX_FRAME_BYTES"] and frame.get("t") != "send":
        raise TooLong
    return frame


async def _refuse(send: Send, exc: Exception) -> None:
    error = exc if isinstance(exc, LingxiError) else NotAuthenticated("没有收到 hello")
    code = {401: 4401, 403: 4403}.get(error.status, 4400)
    bye = {"t": "bye", "reason": error.code, "reconnect_after": None, "detail": error.detail}
    try:
        await send({"type": "websocket.send", "text": dumps(bye)})
        await send({"type": "websocket.close", "code": code, "reason": error.code})
    except Exception:
        logger.info("peer gone before refusal")


def _header(scope: dict[str, Any], name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _conversation_id(frame: dict[str, Any]) -> uuid.UUID:
    conversation_id = parse_id(frame.get("conversation"))
    if conversation_id is None:
        raise Invalid("会话编号无效")
    return conversation_id


def _cursors(said: Any) -> dict[uuid.UUID, tuple[int | None, int]]:
    """`{"<conversation>": {"epoch", "seq"}}`; at most 300, what cannot be read is left out."""
    cursors: dict[uuid.UUID, tuple[int | None, int]] = {}
    for key, value in list(said.items())[:300] if isinstance(said, dict) else ():
        conversation_id = parse_id(key)
        if conversation_id and isinstance(value, dict) and isinstance(value.get("seq"), int):
            cursors[conversation_id] = _cursor(value.get("epoch"), value["seq"])
    return cursors


def _cursor(epoch: Any, seq: Any) -> tuple[int | None, int]:
    """What is no number says nothing; nothing lies before the beginning."""
    return (
        epoch if isinstance(epoch, int) else None,
        max(seq, 0) if isinstance(seq, int) else 0,
    )


def _agent(token: Any, session: Any) -> tuple[Any, Any, set[str]]:
    user = user_of(session) if token is None else read_user(str(token))
    check(user, "workbench.use")
    agent = getattr(user, "agent", None)
    if agent is None:
        raise Forbidden("该账号不是坐席")
    return user, agent, {str(pk) for pk in agent.groups.values_list("pk", flat=True)}


def user_of(session: Any) -> Any:
    """The person by the log-in cookie's session. Raises `NotAuthenticated`."""
    from channels.auth import SESSION_KEY  # the key of Django's log-in in the session
    from django.contrib.auth import get_user_model

    pk = session.get(SESSION_KEY) if session is not None else None
    user = get_user_model().objects.filter(pk=pk, is_active=True).first() if pk else None
    if user is None or not _session_holds(session, user):
        raise NotAuthenticated
    return user


def _session_holds(session: Any, user: Any) -> bool:
    from django.contrib.auth import HASH_SESSION_KEY
    from django.utils.crypto import constant_time_compare

    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
