"""One socket: its places in the logs it watches, and its outgoing frames."""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings

from conversations.realtime import reads
from conversations.realtime.database import in_database
from conversations.realtime.frames import Audience, Batch, dumps, events_frame

if TYPE_CHECKING:
    from conversations.realtime.hub import Hub

logger = structlog.get_logger("conversations.realtime")
Send = Callable[[dict[str, Any]], Awaitable[None]]
MAX_FRAMES = 256  # unsent; beyond it the socket stops listening to hints and catches up later


class Connection:
    """The only state that matters is `places`: the last seq sent, per conversation."""

    def __init__(self, hub: "Hub", send: Send, audience: Audience, user: Any = None) -> None:
        self.hub, self.audience, self.user = hub, audience, user
        self.agent_id: uuid.UUID | None = None
        self.customer_id: uuid.UUID | None = None
        self.group_ids: set[str] = set()
        self.inbox_place: int | None = None
        self.places: dict[uuid.UUID, int] = {}
        self.lease: uuid.UUID | None = None
        self._catching: set[uuid.UUID] = set()
        self._behind: set[uuid.UUID] = set()
        self._send = send
        self._frames: deque[str] = deque()
        self._writing = False
        self._writing_since: float | None = None
        self._writer: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.closed = False

    # -- outgoing ---------------------------------------------------------------------------

    def push(self, frame: str) -> None:
        """Queue a frame."""
        if self.closed:
            return
        self._frames.append(frame)
        if not self._writing:
            self._writing = True
            self._writer = self.hub.loop.create_task(self._write())

    @property
    def unsent(self) -> int:
        """How many frames wait for the peer to read."""
        return len(self._frames)

    def push_json(self, **frame: Any) -> None:
        """Queue a frame given by its fields."""
        self.push(dumps(frame))

    async def _write(self) -> None:
        try:
            while self._frames:
                self._writing_since = time.monotonic()
                await self._send({"type": "websocket.send", "text": self._frames.popleft()})
        except Exception:  # the peer is gone; the receiving side ends the connection
            self._frames.clear()
            self.closed = True
        finally:
            self._writing, self._writing_since = False, None
        for conversation_id in list(self._behind):
            self._behind.discard(conversation_id)
            self.look(conversation_id)

    def is_stuck(self, now: float) -> bool:
        """Whether the peer has not read for too long."""
        since = self._writing_since
        return since is not None and now - since > settings.LINGXI["SLOW_READER"]

    # -- watching ---------------------------------------------------------------------------

    def watch(self, conversation_id: uuid.UUID, place: int) -> None:
        """Subscribe first, then read what follows `place`."""
        self.places[conversation_id] = place
        self.hub.add(conversation_id, self)
        self.look(conversation_id)

    def unwatch(self, conversation_id: uuid.UUID) -> None:
        """Stop."""
        self.places.pop(conversation_id, None)
        self.hub.discard(conversation_id, self)

    def offer(self, batch: Batch) -> None:
        """Rows just committed: sent if they are next in sequence, else the log is read."""
        conversation_id = batch.conversation_id
        first, last, frame = batch.frame(self.audience)
        place = self.places.get(conversation_id)
        if place is None or last <= place:
            return
        if conversation_id in self._catching or len(self._frames) > MAX_FRAMES:
            self._behind.add(conversation_id)
        elif first == place + 1:
            self.places[conversation_id] = last
            self.push(frame)
        else:
            self.look(conversation_id)

    def head(self, conversation_id: uuid.UUID, seq: int) -> None:
        """The log reaches to `seq`: look if that is further than what was sent."""
        place = self.places.get(conversation_id)
        if place is not None and seq > place:
            self.look(conversation_id)

    def look(self, conversation_id: uuid.UUID) -> None:
        """Read the log after the place, in the background, once at a time."""
        if conversation_id in self._catching:
            self._behind.add(conversation_id)
            return
        self._catching.add(conversation_id)
        self.spawn(self._catch_up(conversation_id))

    async def _catch_up(self, conversation_id: uuid.UUID) -> None:
        try:
            more = True
            while more and conversation_id in self.places:
                self._behind.discard(conversation_id)
                await self._read(conversation_id)
                more = conversation_id in self._behind
        except Exception as exc:  # the database is away: the next look finds it
            logger.warning("catch-up failed", error=str(exc)[:200])
        finally:
            self._catching.discard(conversation_id)

    async def _read(self, conversation_id: uuid.UUID) -> None:
        place = self.places[conversation_id]
        found = await in_database(reads.after, conversation_id, place, self.audience, self.user)
        if self.places.get(conversation_id) != place:
            return
        if found is None:
            self.unwatch(conversation_id)
            self.resync(conversation_id, "revoked")
        elif found.too_many:
            self.places[conversation_id] = found.head
            self.resync(conversation_id, "too_old")
        elif found.events:
            self.places[conversation_id] = found.events[-1]["seq"]
            self.push(events_frame(conversation_id, found.events))

    def resync(self, conversation_id: uuid.UUID, reason: str) -> None:
        """Tell the client to load its history anew."""
        self.push_json(t="resync", conversation=str(conversation_id), reason=reason)

    # -- life -------------------------------------------------------------------------------

    def spawn(self, work: Any) -> None:
        """Run in the background for as long as the socket lives."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("background work failed", error=str(error)[:200])

    async def close(self, code: int, reason: str = "") -> None:
        """Close; a peer that does not read gets a second for the farewell."""
        if self.closed:
            return
        self.closed = True
        farewell = {"type": "websocket.close", "code": code, "reason": reason}
        try:
            await asyncio.wait_for(self._send(farewell), 1)
        except Exception:
            logger.info("closed without farewell", code=code)

    def forget(self) -> None:
        """Leave the hub and stop all background work."""
        self.closed = True
        for conversation_id in list(self.places):
            self.unwatch(conversation_id)
        for task in [*self._tasks, *([self._writer] if self._writer else [])]:
            task.cancel()
