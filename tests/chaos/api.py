"""The REST API as a patient caller uses it: what fails is tried again, elsewhere or later."""

import asyncio
import random
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

PATIENCE = 60.0


class Unanswered(Exception):
    """Nothing but failures for as long as anybody would wait."""


class Refused(Exception):
    """An answer that will not change: 4xx with its code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


@dataclass
class Api:
    """Calls to any of the web processes."""

    ports: list[int]
    client: httpx.AsyncClient

    def socket_url(self, path: str, chance: random.Random) -> str:
        """A socket address at one of them."""
        return f"ws://127.0.0.1:{chance.choice(self.ports)}{path}"

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: Any = None,
        params: dict[str, Any] | None = None,
        once: str = "",
    ) -> Any:
        """The JSON of a 2xx. Raises `Refused`; anything else is tried again for a while.

        `once` is the key by which the server knows a repeated call.
        """
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if once:
            headers["idempotency-key"] = once
        last: object = None
        ends = time.monotonic() + PATIENCE
        for turn in count():
            url = f"http://127.0.0.1:{self.ports[turn % len(self.ports)]}/api/v1{path}"
            try:
                answer = await self.client.request(
                    method, url, json=json, params=params, headers=headers
                )
            except httpx.HTTPError as exc:
                last = exc
            else:
                if answer.is_success:
                    return answer.json()
                last = answer
                _give_up_if_final(answer)
            if time.monotonic() > ends:
                break
            await asyncio.sleep(_pause(last))
        raise Unanswered(f"{method} {path}: {last!r}")


def _give_up_if_final(answer: httpx.Response) -> None:
    if answer.status_code < 500 and answer.status_code != 429:
        body = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        raise Refused(answer.status_code, body.get("code", answer.text[:200]))


def _pause(last: object) -> float:
    if isinstance(last, httpx.Response) and last.status_code == 429:
        return float(last.headers.get("retry-after", 1))
    return random.uniform(0.2, 1.0)
