"""Group commit: what arrives while the last commit runs goes into the next one.

Idle, a message is written at once; under load, hundreds share a transaction. The order is fixed:
write → COMMIT → ack → hint. A process killed before the ack leaves a message that the client
sends again under the same id.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from prometheus_client import Counter, Histogram

from conversations.ingest.batch import Result, write_batch
from conversations.ingest.commands import Ack, Command
from conversations.models import AuthorType
from lingxi.database import again_if_lost
from lingxi.errors import Busy, LingxiError, RateLimited

logger = structlog.get_logger("conversations.ingest")
OPTIONS = settings.LINGXI  # looked up once: this is the hot path
MAX_BATCH = 500
MAX_WAITING = 10_000
MESSAGES = Counter("lingxi_messages", "Messages written", ["result"])
BATCHES = Histogram("lingxi_ingest_batch", "Messages per commit", buckets=(1, 2, 5, 20, 100, 500))

Callback = Callable[[Result], None]


class Bucket:
    """A token bucket: `rate` a second, up to `burst` at once."""

    __slots__ = ("at", "level")

    def __init__(self) -> None:
        self.level, self.at = float(OPTIONS["VISITOR_MESSAGES_BURST"]), time.monotonic()

    def take(self) -> float:
        """0 when there was a token, else the seconds until there is one."""
        rate = OPTIONS["VISITOR_MESSAGES_PER_SECOND"]
        now = time.monotonic()
        burst = OPTIONS["VISITOR_MESSAGES_BURST"]
        self.level = min(burst, self.level + (now - self.at) * rate)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / rate


class Writer:
    """The process's writer thread; it starts with the first command."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Command, Callback, asyncio.AbstractEventLoop | None]] = deque()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._buckets: dict[object, Bucket] = {}

    def submit(
        self,
        command: Command,
        callback: Callback,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Queue a command; `callback` runs in `loop`, or in the writer thread without one.

        Raises `RateLimited` or `Busy` at once.
        """
        self._throttle(command)
        if len(self._waiting) >= MAX_WAITING:
            raise Busy(retry_after=2)
        self._waiting.append((command, callback, loop))
        self._wake.set()
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def _throttle(self, command: Command) -> None:
        if command.actor.type != AuthorType.VISITOR:
            return
        if len(self._buckets) > 50_000:
            self._buckets.clear()
        bucket = self._buckets.get(command.actor.id)
        if bucket is None:
            bucket = self._buckets[command.actor.id] = Bucket()
        wait = bucket.take()
        if wait:
            raise RateLimited(retry_after=wait)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            if not self._waiting:
                connection.close()  # back to the pool while idle
                self._wake.wait()
            self._wake.clear()
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]
            if not group:
                continue
            try:
                self._commit(group)
            except Exception:
                logger.exception("ingest failed")

    def _commit(
        self, group: Sequence[tuple[Command, Callback, asyncio.AbstractEventLoop | None]]
    ) -> None:
        from conversations.realtime import hints

        results, rows = _write([command for command, _, _ in group])
        _count(results)
        by_loop: dict[asyncio.AbstractEventLoop | None, list[tuple[Callback, Result]]] = {}
        for (_, callback, loop), result in zip(group, results, strict=True):
            by_loop.setdefault(loop, []).append((callback, result))
        for loop, answers in by_loop.items():
            if loop is None:
                _answer(answers)
            else:
                loop.call_soon_threadsafe(_answer, answers)
        hints.rows(rows)


def _count(results: Sequence[Result]) -> None:
    BATCHES.observe(len(results))
    acked = sum(isinstance(result, Ack) for result in results)
    MESSAGES.labels("acked").inc(acked)
    MESSAGES.labels("refused").inc(len(results) - acked)


def _answer(answers: Sequence[tuple[Callback, Result]]) -> None:
    for callback, result in answers:
        try:
            callback(result)
        except Exception:
            logger.exception("answer failed")


def _write(commands: Sequence[Command]) -> tuple[list[Result], list]:
    try:
        # The ids of the messages make a second try harmless.
        return again_if_lost(write_batch, commands)
    except (InterfaceError, OperationalError) as exc:
        connection.close()
        logger.warning("commit failed", error=str(exc)[:300], commands=len(commands))
        return [Busy(retry_after=1) for _ in commands], []
    except Exception:
        connection.close()
        if len(commands) > 1:
            return _one_by_one(commands)
        logger.exception("a command could not be written")
        return [LingxiError()], []


def _one_by_one(commands: Sequence[Command]) -> tuple[list[Result], list]:
    """Find the command that spoils the group; the rest go through."""
    results, rows = [], []
    for command in commands:
        result, row = _write([command])
        results += result
        rows += row
    return results, rows


_writer = Writer()


def submit(
    command: Command, callback: Callback, loop: asyncio.AbstractEventLoop | None = None
) -> None:
    """Queue a command with the process's writer; see `Writer.submit`."""
    _writer.submit(command, callback, loop)


def send(command: Command, timeout: float = 10) -> Ack:
    """Write one message and wait for its commit. Raises a `LingxiError`."""
    done: Future[Result] = Future()
    submit(command, done.set_result)
    try:
        result = done.result(timeout)
    except TimeoutError as exc:
        raise Busy(retry_after=2) from exc
    if isinstance(result, LingxiError):
        raise result
    return result
