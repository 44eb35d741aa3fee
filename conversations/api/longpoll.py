"""Long polling without holding a thread or a database connection while nothing happens.

This stands before Django, because a thread is tied to a request for as long as Django has it. It
asks Django, and when the answer is "nothing new" it waits for the hub and asks again. So token,
page and rights are checked before the wait and after it, by the same view.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson
import structlog

from conversations.realtime import hub
from lingxi.ids import parse_id

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

PATH = "/api/v1/visitor/events"
MAX_WAIT = 25

logger = structlog.get_logger("conversations.longpoll")


class LongPoll:
    """An ASGI application around Django's that adds ``wait=`` to the visitors' events."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        wait = _wanted(scope)
        if not wait:
            await self.app(scope, receive, send)
            return
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            pass  # a GET has no body worth keeping
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            answer = await self._answer(scope, wait, gone)
            if not gone.done():
                await answer.pass_on(send)
        finally:
            gone.cancel()

    async def _answer(self, scope: Message, wait: int, gone: "asyncio.Future[None]") -> "_Answer":
        deadline = time.monotonic() + wait
        answer = await self._ask(scope)
        while (place := answer.nothing_after()) is not None and not gone.done():
            left = deadline - time.monotonic()
            if left <= 0 or not await _news(*place, left, gone):
                break
            answer = await self._ask(scope)
        return answer

    async def _ask(self, scope: Message) -> "_Answer":
        answer = _Answer()
        await self.app(dict(scope), _no_body(), answer.take)
        return answer


class _Answer:
    """A response kept back."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self._messages.append(message)

    async def pass_on(self, send: Send) -> None:
        for message in self._messages:
            await send(message)

    def nothing_after(self) -> tuple[uuid.UUID, int] | None:
        """The conversation and its place when there was nothing new; None for anything else."""
        if not self._messages or self._messages[0].get("status") != 200:
            return None
        body = orjson.loads(b"".join(one.get("body", b"") for one in self._messages[1:]))
        conversation_id = parse_id(body["conversation"])
        if body["events"] or body["state"] == "closed" or conversation_id is None:
            return None
        return conversation_id, body["seq"]


async def _news(
    conversation_id: uuid.UUID, seq: int, seconds: float, gone: "asyncio.Future[None]"
) -> bool:
    """Wait; False when it is no use to ask again."""
    waiting = asyncio.ensure_future(hub.wait_for(conversation_id, seq, seconds))
    started = time.monotonic()
    try:
        await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if waiting.done() and not waiting.cancelled() and waiting.exception() is not None:
        logger.warning("cannot wait", error=str(waiting.exception())[:200])
        return False
    return not gone.done() and time.monotonic() - started < seconds


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _no_body() -> Receive:
    told = False

    async def receive() -> Message:
        nonlocal told
        if told:
            await asyncio.Future()  # Django listens for a disconnect until it has answered
        told = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


def _wanted(scope: Message) -> int:
    """The seconds to wait; 0 where there is nothing to do here."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != PATH:
        return 0
    said = parse_qs(scope["query_string"].decode("latin-1")).get("wait", [""])[0]
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        return 0  # the view refuses it, in its own words
    return min(int(said), MAX_WAIT)
