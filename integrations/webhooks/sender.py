"""The sender: a loop that writes results back, takes what is due, and sets it off.

Requests wait on one event loop, the database is asked in one thread beside it, in short steps
between which no connection is held. Several senders may run; they share the work row by row.
"""

import asyncio
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import structlog
from django.db import InterfaceError, OperationalError, connection

from integrations.models import Endpoint
from integrations.webhooks import claims
from integrations.webhooks.attempt import attempt
from integrations.webhooks.outcomes import Claim, Outcome, decide
from integrations.webhooks.windows import Windows
from lingxi.http import async_client

logger = structlog.get_logger("integrations.webhooks")
USER_AGENT = "Lingxi-Webhooks/1"
GATHER = 0.01  # results that come this close together are written in one statement
RELEASE_EVERY = 1.0
NAME_LOOKUPS = 64  # a name server that does not answer must not hold up the others

Taken = list[tuple[Endpoint, Claim]]


class Sender:
    """Sends until `stop` is called, or with `once` until nothing is due and nothing in flight."""

    def __init__(
        self, *, idle: float = 0.25, grace: float = 15.0, total: int = 512, once: bool = False
    ) -> None:
        """`idle` seconds between looks; `grace` seconds a claim outlives its time-out."""
        self._idle, self._grace, self._once = idle, grace, once
        self._windows = Windows(total)
        self._tasks: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._news = asyncio.Event()
        self._stopping = False
        self._released_at = 0.0

    def stop(self) -> None:
        """Take nothing more, finish what is in flight, then end."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """The loop."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(NAME_LOOKUPS, "resolve"))
        with ThreadPoolExecutor(1, "database") as database:
            async with async_client(
                max_connections=self._windows.total, user_agent=USER_AGENT
            ) as client:
                while True:
                    taken = await loop.run_in_executor(database, self._database_turn)
                    for endpoint, claim in taken or ():
                        self._set_off(client, endpoint, claim)
                    if taken is not None and self._finished():
                        return
                    await self._wait(1.0 if taken is None else self._idle)

    def _finished(self) -> bool:
        ending = self._stopping or self._once
        return ending and not self._tasks and not self._outcomes

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
                await asyncio.sleep(GATHER)
        except TimeoutError:
            pass
        self._news.clear()

    def _set_off(self, client: httpx.AsyncClient, endpoint: Endpoint, claim: Claim) -> None:
        self._windows[endpoint.id].enter()
        task = asyncio.create_task(self._send(client, endpoint, claim))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, client: httpx.AsyncClient, endpoint: Endpoint, claim: Claim) -> None:
        answer = await attempt(client, endpoint, claim)
        window = self._windows[endpoint.id]
        window.leave(accepted=answer.accepted, limit=endpoint.max_in_flight)
        if not answer.accepted:
            logger.info(
                "delivery refused",
                delivery=claim.id,
                endpoint=str(endpoint.id),
                attempt=claim.attempts + 1,
                error=answer.error,
            )
        self._outcomes.append(decide(claim, answer))
        self._news.set()

    # In the database's thread.

    def _database_turn(self) -> Taken | None:
        """Settle, release, take; None when the database is away, and all is kept for later."""
        try:
            self._settle()
            self._release()
            return [] if self._stopping else self._take()
        except (OperationalError, InterfaceError):
            logger.warning("database away, trying again")
            return None
        finally:
            connection.close()

    def _settle(self) -> None:
        outcomes = self._outcomes[:]
        claims.settle(outcomes)
        del self._outcomes[: len(outcomes)]

    def _release(self) -> None:
        if time.monotonic() - self._released_at >= RELEASE_EVERY:
            freed = claims.release_expired()
            self._released_at = time.monotonic()
            if freed:
                logger.warning("took up deliveries of a sender that died", number=freed)

    def _take(self) -> Taken:
        endpoints: dict[uuid.UUID, Endpoint] = {
            endpoint.id: endpoint for endpoint in Endpoint.objects.active()
        }
        places = self._windows.places(endpoints.values())
        return [(endpoints[claim.endpoint_id], claim) for claim in claims.take(places, self._grace)]
