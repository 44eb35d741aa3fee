"""Connections through the guard, and errors as httpx knows them."""

import asyncio
import contextlib
import functools
import ssl
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpcore
import httpx

from lingxi.http.guard import GuardedBackend

KEEP_ALIVE = 30.0
Origin = tuple[bytes, bytes, int]  # scheme, host, port


@functools.lru_cache(maxsize=1)
def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connections through the guard, kept open for the next request to the same origin.

    httpx's own transport has no parameter for the network backend, and its pool looks through all
    connections several times per request; with hundreds in flight that costs more than the
    requests. Here the newest idle connection of the origin is taken, or a new one made.
    """

    def __init__(self, *, max_connections: int, verify: ssl.SSLContext | None = None) -> None:
        self._verify = verify or _ssl_context()
        self._free = asyncio.Semaphore(max_connections)
        self._idle: defaultdict[Origin, deque[httpcore.AsyncHTTPConnection]] = defaultdict(deque)
        self._pruned_at = time.monotonic()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the connection comes back when the answer is closed."""
        sent = _to_httpcore(request)
        await self._free.acquire()
        try:
            with _errors_of_httpx():
                connection, answer = await self._send(sent)
        except BaseException:
            self._free.release()
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Stream(
                answer, functools.partial(self._put_back, connection, _key(sent.url.origin))
            ),
            extensions=answer.extensions,
        )

    async def _send(
        self, request: httpcore.Request
    ) -> tuple[httpcore.AsyncHTTPConnection, httpcore.Response]:
        connection = await self._connection(request.url.origin)
        try:
            return connection, await connection.handle_async_request(request)
        except BaseException:
            await _close(connection)
            raise

    async def _connection(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        idle = self._idle[_key(origin)]
        while idle:
            connection = idle.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await _close(connection)
        return httpcore.AsyncHTTPConnection(
            origin,
            ssl_context=self._verify,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=GuardedBackend(),
        )

    async def _put_back(self, connection: httpcore.AsyncHTTPConnection, origin: Origin) -> None:
        self._free.release()
        if connection.is_available():
            self._idle[origin].append(connection)
        else:
            await _close(connection)
        if time.monotonic() - self._pruned_at > KEEP_ALIVE:
            await self._prune()

    async def _prune(self) -> None:
        self._pruned_at = time.monotonic()
        for origin, idle in list(self._idle.items()):
            while idle and idle[0].has_expired():
                await _close(idle.popleft())
            if not idle:
                self._idle.pop(origin, None)

    async def aclose(self) -> None:
        """Close what is idle."""
        for idle in self._idle.values():
            while idle:
                await _close(idle.pop())


class _Stream(httpx.AsyncByteStream):
    """The body of an answer, which gives the connection back when it is closed."""

    def __init__(self, answer: httpcore.Response, done: Callable[[], Awaitable[None]]) -> None:
        self._answer, self._done, self._open = answer, done, True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        if self._open:
            self._open = False
            try:
                await self._answer.aclose()
            finally:
                await self._done()


def _key(origin: httpcore.Origin) -> Origin:
    return origin.scheme, origin.host, origin.port


def _to_httpcore(request: httpx.Request) -> httpcore.Request:
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


async def _close(connection: httpcore.AsyncHTTPConnection) -> None:
    with contextlib.suppress(Exception):
        await asyncio.shield(connection.aclose())


@contextlib.contextmanager
def _errors_of_httpx() -> Iterator[None]:
    """httpcore's errors as those of the same name in httpx."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as exc:
        raise getattr(httpx, type(exc).__name__)(str(exc)) from exc
