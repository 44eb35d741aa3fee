"""Visitors: they come, write, sometimes end their conversation and begin another."""

import asyncio
from contextlib import suppress
from typing import Any

from tests.chaos.api import Api, Refused
from tests.chaos.client import Client, Rules
from tests.chaos.ledger import Ledger, Screen

MOST_UNACKED = 8  # nobody types on and on while nothing goes out


class Visitor(Client):
    """One visitor on one channel."""

    path = "/ws/visitor"

    def __init__(
        self,
        name: str,
        api: Api,
        ledger: Ledger,
        rules: Rules,
        seed: int,
        *,
        channel: str,
        pause: float,
        stay: tuple[float, float] | None = None,
    ) -> None:
        """`pause` between messages; `stay`: how long a conversation lasts, None for the run."""
        super().__init__(name, api, ledger, rules, seed)
        self.channel, self.pause, self.stay = channel, pause, stay
        self.conversation = ""
        self.conversations: list[str] = []

    async def arrive(self) -> None:
        """Get a token and a conversation."""
        identity = {"kind": "device", "value": f"chaos-{self.random.getrandbits(96):024x}"}
        body = {"channel": self.channel, "identity": identity}
        session = await self.api.call("POST", "/visitor/sessions", json=body)
        self.token = session["token"]
        await self._open()

    async def _open(self) -> None:
        opened = await self.api.call(
            "POST", "/visitor/conversations", token=self.token, json={"context": {}}
        )
        self.conversation = opened["id"]
        self.conversations.append(opened["id"])
        self.screens[opened["id"]] = Screen(opened["id"], epoch=opened["epoch"])
        if self.up:
            self.tell(t="subscribe", conversation=self.conversation, after=0)

    async def write(self) -> None:
        """Write until `typing` is taken away."""
        clock = asyncio.get_running_loop().time
        leaves_at = clock() + self.random.uniform(*self.stay) if self.stay else None
        await asyncio.sleep(self.random.random() * self.pause)
        while self.typing:
            if leaves_at is not None and self.stay is not None and clock() > leaves_at:
                await self._change()
                leaves_at = clock() + self.random.uniform(*self.stay)
            elif self.unacked < MOST_UNACKED:
                self.say(self.conversation)
            await asyncio.sleep(self.pause * self.random.uniform(0.5, 1.5))

    async def _change(self) -> None:
        """End the conversation once everything is said, rate it, begin another."""
        while self.unacked:  # noqa: ASYNC110 - a client is polled, it signals nobody
            await asyncio.sleep(0.1)
        path = f"/visitor/conversations/{self.conversation}"
        with suppress(Refused):  # the first try had got through, only its answer was lost
            await self.api.call("POST", f"{path}/close", token=self.token, json={})
        rating = {"score": self.random.randint(1, 5)}
        await self.api.call("POST", f"{path}/rating", token=self.token, json=rating)
        await self._open()

    async def history(self, conversation: str) -> tuple[list[dict[str, Any]], int]:
        """All pages of the log."""
        events: list[dict[str, Any]] = []
        while True:
            after = events[-1]["seq"] if events else 0
            params = {"conversation": conversation, "after": after}
            page = await self.api.call("GET", "/visitor/events", token=self.token, params=params)
            events += page["events"]
            if not page["events"] or events[-1]["seq"] >= page["seq"]:
                return events, page["epoch"]
