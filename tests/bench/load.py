"""The load of a busy hour: visitors in a closed loop, agents who read everything.

A visitor sends its next message when the last one is acked. A message counts when its ack has
come (it is committed) and the agent's socket has shown it.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.bench.wsclient import WebSocket, connect

TEXT = "这个包裹到现在还没有收到，麻烦帮我查一下物流，谢谢"


@dataclass
class Seen:
    """What the load saw. Times in seconds of the monotonic clock."""

    acked: list[float] = field(default_factory=list)  # latency of each ack in the window
    shown: list[float] = field(default_factory=list)  # latency until the agent's socket
    nacks: int = 0
    from_: float = 0.0
    until: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Messages a second and latencies in milliseconds."""
        seconds = self.until - self.from_
        return {
            "per_second": round(len(self.shown) / seconds, 1),
            "acked_per_second": round(len(self.acked) / seconds, 1),
            "p50_ms": percentile(self.shown, 0.5),
            "p99_ms": percentile(self.shown, 0.99),
            "ack_p50_ms": percentile(self.acked, 0.5),
            "ack_p99_ms": percentile(self.acked, 0.99),
            "nacks": self.nacks,
            "seconds": round(seconds, 1),
        }


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` of `values` do not exceed, in milliseconds."""
    if not values:
        return float("nan")
    return round(sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000, 1)


class Load:
    """`people`: {"visitors": [{"token", "conversation"}], "agents": [token]}."""

    def __init__(self, url: str, people: dict[str, Any], seconds: float, warmup: float) -> None:
        self.url, self.people = url, people
        self.seconds, self.warmup = seconds, warmup
        self.seen = Seen()
        self.sent: dict[str, float] = {}
        self.running = True

    async def run(self) -> Seen:
        """Connect everybody, send for a while, wait for the last."""
        agents = [await self._agent(token) for token in self.people["agents"]]
        await asyncio.sleep(1)
        visitors = [
            await self._visitor(number, visitor)
            for number, visitor in enumerate(self.people["visitors"])
        ]
        await asyncio.sleep(1)
        for visitor in visitors:
            visitor.next()
        await asyncio.sleep(self.warmup)
        self.seen.from_ = time.monotonic()
        self.seen.until = self.seen.from_ + self.seconds
        await asyncio.sleep(self.seconds)
        self.running = False
        await asyncio.sleep(1)
        for socket in [*agents, *(visitor.socket for visitor in visitors)]:
            socket.close()
        return self.seen

    def in_window(self, now: float) -> bool:
        """Whether the measurement runs."""
        return self.seen.from_ <= now < self.seen.until

    async def _agent(self, token: str) -> WebSocket:
        socket = await connect(f"{self.url}/ws/agent", self._shown)
        socket.send(orjson.dumps({"t": "hello", "v": 1, "token": token, "cursors": {}}))
        return socket

    def _shown(self, payload: bytes) -> None:
        if not payload.startswith(b'{"t":"events"'):
            return
        now = time.monotonic()
        for event in orjson.loads(payload)["events"]:
            sent = self.sent.pop(event["client_msg_id"] or "", None)
            if sent is not None and self.in_window(now):
                self.seen.shown.append(now - sent)

    async def _visitor(self, number: int, visitor: dict[str, Any]) -> "_Visitor":
        one = _Visitor(self, number, visitor["conversation"])
        one.socket = await connect(f"{self.url}/ws/visitor", one.heard)
        hello = {"t": "hello", "v": 1, "token": visitor["token"], "cursors": {}}
        one.socket.send(orjson.dumps(hello))
        return one


class _Visitor:
    """Sends, waits for the ack, sends again."""

    socket: WebSocket

    def __init__(self, load: Load, number: int, conversation: str) -> None:
        self.load, self.number, self.conversation = load, number, conversation
        self.count = 0
        self.at = 0.0
        self._run = f"{time.time_ns():x}"

    def next(self) -> None:
        """Send the next message."""
        if not self.load.running:
            return
        self.count += 1
        client_msg_id = f"{self._run}-{self.number}-{self.count}"
        self.at = self.load.sent[client_msg_id] = time.monotonic()
        self.socket.send(
            orjson.dumps(
                {
                    "t": "send",
                    "conversation": self.conversation,
                    "client_msg_id": client_msg_id,
                    "kind": "text",
                    "content": {"text": f"{TEXT} {self.count}"},
                }
            )
        )

    def heard(self, payload: bytes) -> None:
        """An ack sends the next; a refusal is counted and tried again a little later."""
        if payload.startswith(b'{"t":"ack"'):
            now = time.monotonic()
            if self.load.in_window(now):
                self.load.seen.acked.append(now - self.at)
            self.next()
        elif payload.startswith(b'{"t":"nack"'):
            self.load.seen.nacks += 1
            asyncio.get_running_loop().call_later(0.1, self.next)
