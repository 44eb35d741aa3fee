"""URLs of approvals, orders, urging and escalation rules. Part of the oracle."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils import timezone

from tests.access.oracle import LEADERS, READERS, STAFF, TICKETS
from tests.access.page import Page
from tests.access.route import Route

ESCALATION_PAGES = {
    "tickets/escalationrule": Page("escalation rule", change=LEADERS, add=LEADERS, delete=LEADERS),
}
_ASKED, _ASKER = frozenset({"supervisor"}), frozenset({"colleague"})
_ON = "ticket waiting"  # what the request and the order are about


def approval_routes() -> Iterator[Route]:
    """All of them."""
    yield from approvals()
    yield from orders()
    for name in TICKETS:
        yield from on_ticket(name)


def approvals() -> Iterator[Route]:
    """A request is answered by whom it was put before, and taken back by who asked."""
    yield Route("tickets/approvals/", STAFF)
    yield Route("api/v1/tickets/approvals/", STAFF, kind="api")
    of = (("approval_id", "approval"),)
    one = "tickets/approvals/<uuid:approval_id>/"
    api = f"api/v1/{one}"
    yield Route(f"{one}people/", STAFF, needs=_ON, things=of)
    yes, to = {"decision": "approve"}, {"user": "@user agent"}
    acts: tuple[tuple[str, frozenset[str], Any], ...] = (
        ("decide", _ASKED, yes),
        ("delegate", _ASKED, to),
        ("withdraw", _ASKER, None),
    )
    for path, only, body in acts:
        here = Route("", STAFF, "POST", needs=_ON, things=of, only=only, body=body)
        yield replace(here, path=f"{one}{path}/")
        yield replace(here, path=f"{api}{path}", kind="api")


def orders() -> Iterator[Route]:
    """An order is answered by those who work on the ticket; one of a rule any leader withdraws."""
    of = (("order_id", "order"),)
    for base, end, kind in (("tickets/", "/", "page"), ("api/v1/tickets/", "", "api")):
        one = f"{base}orders/<uuid:order_id>/"
        here = Route("", STAFF, "POST", kind=kind, needs=_ON, things=of)
        yield replace(here, path=f"{one}answer{end}", body={"text": "已联系"})
        yield replace(here, path=f"{one}withdraw{end}", who=LEADERS)


def on_ticket(name: str) -> Iterator[Route]:
    """Ordering and urging."""
    page, api = "tickets/<ticket:number>/", "api/v1/tickets/<str:reference>/"
    of, by = (("number", f"number of {name}"),), (("reference", f"number of {name}"),)
    until = timezone.localtime() + dt.timedelta(days=2)
    said = {"text": "请联系", "due_at": until.strftime("%Y-%m-%dT%H:%M")}
    here = Route(f"{page}supervise/", LEADERS, needs=name, things=of)
    yield here
    yield replace(here, method="POST", body=said)
    yield Route(f"{page}urge/", STAFF, "POST", needs=name, things=of)
    read = Route(f"{api}orders", READERS, kind="api", needs=name, things=by)
    yield read
    order = {**said, "due_at": until.isoformat()}
    yield replace(read, who=LEADERS, method="POST", body=order)
    yield replace(read, path=f"{api}urge", who=STAFF, method="POST", body={})
