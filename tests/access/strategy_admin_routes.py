"""Pages of strategies in the admin, and what their scripts call. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.oracle import LEADERS
from tests.access.route import Route

_ONE = "admin/routing/strategy/<uuid:strategy_id>/"
_THINGS = (
    ("strategy_id", "strategy"),
    ("version_id", "strategy version"),
    ("run_id", "trial"),
)


def strategy_admin_routes() -> Iterator[Route]:
    """Its version 2 is being released, it has a draft (its third), and a trial that is done."""
    page = Route(_ONE, LEADERS, kind="admin", things=_THINGS)
    for path in ("versions/", "versions/<uuid:version_id>/", "draft/", "simulations/"):
        yield replace(page, path=_ONE + path)
    yield replace(page, path=f"{_ONE}simulations/<uuid:run_id>/")
    yield replace(page, path=f"{_ONE}simulations/<uuid:run_id>/progress/")
    two = "compare/?a=@strategy version&b=@strategy release"
    yield replace(page, path=f"{_ONE}compare/", url=f"admin/routing/strategy/@strategy/{two}")
    post = replace(page, kind="admin json", method="POST")
    yield replace(post, path=f"{_ONE}check/", body={"rules": []})
    yield replace(post, path=f"{_ONE}draft/", body={"rules": [], "revision": 6})
    yield replace(post, path=f"{_ONE}discard/", body={"revision": 6})
    for action in ("promote", "withdraw"):
        yield replace(post, path=f"{_ONE}{action}/", body={})
    yield replace(post, path=f"{_ONE}roll-back/", body={"version": "@strategy version"})
    yield replace(post, path=f"{_ONE}simulations/start/", body={"days": 7})
    yield replace(post, path=f"{_ONE}simulations/<uuid:run_id>/cancel/", body={})
    release = {"revision": 6, "percent": 100}
    yield replace(post, path=f"{_ONE}publish/", body=release, taken=True)
