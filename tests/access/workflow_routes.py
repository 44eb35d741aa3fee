"""Ticket types, their workflows, and rows of tickets in the admin. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.oracle import LEADERS, TICKETS
from tests.access.page import Page
from tests.access.route import Route

_ONE = "admin/tickets/tickettype/<uuid:owner_id>/workflow/"
_THINGS = (("owner_id", "ticket type"), ("version_id", "workflow version"))
_TITLES = tuple(("title", name) for name in TICKETS)
_SAID = tuple((kind, name) for name in TICKETS for kind in ("reply", "internal"))

WORKFLOW_PAGES = {
    "tickets/tickettype": Page("ticket type", change=LEADERS, add=LEADERS),
    "tickets/ticket": Page(
        "ticket a", needs="ticket a", lists=_TITLES, shows=(("title", "ticket a"),)
    ),
    "tickets/comment": Page(
        "ticket comment", needs="ticket a", lists=_SAID, shows=(("reply", "ticket a"),)
    ),
}


def workflow_routes() -> Iterator[Route]:
    """The type has a version and a draft (its second revision), which can be published."""
    page = Route(_ONE, LEADERS, kind="admin", things=_THINGS)
    yield page
    for path in ("versions/", "versions/<uuid:version_id>/", "draft/", "migrate/"):
        yield replace(page, path=_ONE + path)
    two = "compare/?a=@workflow version&b=@workflow draft"
    whole = "admin/tickets/tickettype/@ticket type/workflow/"
    yield replace(page, path=f"{_ONE}compare/", url=f"{whole}{two}")
    move = replace(page, path=f"{_ONE}migrate/start/", method="POST")
    yield replace(move, body={"rehearse": "1", "version": "@workflow version"})
    post = replace(page, kind="admin json", method="POST")
    yield replace(post, path=f"{_ONE}check/", body={"content": {}})
    yield replace(post, path=f"{_ONE}draft/", body={"content": {}, "revision": 2})
    yield replace(post, path=f"{_ONE}discard/", body={"revision": 2})
    yield replace(post, path=f"{_ONE}roll-back/", body={"version": "@workflow version"})
    yield replace(post, path=f"{_ONE}publish/", body={"revision": 2})
