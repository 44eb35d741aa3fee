"""The people of one run: visitors and agents on a channel of their own, and what they all saw."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from tests.chaos import evidence, tickets
from tests.chaos.agents import Agent
from tests.chaos.api import Api
from tests.chaos.checker import Result, Seen, check
from tests.chaos.client import HONEST, Client, Rules
from tests.chaos.ledger import Ledger, key_of
from tests.chaos.receiver import Receiver
from tests.chaos.visitors import Visitor
from tests.chaos.world import World

LOG_INS_AT_ONCE = 20
Person = TypeVar("Person", bound=Client)


@dataclass(frozen=True)
class Size:
    """How many people, and how busy."""

    visitors: int
    agents: int
    pause: float  # seconds between a visitor's messages
    stay: tuple[float, float] | None = None
    leavers: float = 0.0  # share of the visitors whose conversations last only `stay`

    @property
    def capacity(self) -> int:
        """Just enough for everybody, and two that are passed on."""
        return -(-self.visitors // self.agents) + 2


class Cast:
    """Everybody of one run."""

    def __init__(self, key: str, size: Size, rules: Rules = HONEST, seed: int = 1) -> None:
        self.key, self.size, self.rules, self.seed = key, size, rules, seed
        self.ledger = Ledger()
        self.visitors: list[Visitor] = []
        self.agents: list[Agent] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._writing: list[asyncio.Task[None]] = []

    def plan(self) -> dict[str, object]:
        """What the seed has to create."""
        names = [f"{self.key}a{number:03d}" for number in range(self.size.agents)]
        return {"key": self.key, "agents": names, "capacity": self.size.capacity}

    @property
    def people(self) -> list[Client]:
        """All of them."""
        return [*self.visitors, *self.agents]

    async def arrive(self, world: World, api: Api) -> None:
        """Everybody logs in, connects, and begins."""
        self._engage(world, api)
        for agents in _batches(self.agents, 4):  # each log-in costs a slow hash
            await asyncio.gather(*(agent.arrive() for agent in agents))
        for agent in self.agents:
            agent.colleagues = [one.id for one in self.agents if one is not agent]
        self._tasks = [asyncio.create_task(agent.run()) for agent in self.agents]
        self._tasks.append(asyncio.create_task(self._tick()))
        await asyncio.gather(*(agent.ready() for agent in self.agents))
        for visitors in _batches(self.visitors, LOG_INS_AT_ONCE):
            await asyncio.gather(*(visitor.arrive() for visitor in visitors))
            self._tasks += [asyncio.create_task(visitor.run()) for visitor in visitors]
        self._writing = [asyncio.create_task(visitor.write()) for visitor in self.visitors]

    def _engage(self, world: World, api: Api) -> None:
        self._common = (api, self.ledger, self.rules, self.seed)
        leavers = self.size.visitors * self.size.leavers
        for number in range(self.size.visitors):
            self._engage_visitor(self.size.stay if number < leavers else None)
        for name in self.plan()["agents"]:  # type: ignore[attr-defined]
            self.agents.append(Agent(name, *self._common, password=world.password))

    def _engage_visitor(self, stay: tuple[float, float] | None) -> Visitor:
        name, pause = f"{self.key}v{len(self.visitors):03d}", self.size.pause
        visitor = Visitor(name, *self._common, channel=self.key, pause=pause, stay=stay)
        self.visitors.append(visitor)
        return visitor

    async def one_more(self) -> None:
        """Another visitor, who comes late and only looks."""
        visitor = self._engage_visitor(None)
        await visitor.arrive()
        self._tasks.append(asyncio.create_task(visitor.run()))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            for person in self.people:
                person.tick(now)

    async def fall_silent(self, seconds: float) -> None:
        """Nobody writes any more; wait until all that was said is answered."""
        for person in (*self.visitors, *self.agents):
            person.typing = False
        deadline = time.monotonic() + seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*self._writing)
        while time.monotonic() < deadline and any(one.unacked for one in self.people):  # noqa: ASYNC110
            await asyncio.sleep(0.2)

    async def leave(self) -> None:
        """Everybody disconnects."""
        for person in self.people:
            await person.stop()
        for task in (*self._tasks, *self._writing):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._writing, return_exceptions=True)

    def failures(self) -> list[str]:
        """Clients whose own code broke, which would spoil the result."""
        return [
            repr(task.exception())
            for task in (*self._tasks, *self._writing)
            if task.done() and not task.cancelled() and task.exception() is not None
        ]

    async def settle(self, world: World, receiver: Receiver, seconds: float) -> Result:
        """Check until everything is right, or for `seconds`; the last result."""
        deadline = time.monotonic() + seconds
        while True:
            found = await asyncio.to_thread(evidence.gather, world.database, self.key)
            result = check(self.ledger, self.seen(found), found, receiver.ids)
            book = self.ledger.tickets
            kept = await asyncio.to_thread(tickets.gather, world.database, book)
            broken, figures = tickets.check(book, *kept)
            result.broken |= broken
            result.figures |= figures
            result.broken["clients_failed"] = self.failures()
            result.broken["processes_ended"] = world.missing()
            if result.kept or time.monotonic() > deadline:
                return result
            await asyncio.sleep(2)

    def lags(self, since: float) -> list[float]:
        """Seconds from ack to the agent's screen, of what was acked after `since`; sorted."""
        acked = self.ledger.acked
        found = []
        for agent in self.agents:
            for entry in (entry for one in agent.screens.values() for entry in one.entries):
                promise = acked.get(key_of(entry.text) or ("", 0))
                if promise is not None and promise.at >= since:
                    found.append(max(0.0, entry.at - promise.at))
        return sorted(found)

    def seen(self, found: evidence.Evidence) -> Iterable[Seen]:
        """Every conversation on its visitor's screen and on that of its last agent."""
        visitor_of = {pk: one for one in self.visitors for pk in one.conversations}
        agents = {agent.id: agent for agent in self.agents}
        for pk, conversation in found.conversations.items():
            visitor = visitor_of.get(pk)
            name = visitor.name if visitor else "nobody"
            screen = visitor.screens.get(pk) if visitor else None
            yield Seen(name, screen, conversation, is_visitor=True)
            agent = agents.get(conversation.agent or "")
            if agent is not None:
                yield Seen(agent.name, agent.screens.get(pk), conversation, is_visitor=False)


def _batches(items: list[Person], size: int) -> Iterable[list[Person]]:
    return (items[start : start + size] for start in range(0, len(items), size))
