"""A chat client that keeps the rules of the protocol, or breaks some on purpose.

It shows `seq == last + 1`, drops `≤ last` and asks again on a gap; it keeps what is not
acknowledged and sends it again, in order and under the same id, after every `welcome`; one send
is in flight per conversation, as in the product's own client.
"""

import asyncio
import random
import time
import uuid
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.chaos.api import Api
from tests.chaos.ledger import Key, Ledger, Screen, text_of

BACKOFF, BACKOFF_MAX = 0.5, 30.0
RESEND_AFTER, ASK_AGAIN_AFTER, BEHIND_FOR = 15.0, 3.0, 1.0
PROBE_AFTER, DEAD_AFTER = 10.0, 25.0
AGAIN = {"busy", "rate_limited"}


@dataclass(frozen=True)
class Rules:
    """What a client keeps to; the broken ones are the controls."""

    same_id: bool = True  # a message that goes out again keeps its client_msg_id
    resend: bool = True  # what was not acknowledged goes out again
    resume: bool = True  # what was missed is asked for


HONEST = Rules()
NO_DEDUPLICATION = Rules(same_id=False)
NO_REPLAY = Rules(resend=False, resume=False)


@dataclass(slots=True)
class Item:
    """A message that is not acknowledged."""

    key: Key
    conversation: str
    client_msg_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent_at: float = 0.0
    sends: int = 0
    not_before: float = 0.0


