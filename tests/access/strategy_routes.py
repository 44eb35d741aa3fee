"""URLs of the strategies' API. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.oracle import LEADERS
from tests.access.route import Route

_BASE = "api/v1/routing/"


def strategy_routes() -> Iterator[Route]:
    """Reading and changing strategies; there is neither a draft nor a release in the world."""
    get = Route(_BASE, LEADERS, kind="api")
    for path in ("catalogue", "strategy", "strategy/versions"):
        yield replace(get, path=_BASE + path)
    post = replace(get, method="POST")
    draft = {"rules": [], "revision": 0}
    yield replace(post, path=f"{_BASE}strategy/draft", method="PUT", body=draft)
    refused = replace(post, taken=True)
    yield replace(refused, path=f"{_BASE}strategy/publish", body={"revision": 1})
    yield replace(refused, path=f"{_BASE}strategy/promote", body={})
    yield replace(refused, path=f"{_BASE}strategy/withdraw", body={})
