"""A partner's server that behaves as well or as badly as the path asks for.

    with Receiver() as receiver:
        url = receiver.url("/status/500")
        ...
        receiver.requests   # everything that came in, in order

It runs in a thread of the test process, so that it outlives the senders a test kills.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

Behaviour = Callable[["Receiver", "Received", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of an HTTP answer; underscores in header names become hyphens."""
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _ok(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(200, b"ok", set_cookie="seen=1"))
    if request.path.endswith("/then-close"):
        writer.close()


async def _status(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(int(request.path.rpartition("/")[2]), b"no"))


async def _busy(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(503, b"later", retry_after="120"))


async def _redirect(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(302, location=receiver.url("/ok")))


async def _hang(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _delay(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(float(request.path.rpartition("/")[2]))
    writer.write(answer(200))


async def _endless(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 X\r\ncontent-length: 10000000000\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def _drip(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 X\r\ncontent-length: 10000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.5)


async def _bomb(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    import gzip

    packed = gzip.compress(b"\0" * 10_000_000)
    writer.write(answer(200, packed, content_encoding="gzip"))


async def _truncated(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\nhalf")
    writer.close()


async def _garbage(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xffSSH-2.0-hello\r\n\r\n")
    writer.close()


async def _flaky(receiver: "Receiver", request: Received, writer: asyncio.StreamWriter) -> None:
    """Fails the first time it sees an id."""
    seen = sum(one.id == request.id for one in receiver.requests)
    writer.write(answer(500 if seen == 1 else 200))


BEHAVIOURS: dict[str, Behaviour] = {
    "ok": _ok,
    "status": _status,
    "busy": _busy,
    "redirect": _redirect,
    "hang": _hang,
    "delay": _delay,
    "endless": _endless,
    "drip": _drip,
    "bomb": _bomb,
    "truncated": _truncated,
    "garbage": _garbage,
    "flaky": _flaky,
}


class Receiver:
    """The server; a context manager."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.connections = 0
        self.port = 0

    def url(self, path: str = "/ok") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ids(self, path: str | None = None) -> list[str]:
        """The webhook ids that came in."""
        return [one.id for one in self.requests if path in (None, one.path)]

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=[self._run(ready)], daemon=True)
        self._thread.start()
        assert ready.wait(5)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(5)

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._done.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            while not writer.is_closing():
                await self._exchange(reader, writer)
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, Any] = {}
        for line in filter(None, head[1:]):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Received(head[0].split(" ")[1], headers, body)
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await BEHAVIOURS[request.path.split("/")[1]](self, request, writer)
            await writer.drain()
        finally:
            self.in_flight -= 1
