"""Two clients that are broken on purpose: the checker must catch both, or it is worth nothing."""

import asyncio
import random
from dataclasses import dataclass

from tests.chaos.api import Api
from tests.chaos.cast import Cast, Size
from tests.chaos.checker import Result
from tests.chaos.client import NO_DEDUPLICATION, NO_REPLAY, Rules
from tests.chaos.receiver import Receiver
from tests.chaos.world import World

CUTS = 5
SIZE = Size(visitors=24, agents=3, pause=0.05)


@dataclass(frozen=True)
class Control:
    """A broken client and the promises that must be seen broken."""

    key: str
    rules: Rules
    catches: tuple[str, ...]


CONTROLS = (
    Control("nodedup", NO_DEDUPLICATION, ("duplicated",)),
    Control("noreplay", NO_REPLAY, ("lost", "not_shown")),
)


async def run(
    control: Control, cast: Cast, world: World, api: Api, receiver: Receiver
) -> tuple[bool, Result]:
    """A short run with one web killed and the lines cut several times; whether it was caught."""
    await cast.arrive(world, api)
    chance = random.Random(cast.seed)
    await asyncio.sleep(2)
    web = chance.choice([name for name in world.parts if name.startswith("web")])
    await asyncio.to_thread(world.kill, web)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(world.revive, web)
    for _ in range(CUTS):
        await asyncio.sleep(1.5)
        for person in cast.people:
            person.cut()
    await asyncio.sleep(4)
    await cast.fall_silent(20)
    result = await cast.settle(world, receiver, 10)
    await cast.leave()
    return all(result.broken[name] for name in control.catches), result
