"""The hub: one per event loop. Who watches what, what was heard, and the looks that are due."""

import asyncio
import contextlib
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from prometheus_client import Gauge

from conversations import moderation
from conversations.realtime import hints, reads
from conversations.realtime.connection import Connection
from conversations.realtime.database import in_database
from conversations.realtime.frames import Audience, Batch, dumps
from conversations.realtime.hints import Hint
from lingxi.errors import TokenExpired
from routing import presence, queue

logger = structlog.get_logger("conversations.realtime")
SOCKETS = Gauge("lingxi_sockets", "Open chat sockets", ["audience"])
_hubs: dict[asyncio.AbstractEventLoop, "Hub"] = {}


def get_hub() -> "Hub":
    """The hub of the running loop; it starts with the first use."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(loop)
        _hubs[loop].start()
    return _hubs[loop]


def running_hubs() -> list["Hub"]:
    """The hubs of this process; dead loops are forgotten."""
    for loop in [loop for loop in list(_hubs) if loop.is_closed() or not loop.is_running()]:
        _hubs.pop(loop, None)
    return list(_hubs.values())


async def wait_for(conversation_id: uuid.UUID, visitor_seq: int, seconds: float) -> None:
    """Return when the visitor's log may reach beyond `visitor_seq`, or after `seconds`."""
    await get_hub().wait_for(conversation_id, visitor_seq, seconds)


def _forget(
    where: dict[uuid.UUID, set[Connection]], key: uuid.UUID, connection: Connection
) -> None:
    found = where.get(key)
    if found is not None:
        found.discard(connection)
        if not found:
            del where[key]


def _is_wanted() -> bool:
    """False once this task is cancelled: the Redis client may swallow that in the middle of a send,
    and a process whose loops do not end does not end itself."""
    task = asyncio.current_task()
    return task is None or not task.cancelling()


