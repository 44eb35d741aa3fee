"""URLs of visitors' own tickets, of public forms and of rules that make tickets. The oracle's."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.access.admin_routes import model_routes
from tests.access.oracle import EVERYBODY, LEADERS, TICKETS, VISITORS
from tests.access.page import Page
from tests.access.route import Route

_ONE = "api/v1/visitor/tickets/<str:number>"
PAGES = {"tickets/creationrule": Page("creation rule", change=LEADERS, add=LEADERS, delete=LEADERS)}


def visitor_ticket_routes() -> Iterator[Route]:
    """All of them."""
    yield from lists()
    for name in TICKETS:
        yield from one(name)
    yield from forms()
    for name, page in PAGES.items():
        yield from model_routes(name, page)


def lists() -> Iterator[Route]:
    """Own ones, and what can be submitted."""
    api, base = Route("", VISITORS, kind="visitor"), "api/v1/visitor/"
    shows = tuple(("title", name) for name in TICKETS)
    yield replace(api, path=f"{base}tickets", shows=shows)
    new = {"type": "repair", "title": "坏了", "fields": {"order": "A1"}}
    yield replace(api, path=f"{base}tickets", method="POST", body=new)
    yield replace(api, path=f"{base}ticket-forms")


def one(name: str) -> Iterator[Route]:
    """One's own, and what is done with it; it is still worked on."""
    of = (("number", f"number of {name}"),)
    here = Route(_ONE, VISITORS, kind="visitor", needs=name, things=of)
    yield replace(here, shows=(("title", name), ("reply", name)))
    acts: tuple[tuple[str, Any, bool], ...] = (
        ("comments", {"text": "请尽快"}, False),
        ("urge", {}, False),
        ("rating", {"score": 5}, True),
        ("reopen", {}, True),
    )
    for path, body, taken in acts:
        yield replace(here, path=f"{_ONE}/{path}", method="POST", body=body, taken=taken)


def forms() -> Iterator[Route]:
    """For everybody, logged in or not."""
    path, of = "forms/<slug:key>/", (("key", "public type"),)
    yield Route(path, EVERYBODY, kind="public", things=of)
    said = {"attempt": "@unique", "title": "坏了", "phone": "13900001111"}
    yield Route(path, EVERYBODY, "POST", kind="public", things=of, body=said)
