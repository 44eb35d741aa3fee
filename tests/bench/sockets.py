"""What an idle socket costs: memory of the web process, and no database connection."""

import asyncio
import sys
from typing import Any

import orjson
import psutil
import uvloop
from django.db import connection

from tests.bench import world
from tests.bench.wsclient import WebSocket, connect

SOCKETS, STEP = 2_000, 200


def _web_process() -> psutil.Process:
    mine = psutil.Process().children(recursive=True)
    return next(one for one in mine if "lingxi.asgi:application" in one.cmdline())


def _web_connections() -> int:
    """Database connections of the web process that do anything or hold a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


async def _hold(address: str, people: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    process, sockets = _web_process(), []
    await asyncio.sleep(1)
    before, connections_before = (
        process.memory_info().rss,
        await asyncio.to_thread(_web_connections),
    )
    for start in range(0, len(people), STEP):
        sockets += [await _open(address, one["token"]) for one in people[start : start + STEP]]
        await asyncio.sleep(0.2)
    await asyncio.sleep(15)  # pools shrink back, and a look for lost hints has passed
    after, connections_after = process.memory_info().rss, await asyncio.to_thread(_web_connections)
    for socket in sockets:
        socket.close()
    return before, after, connections_before, connections_after


async def _open(address: str, token: str) -> WebSocket:
    socket = await connect(f"ws://{address}/ws/visitor", lambda payload: None)
    socket.send(orjson.dumps({"t": "hello", "v": 1, "token": token, "cursors": {}}))
    return socket


def run() -> dict[str, Any]:
    """2,000 visitors, each with an open conversation, doing nothing."""
    people = world.people(visitors=SOCKETS, agents=20)["visitors"]
    connection.close()
    with world.running() as address:
        before, after, connections_before, connections = uvloop.run(_hold(address, people))
    print(f"  {SOCKETS} sockets: {(after - before) / 2**20:.1f} MiB", file=sys.stderr)
    return {
        "sockets": SOCKETS,
        "kib_per_socket": round((after - before) / SOCKETS / 1024, 1),
        "rss_before_mib": round(before / 2**20, 1),
        "rss_mib": round(after / 2**20, 1),
        "database_connections_before": connections_before,
        "database_connections": connections,
        "baseline": "the same process before the first socket",
    }
