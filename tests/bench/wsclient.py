"""A WebSocket client that costs little, so that a bench measures the server and not itself.

RFC 6455 without extensions: text frames, pings answered, no fragments. The masking key is zero,
which the standard allows and which saves masking.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from urllib.parse import urlsplit


class WebSocket(asyncio.Protocol):
    """`on_text(payload: bytes)` is called for every text frame."""

    def __init__(self, path: str, host: str, on_text: Callable[[bytes], None]) -> None:
        self._path, self._host, self.on_text = path, host, on_text
        self._buffer = bytearray()
        self._open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        self.transport = transport  # type: ignore[assignment]
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            (
                f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        """Collect and cut into frames."""
        self._buffer += data
        if not self._open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(bytes(self._buffer[:200]))
            del self._buffer[: end + 4]
            self._open = True
            self.opened.set_result(None)
        self._frames()

    def _frames(self) -> None:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            size, head = buffer[at + 1] & 127, 2
            if size == 126:
                size, head = int.from_bytes(buffer[at + 2 : at + 4]), 4
            elif size == 127:
                size, head = int.from_bytes(buffer[at + 2 : at + 10]), 10
            if len(buffer) - at < head + size:
                break
            opcode, payload = buffer[at] & 15, bytes(buffer[at + head : at + head + size])
            at += head + size
            if opcode == 1:
                self.on_text(payload)
            elif opcode == 9:
                self._write(0x8A, payload)
        del buffer[:at]

    def send(self, payload: bytes) -> None:
        """Send a text frame."""
        self._write(0x81, payload)

    def _write(self, first: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = bytes((first, 0x80 | size))
        else:
            head = bytes((first, 0x80 | 126)) + size.to_bytes(2)
        self.transport.write(head + b"\0\0\0\0" + payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever still waits for the opening learns that it will not come."""
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed"))

    def close(self) -> None:
        """Close without ceremony."""
        self.transport.close()


async def connect(url: str, on_text: Callable[[bytes], None]) -> WebSocket:
    """An open socket to `ws://host:port/path`."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(
        lambda: WebSocket(parts.path, parts.netloc, on_text), parts.hostname or "", parts.port or 80
    )
    await protocol.opened
    return protocol