class Client(ABC):
    """One person's client: one socket at a time, as many screens as there are conversations."""

    path: ClassVar[str]

    def __init__(self, name: str, api: Api, ledger: Ledger, rules: Rules, seed: int) -> None:
        self.name, self.api, self.ledger, self.rules = name, api, ledger, rules
        self.random = random.Random(f"{seed}-{name}")
        self.token = ""
        self.screens: dict[str, Screen] = {}
        self.lanes: dict[str, deque[Item]] = defaultdict(deque)
        self.number = 0
        self.typing = True  # not once the run falls silent
        self.stopping = False
        self.up = False
        self._socket: ClientConnection | None = None
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._heard_at = self._connected_at = 0.0
        self._fails = 0
        self._reloading: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- what people do ---------------------------------------------------------------------

    def say(self, conversation: str) -> None:
        """Write the next message."""
        self.number += 1
        key = (self.name, self.number)
        self.ledger.attempt(key)
        self.lanes[conversation].append(Item(key, conversation))
        self.pump()

    @property
    def unacked(self) -> int:
        """How many messages the server has not answered for good."""
        return sum(map(len, self.lanes.values()))

    def cut(self) -> None:
        """Tear the line."""
        if self._socket is not None:
            self._socket.transport.abort()

    # -- sending ----------------------------------------------------------------------------

    def pump(self) -> None:
        """Send the first message of every conversation that has none in flight."""
        if not self.up:
            return
        now = time.monotonic()
        for lane in self.lanes.values():
            if lane and not lane[0].sent_at and lane[0].not_before <= now:
                self._transmit(lane[0], now)

    def _transmit(self, item: Item, now: float) -> None:
        item.sent_at = now
        item.sends += 1
        self.ledger.repeats += item.sends > 1
        if item.sends > 1 and not self.rules.same_id:
            item.client_msg_id = str(uuid.uuid4())
        self.tell(
            t="send",
            conversation=item.conversation,
            client_msg_id=item.client_msg_id,
            kind="text",
            content={"text": text_of(item.key)},
        )

    def tell(self, **frame: Any) -> None:
        """Queue a frame for the socket."""
        self._out.put_nowait(frame)

    def tick(self, now: float) -> None:
        """What time brings: sends that may go again, silence, gaps that stayed."""
        for lane in self.lanes.values():
            if lane and lane[0].sent_at and now - lane[0].sent_at > RESEND_AFTER:
                lane[0].sent_at = 0.0
        self.pump()
        if self.up and now - self._heard_at > DEAD_AFTER:
            self.cut()
        elif self.up and now - self._heard_at > PROBE_AFTER:
            self.tell(t="ping")
        if self.up and self.rules.resume:
            for screen in self.screens.values():
                if screen.is_behind(now, BEHIND_FOR):
                    self.ask(screen)

    # -- the line ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect, and again, until `stop`."""
        while not self.stopping:
            with suppress(OSError, WebSocketException, TimeoutError, EOFError):
                await self._connect()
            self.up, self._socket = False, None
            if self.stopping:
                return
            self.ledger.reconnects += 1
            self._fails += 1
            step = min(BACKOFF_MAX, BACKOFF * 2**self._fails)
            await asyncio.sleep(self.random.random() * step)

    async def stop(self) -> None:
        """Leave."""
        self.stopping = True
        if self._socket is not None:
            self._socket.transport.abort()
        for task in list(self._tasks):
            task.cancel()

    async def _connect(self) -> None:
        url = self.api.socket_url(self.path, self.random)
        options: dict[str, Any] = {"compression": None, "ping_interval": None, "max_size": None}
        async with connect(url, open_timeout=8, close_timeout=1, **options) as socket:
            self._socket, self._out = socket, asyncio.Queue()
            self._heard_at = time.monotonic()
            self._connected_at = time.time()
            self.tell(t="hello", v=1, token=self.token, cursors=self.cursors())
            writing = asyncio.create_task(self._write(socket))
            watching = asyncio.create_task(self._give_up(socket))
            try:
                async for text in socket:
                    self._heard_at = time.monotonic()
                    self._frame(orjson.loads(text))
            finally:
                writing.cancel()
                watching.cancel()

    async def _write(self, socket: ClientConnection) -> None:
        with suppress(WebSocketException, OSError):
            while True:
                frame = await self._out.get()
                await socket.send(orjson.dumps(frame).decode())

    async def _give_up(self, socket: ClientConnection) -> None:
        """A server that does not say welcome is left."""
        await asyncio.sleep(DEAD_AFTER)
        if not self.up:
            socket.transport.abort()

    def cursors(self) -> dict[str, Any]:
        """Where we are, for `hello`."""
        if not self.rules.resume:
            return {}
        return {
            screen.conversation: {"epoch": screen.epoch, "seq": screen.last}
            for screen in self.screens.values()
        }

    # -- frames -----------------------------------------------------------------------------

    def _frame(self, frame: dict[str, Any]) -> None:
        handle = getattr(self, f"on_{frame['t']}", None)
        if handle is not None:
            handle(frame)

    def on_welcome(self, frame: dict[str, Any]) -> None:
        """We are known: what was not acknowledged goes again, in order."""
        self.up, self._fails = True, 0
        for lane in self.lanes.values():
            for item in lane:
                item.sent_at = 0.0
            if not self.rules.resend:
                while lane and lane[0].sends:
                    lane.popleft()
        self.pump()

    def on_ack(self, frame: dict[str, Any]) -> None:
        """It is stored."""
        item = self._take_off(frame["client_msg_id"])
        if item is not None:
            self.ledger.ack(item.key, frame, item.sends)
            screen = self.screens[item.conversation]
            screen.head = max(screen.head, frame["seq"])
            self.pump()

    def on_nack(self, frame: dict[str, Any]) -> None:
        """It is not stored: later again, or never."""
        found = self._in_flight(frame["client_msg_id"])
        if found is None:
            return
        if frame["code"] in AGAIN:
            found.sent_at = 0.0
            found.not_before = time.monotonic() + (frame["retry_after"] or 1)
            return
        self._take_off(found.client_msg_id)
        self.ledger.refuse(found.key, frame["code"])
        self.pump()

    def _in_flight(self, client_msg_id: str | None) -> Item | None:
        heads = (lane[0] for lane in self.lanes.values() if lane)
        return next((item for item in heads if item.client_msg_id == client_msg_id), None)

    def _take_off(self, client_msg_id: str) -> Item | None:
        item = self._in_flight(client_msg_id)
        return None if item is None else self.lanes[item.conversation].popleft()

    def on_events(self, frame: dict[str, Any]) -> None:
        """Entries of a log: shown in order, each once."""
        conversation = frame["conversation"]
        screen = self.screen(conversation)
        if screen is None or conversation in self._reloading:
            return
        if not self.rules.resume:
            self._show_what_comes(screen, frame["events"])
            return
        for event in frame["events"]:
            if event["seq"] == screen.last + 1:
                self.show(screen, event)
            elif event["seq"] > screen.last:
                self.ledger.gaps += 1
                self.ask(screen)
                return

    def _show_what_comes(self, screen: Screen, events: list[dict[str, Any]]) -> None:
        """The control: only what is live is shown, whatever was missed before."""
        for event in events:
            if event["seq"] > screen.last and _epoch(event["created_at"]) >= self._connected_at:
                self.show(screen, event)

    def on_head(self, frame: dict[str, Any]) -> None:
        """The server believes we have seen so far."""
        screen = self.screens.get(frame["conversation"])
        if screen is not None:
            screen.head = max(screen.head, frame["seq"])

    def ask(self, screen: Screen) -> None:
        """Ask again for what follows the last entry shown; not more often than needed."""
        now = time.monotonic()
        if now - screen.asked_at > ASK_AGAIN_AFTER:
            screen.asked_at = now
            self.ledger.asked += 1
            self.tell(t="subscribe", conversation=screen.conversation, after=screen.last)

    def on_resync(self, frame: dict[str, Any]) -> None:
        """History has to be loaded anew."""
        self.ledger.resyncs += 1
        conversation = frame["conversation"]
        screen = self.screens.get(conversation)
        if screen is None or conversation in self._reloading or not self.rules.resume:
            return
        self._reloading.add(conversation)
        self.spawn(self._reload(screen))

    async def _reload(self, screen: Screen) -> None:
        try:
            events, epoch = await self.history(screen.conversation)
        finally:
            self._reloading.discard(screen.conversation)
        screen.clear()
        screen.epoch = epoch
        for event in events:
            self.show(screen, event)
        screen.asked_at = 0.0
        self.ask(screen)

    def spawn(self, work: Any) -> None:
        """Run beside the socket."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- differs by side --------------------------------------------------------------------

    def screen(self, conversation: str) -> Screen | None:
        """The screen of a conversation, if it is shown at all."""
        return self.screens.get(conversation)

    def show(self, screen: Screen, event: dict[str, Any]) -> None:
        """Show an entry."""
        screen.show(event)

    @abstractmethod
    async def history(self, conversation: str) -> tuple[list[dict[str, Any]], int]:
        """The whole log over HTTP, and its epoch."""


def _epoch(text: str) -> float:
    import datetime as dt

    return dt.datetime.fromisoformat(text).timestamp()
