"""A chat socket for tests, straight on the ASGI application."""

import asyncio
from typing import Any

import orjson

from lingxi.asgi import application


class Closed(Exception):
    """The server closed the socket; `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Socket:
    """`async with Socket("/ws/visitor", token) as socket:` says hello and waits for welcome."""

    def __init__(
        self,
        path: str,
        token: str | None = None,
        cursors: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.token, self.cursors = token, cursors or {}
        self.log: list[dict[str, Any]] = []  # every entry received so far
        raw = [(key.lower().encode(), value.encode()) for key, value in (headers or {}).items()]
        self._scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"testserver"), *raw],
            "subprotocols": [],
        }
        self._in: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def __aenter__(self) -> "Socket":
        await self.connect()
        await self.hello()
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.close()

    async def connect(self) -> None:
        """Open the socket."""
        self._task = asyncio.create_task(application(self._scope, self._in.get, self._out.put))
        await self._in.put({"type": "websocket.connect"})
        accepted = await asyncio.wait_for(self._out.get(), 5)
        assert accepted["type"] == "websocket.accept"

    async def hello(self) -> dict[str, Any]:
        """Say hello and return the welcome."""
        hello = {"t": "hello", "v": 1, "cursors": self.cursors}
        if self.token is not None:
            hello["token"] = self.token
        await self.send(hello)
        return await self.expect("welcome")

    async def send(self, frame: dict[str, Any] | str | bytes) -> None:
        """Send a frame; text and bytes go as they are."""
        message: dict[str, Any] = {"type": "websocket.receive"}
        if isinstance(frame, bytes):
            message["bytes"] = frame
        else:
            message["text"] = frame if isinstance(frame, str) else orjson.dumps(frame).decode()
        await self._in.put(message)

    async def say(
        self, conversation: Any, text: str, client_msg_id: str, kind: str = "text"
    ) -> None:
        """Send a text message."""
        await self.send(
            {
                "t": "send",
                "conversation": str(conversation),
                "client_msg_id": client_msg_id,
                "kind": kind,
                "content": {"text": text},
            }
        )

    async def receive(self, seconds: float = 5) -> dict[str, Any]:
        """The next frame. Raises `Closed`."""
        message = await asyncio.wait_for(self._out.get(), seconds)
        if message["type"] == "websocket.close":
            raise Closed(message["code"])
        frame = orjson.loads(message["text"])
        if frame["t"] == "events":
            self.log += frame["events"]
        return frame

    async def expect(self, t: str, seconds: float = 5) -> dict[str, Any]:
        """The next frame of type `t`, passing over others."""
        while True:
            frame = await self.receive(seconds)
            if frame["t"] == t:
                return frame
            if frame["t"] == "bye":
                raise AssertionError(frame)

    async def entries(self, count: int, seconds: float = 5) -> list[dict[str, Any]]:
        """The next `count` log entries, from as many frames as they take."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += (await self.expect("events", seconds))["events"]
        return found

    async def logged(self, count: int, seconds: float = 5) -> list[dict[str, Any]]:
        """All entries received since the socket opened, once there are `count`."""
        while len(self.log) < count:
            await self.expect("events", seconds)
        return self.log

    async def is_silent(self, seconds: float = 0.3) -> bool:
        """Whether no log entry comes for a while."""
        try:
            await self.expect("events", seconds)
        except TimeoutError:
            return True
        return False

    async def close(self) -> None:
        """Disconnect and let the server finish."""
        await self._in.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._task, 5)
