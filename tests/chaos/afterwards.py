"""Whether the product is as alive after the faults as before them."""

import asyncio
import time

import psycopg

from tests.chaos.cast import Cast
from tests.chaos.world import World

SWEEP_WITHIN = 30.0

_LESS = "UPDATE routing_agent SET capacity = 1 WHERE name = ANY(%s)"
_MORE = "UPDATE routing_agent SET capacity = %s WHERE name = ANY(%s)"
_WAITING = """
SELECT count(*) FROM routing_workitem w JOIN routing_skillgroup g ON g.id = w.group_id
WHERE w.state = 'waiting' AND g.slug = %s
"""


async def sweep_lives(cast: Cast, world: World) -> list[str]:
    """Somebody waits, and room appears without a word to anybody: only the worker can find out.

    The capacity is changed behind the product's back, so no cause makes it assign at once.
    """
    names = [agent.name for agent in cast.agents]
    with psycopg.connect(world.database, autocommit=True) as connection:
        connection.execute(_LESS, [names])
        await cast.one_more()
        before = _count(connection, cast.key)
        connection.execute(_MORE, [cast.size.capacity + 1, names])
        deadline = time.monotonic() + SWEEP_WITHIN
        while _count(connection, cast.key) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        left = _count(connection, cast.key)
    if not before:
        return ["nobody waited, so nothing was shown"]
    return [f"{left} still wait {SWEEP_WITHIN:.0f} s after room appeared"] if left else []


def _count(connection: psycopg.Connection, group: str) -> int:
    row = connection.execute(_WAITING, [group]).fetchone()
    return row[0] if row else 0


def lag_figures(lags: list[float]) -> dict[str, float]:
    """Milliseconds from ack to the agent's screen, once the faults were over.

    Without hints the look of every few seconds would find the messages, at a much larger lag.
    """
    if not lags:
        return {}
    middle, late = lags[len(lags) // 2], lags[int(len(lags) * 0.95)]
    figures = {"lag_p50_ms": middle, "lag_p95_ms": late, "lag_max_ms": lags[-1]}
    return {name: round(seconds * 1000, 2) for name, seconds in figures.items()}
