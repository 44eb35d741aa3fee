"""A partner's server: takes webhooks, remembers their ids, and is not always well."""

import asyncio
import contextlib
from collections import Counter
from typing import Self

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
UNWELL = b"HTTP/1.1 503 Unwell\r\ncontent-length: 0\r\n\r\n"
UNWELL_EVERY = 200


class Receiver:
    """An asyncio HTTP server; ``ids`` counts how often each webhook id was accepted."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        self.unwell = 0
        self.port = 0
        self._refused: set[str] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """What is configured as the endpoint."""
        return f"http://127.0.0.1:{self.port}/hooks"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await asyncio.sleep(0.1)  # those who wait for a request see the end

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                writer.write(self._answer(await _webhook_id(reader)))
                await writer.drain()
        self._writers.discard(writer)
        writer.close()

    def _answer(self, webhook_id: str) -> bytes:
        """One in some is refused the first time, which the sender has to try again."""
        if int(webhook_id[-8:], 16) % UNWELL_EVERY == 0 and webhook_id not in self._refused:
            self._refused.add(webhook_id)
            self.unwell += 1
            return UNWELL
        self.ids[webhook_id] += 1
        return OK


async def _webhook_id(reader: asyncio.StreamReader) -> str:
    """Read one request to its end."""
    webhook_id, length = "", 0
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "webhook-id":
            webhook_id = value.strip()
        elif name.lower() == "content-length":
            length = int(value)
    await reader.readexactly(length)
    return webhook_id