class Hub:
    """Delivers hints to the sockets of this process and looks again in case one was lost."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.connections: set[Connection] = set()
        self._watchers: dict[uuid.UUID, set[Connection]] = defaultdict(set)
        self._waiters: dict[uuid.UUID, set[tuple[int, asyncio.Event]]] = defaultdict(set)
        self._agents: dict[uuid.UUID, set[Connection]] = defaultdict(set)
        self._visitors: dict[uuid.UUID, set[Connection]] = defaultdict(set)
        self._moved_queues: set[str] = set()
        self.listeners: set[Callable[[Hint], None]] = set()  # who else hears every hint
        self._outgoing: asyncio.Queue[Hint] = asyncio.Queue(maxsize=1000)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the background loops."""
        options = settings.LINGXI
        self._tasks = [
            self.loop.create_task(self._listen()),
            self.loop.create_task(self._publish()),
            self.loop.create_task(self._every(options["LOOK_AGAIN"], self._look_again)),
            self.loop.create_task(self._every(options["HEARTBEAT"], self._heartbeat)),
            self.loop.create_task(self._every(options["LEASE_RENEWAL"], self._renew)),
            self.loop.create_task(self._every(1, self._cut_slow_readers)),
            self.loop.create_task(self._every(0.5, self._tell_queues)),
        ]

    # -- who watches ------------------------------------------------------------------------

    def join(self, connection: Connection) -> None:
        """A socket said hello."""
        self.connections.add(connection)
        SOCKETS.labels(connection.audience.value).inc()
        if connection.agent_id:
            self._agents[connection.agent_id].add(connection)
        if connection.customer_id:
            self._visitors[connection.customer_id].add(connection)

    def part(self, connection: Connection) -> None:
        """A socket is gone."""
        connection.forget()
        if connection in self.connections:
            self.connections.discard(connection)
            SOCKETS.labels(connection.audience.value).dec()
        if connection.agent_id:
            _forget(self._agents, connection.agent_id, connection)
        if connection.customer_id:
            _forget(self._visitors, connection.customer_id, connection)

    def add(self, conversation_id: uuid.UUID, connection: Connection) -> None:
        """Start watching."""
        self._watchers[conversation_id].add(connection)

    def discard(self, conversation_id: uuid.UUID, connection: Connection) -> None:
        """Stop watching."""
        _forget(self._watchers, conversation_id, connection)

    async def wait_for(self, conversation_id: uuid.UUID, seq: int, seconds: float) -> None:
        """See the function of the same name."""
        waiter = (seq, asyncio.Event())
        self._waiters[conversation_id].add(waiter)
        try:
            heads = await in_database(reads.heads, [conversation_id])
            if heads.get(conversation_id, (0, 0))[1] > seq:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(waiter[1].wait(), seconds)
        finally:
            self._waiters[conversation_id].discard(waiter)
            if not self._waiters[conversation_id]:
                del self._waiters[conversation_id]

    # -- what was heard ---------------------------------------------------------------------

    def hear(self, hint: Hint, publish: bool = False) -> None:
        """Deliver a hint here and, when it is this process's own, to the others."""
        if publish:
            with contextlib.suppress(asyncio.QueueFull):
                self._outgoing.put_nowait(hint)
        for conversation_id, rows in hint.by_conversation().items():
            self._deliver(Batch(conversation_id, rows))
        for agent_id, seq in hint.inbox:
            self._inbox(uuid.UUID(agent_id), seq)
        self._moved_queues.update(hint.queues)
        for soft in hint.soft:
            self._soft(soft)
        for customer, conversation in hint.opened:
            self._opened(uuid.UUID(customer), uuid.UUID(conversation))
        self._people(hint)
        if hint.words:
            moderation.stale()
        for customer in hint.merged:
            for connection in self._visitors.get(uuid.UUID(customer), ()):
                connection.spawn(self._renew_token(connection))
        for listener in list(self.listeners):
            listener(hint)

    def _people(self, hint: Hint) -> None:
        """What is said of agents by the person they are."""
        if not (hint.rights or hint.notices):
            return
        for connection in [one for one in self.connections if one.agent_id]:
            if connection.user.pk in hint.rights:
                connection.spawn(self._check_rights(connection))
            if connection.user.pk in hint.notices:
                connection.push_json(t="notice")

    def _deliver(self, batch: Batch) -> None:
        for connection in list(self._watchers.get(batch.conversation_id, ())):
            connection.offer(batch)
        self._wake_waiters(batch.conversation_id, batch.frame(Audience.VISITOR)[1])

    def _wake_waiters(self, conversation_id: uuid.UUID, seq: int) -> None:
        for place, event in self._waiters.get(conversation_id, ()):
            if seq > place:
                event.set()

    def _inbox(self, agent_id: uuid.UUID, seq: int) -> None:
        for connection in self._agents.get(agent_id, ()):
            if connection.inbox_place is not None and seq > connection.inbox_place:
                connection.spawn(self.refresh(connection))

    def _opened(self, customer_id: uuid.UUID, conversation_id: uuid.UUID) -> None:
        for connection in self._visitors.get(customer_id, ()):
            if conversation_id not in connection.places:
                connection.watch(conversation_id, 0)  # reading it asks for the right to

    def _soft(self, soft: dict[str, Any]) -> None:
        frame = dumps(soft["frame"])
        for connection in list(self._watchers.get(uuid.UUID(soft["conversation"]), ())):
            if (connection.audience is Audience.VISITOR) == (soft["to"] == "visitor"):
                connection.push(frame)

    async def refresh(self, connection: Connection) -> None:
        """Send an agent's new inbox entries and watch what they serve now."""
        if connection.agent_id is None:
            return
        place = connection.inbox_place
        head, entries = await in_database(reads.inbox_after, connection.agent_id, place)
        watched = set(connection.places)
        places = await in_database(reads.agent_places, connection.user, watched)
        if connection.inbox_place != place:
            return
        connection.inbox_place = head  # not before all is read: what fails is tried again
        for conversation_id in set(places) - set(connection.places):
            connection.watch(conversation_id, 0)
        for conversation_id in watched - set(places):  # not what was opened while we read
            connection.unwatch(conversation_id)
            connection.resync(conversation_id, "revoked")
        if head != place:
            connection.push_json(t="inbox", seq=head, events=entries)

    # -- loops ------------------------------------------------------------------------------

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while _is_wanted():
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception as exc:  # database or Redis away; the next turn tries again
                logger.warning("hub", work=work.__name__, error=str(exc)[:200])

    async def _listen(self) -> None:
        while _is_wanted():
            try:
                layer = get_channel_layer()
                channel = await layer.new_channel()
                await layer.group_add(hints.GROUP, channel)
                while _is_wanted():
                    message = await layer.receive(channel)
                    if message["from"] != hints.PROCESS:
                        self.hear(Hint.decode(message["data"]))
            except Exception as exc:
                logger.warning("cannot listen for hints", error=str(exc)[:200])
                await asyncio.sleep(1)

    async def _publish(self) -> None:
        while _is_wanted():
            hint = await self._outgoing.get()
            try:
                await get_channel_layer().group_send(hints.GROUP, hints.message(hint))
            except Exception as exc:  # the others will look again by themselves
                logger.warning("hint not sent", error=str(exc)[:200])

    async def _look_again(self) -> None:
        wanted = list({*self._watchers, *self._waiters})
        if wanted:
            for conversation_id, (last, visitor) in (
                await in_database(reads.heads, wanted)
            ).items():
                for connection in list(self._watchers.get(conversation_id, ())):
                    is_visitor = connection.audience is Audience.VISITOR
                    connection.head(conversation_id, visitor if is_visitor else last)
                self._wake_waiters(conversation_id, visitor)
        if self._agents:
            for agent_id, seq in (await in_database(reads.inbox_heads, list(self._agents))).items():
                self._inbox(agent_id, seq)

    async def _heartbeat(self) -> None:
        wanted = list(self._watchers)
        if not wanted:
            return
        receipts = await in_database(reads.receipts, wanted)
        for conversation_id, (v_received, v_read, a_received, a_read) in receipts.items():
            for connection in list(self._watchers.get(conversation_id, ())):
                is_visitor = connection.audience is Audience.VISITOR
                connection.push_json(
                    t="head",
                    conversation=str(conversation_id),
                    seq=connection.places.get(conversation_id, 0),
                    delivered=a_received if is_visitor else v_received,
                    read=a_read if is_visitor else v_read,
                )
        for connections in list(self._agents.values()):
            for connection in list(connections):
                await self._check_rights(connection)

    async def _check_rights(self, connection: Connection) -> None:
        if await in_database(reads.may_work, connection.user):
            await self.refresh(connection)
        else:
            connection.push_json(t="bye", reason="forbidden", reconnect_after=None)
            await connection.close(4403, "forbidden")

    async def _renew_token(self, connection: Connection) -> None:
        """The visitor is another customer now; a new token says which."""
        connection.push_json(t="bye", reason=TokenExpired.code, reconnect_after=None)
        await connection.close(4401, TokenExpired.code)

    async def _renew(self) -> None:
        leases = {one.lease: one.agent_id for one in self.connections if one.lease}
        if leases:
            await in_database(presence.renew, list(leases), leases)

    async def _cut_slow_readers(self) -> None:
        now = time.monotonic()
        for connection in [one for one in self.connections if one.is_stuck(now)]:
            logger.info("slow reader cut off")
            connection.spawn(connection.close(4408, "slow reader"))

    async def _tell_queues(self) -> None:
        moved, self._moved_queues = self._moved_queues, set()
        for group_id in moved:
            places = await in_database(queue.positions_in, "conversation", uuid.UUID(group_id))
            for conversation_id, place in places.items():
                frame = dumps(
                    {"t": "queue", "conversation": str(conversation_id), **place.as_dict()}
                )
                for connection in list(self._watchers.get(conversation_id, ())):
                    if connection.audience is Audience.VISITOR:
                        connection.push(frame)
            self._tell_agents(group_id, len(places))

    def _tell_agents(self, group_id: str, waiting: int) -> None:
        for connections in self._agents.values():
            for connection in connections:
                if group_id in connection.group_ids:
                    connection.push_json(t="queue", group=group_id, waiting=waiting)
