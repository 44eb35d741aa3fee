"""Who is killed when."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.client import Client
from tests.chaos.world import World

CUT = "cut"  # half of the lines are torn, all processes live
DOWN = (0.5, 3.0)
PERIOD = (5.0, 8.0)
CALM = 2.5  # at least, between two faults


@dataclass
class Fault:
    """One that happened."""

    target: str
    at: float
    down: float
    settled: float = 0.0  # when the next one began


def plan(targets: Sequence[str], rounds: int, seed: int) -> list[str]:
    """Every target once a round, in an order of its own each round."""
    chance = random.Random(seed)
    order: list[str] = []
    for _ in range(rounds):
        order += chance.sample(list(targets), len(targets))
    return order


async def strike(
    world: World,
    order: Sequence[str],
    people: Sequence[Client],
    seed: int,
    seconds: float | None = None,
) -> list[Fault]:
    """Let the faults happen, one after the other; returns when the last has settled.

    `seconds`: begin no more of them after this long.
    """
    chance = random.Random(seed + 1)
    happened: list[Fault] = []
    ends = time.monotonic() + seconds if seconds else float("inf")
    for target in order:
        if time.monotonic() > ends:
            break
        fault = Fault(target, time.monotonic(), chance.uniform(*DOWN))
        happened.append(fault)
        if target == CUT:
            for person in chance.sample(list(people), len(people) // 2):
                person.cut()
        else:
            await asyncio.to_thread(world.kill, target)
            await asyncio.sleep(fault.down)
            await asyncio.to_thread(world.revive, target)
        rest = fault.at + chance.uniform(*PERIOD) - time.monotonic()
        await asyncio.sleep(max(rest, CALM))
        fault.settled = time.monotonic()
    return happened
