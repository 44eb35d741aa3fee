"""URLs of the strategies' API. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.access.oracle import LEADERS
from tests.access.route import Route

_BASE = "api/v1/routing/"


def strategy_routes() -> Iterator[Route]:
    """That for tickets has a version being released and a draft; see `strategy_world`."""
    get = Route(_BASE, LEADERS, kind="api")
    yield replace(get, path=f"{_BASE}catalogue")
    for path in (f"{_BASE}strategy", f"{_BASE}strategy/versions"):
        yield replace(get, path=path)
        yield replace(get, path=path, url=f"{path}?kind=ticket")
    yield _changing("draft", {"rules": [], "revision": 6}, method="PUT")
    yield _changing("promote", {"percent": 50})
    yield _changing("withdraw", {})
    yield _changing("rollback", {"number": 1})
    yield _changing("publish", {"revision": 6}, taken=True)


def _changing(step: str, body: dict[str, object], **more: Any) -> Route:
    path = f"{_BASE}strategy/{step}"
    post = Route(path, LEADERS, "POST", kind="api", url=f"{path}?kind=ticket", body=body)
    return replace(post, **more)
