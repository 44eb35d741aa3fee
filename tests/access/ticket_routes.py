"""URLs of tickets, by page and by API. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.access.oracle import READERS, SPOKEN, STAFF, TICKETS
from tests.access.route import FILE, Route

_PAGE, _API = "tickets/<ticket:number>/", "api/v1/tickets/<str:reference>"
_SHOWN = ("title", "description", "label", "reply", "internal")
_FROM = {"ticket a": "served", "ticket waiting": "waiting", "ticket b": "foreign"}


def ticket_routes() -> Iterator[Route]:
    """Everything about tickets that is not a list."""
    yield from making()
    for name, owner in TICKETS.items():
        yield from pages(name, owner)
        yield from api(name, owner)
    yield Route("api/v1/tickets/types", READERS, kind="api")
    yield Route("api/v1/tickets/issue-types", READERS, kind="api")
    shows = tuple((kind, name) for kind in ("title", "label") for name in TICKETS)
    yield Route("api/v1/tickets/", READERS, kind="api", shows=shows)
    yield Route("api/v1/tickets/", STAFF, "POST", kind="api", body=_new())


def _new(**more: Any) -> dict[str, Any]:
    return {"type": "refund", "title": "新的工单", **more}


def making() -> Iterator[Route]:
    """The form, filled in from a conversation, and what it sends."""
    yield Route("tickets/new/", STAFF)
    yield Route("tickets/new/", STAFF, "POST", body=_new())
    yield Route("tickets/new/file/", STAFF, "POST", body=FILE)
    form, of = "tickets/new/form/", "tickets/of/<uuid:conversation_id>/"
    for name, owner in SPOKEN.items():
        asked = Route(form, STAFF, needs=name, url=f"{form}?conversation=@{name}")
        yield replace(asked, shows=(("message", name), ("name", owner)))
        shows = tuple(("title", one) for one, theirs in TICKETS.items() if theirs == owner)
        yield Route(of, READERS, needs=name, shows=shows)


def pages(name: str, owner: str) -> Iterator[Route]:
    """The page of a ticket and what is done on it."""
    of = (("number", f"number of {name}"),)
    shows = (*((kind, name) for kind in (*_SHOWN, "form", "hidden")), ("name", owner))
    for path in (_PAGE, f"{_PAGE}now/"):
        yield Route(path, READERS, needs=name, things=of, shows=shows)
    for path in ("edit/", "assign/", "merge/"):
        yield Route(f"{_PAGE}{path}", STAFF, needs=name, things=of)
    step = (*of, ("transition", "step start"))
    yield Route(f"{_PAGE}move/<slug:transition>/", STAFF, needs=name, things=step)
    yield Route(f"{_PAGE}watch/", READERS, "POST", needs=name, things=of, body={"on": "yes"})
    post = Route("", STAFF, "POST", needs=name, things=of)
    yield replace(post, path=f"{_PAGE}edit/", body={"priority": "4"})
    yield replace(post, path=f"{_PAGE}move/<slug:transition>/", things=step, body={})
    yield replace(post, path=f"{_PAGE}comment/", body={"text": "已核实"})
    agent = "@agent outsider" if name == "ticket b" else "@agent agent"
    yield replace(post, path=f"{_PAGE}assign/", body={"agent": agent})
    yield replace(post, path=f"{_PAGE}link/", body={"conversation": f"@{_FROM[name]}"})
    yield replace(post, path=f"{_PAGE}parent/", body={"parent": ""})
    if name == "ticket waiting":
        yield replace(post, path=f"{_PAGE}claim/", desk=True)
    else:
        source = (*of, ("conversation_id", _FROM[name]))
        path = f"{_PAGE}unlink/<uuid:conversation_id>/"
        yield replace(post, path=path, things=source, taken=True)
    if name == "ticket a":
        yield replace(post, path=f"{_PAGE}merge/", body={"target": "@number of twin"})
        yield replace(post, path=f"{_PAGE}parent/", body={"parent": "@number of twin"})


def api(name: str, owner: str) -> Iterator[Route]:
    """The same by API."""
    of = (("reference", f"number of {name}"),)
    read = Route(_API, READERS, kind="api", needs=name, things=of)
    told = ("title", "description", "label", "form", "hidden", "secret")
    yield replace(read, shows=(*((kind, name) for kind in told), ("name", owner)))
    yield replace(read, path=f"{_API}/transitions")
    yield replace(read, path=f"{_API}/comments", shows=(("reply", name), ("internal", name)))
    yield replace(read, path=f"{_API}/timeline")
    for method in ("PUT", "DELETE"):
        yield replace(read, path=f"{_API}/watch", method=method)
    post = replace(read, who=STAFF, method="POST")
    yield replace(post, path=_API, method="PATCH", body={"priority": "urgent"})
    yield replace(post, path=f"{_API}/transitions", body={"transition": "start"})
    yield replace(post, path=f"{_API}/comments", body={"text": "已核实"})
    agent = "@agent outsider" if name == "ticket b" else "@agent agent"
    yield replace(post, path=f"{_API}/assign", body={"agent": agent})
    yield replace(post, path=f"{_API}/links", body={"conversation": f"@{_FROM[name]}"})
    yield replace(post, path=f"{_API}/parent", method="PUT", body={"ticket": None})
    if name != "ticket waiting":
        source = (*of, ("conversation_id", _FROM[name]))
        path = f"{_API}/links/<uuid:conversation_id>"
        yield replace(post, path=path, method="DELETE", things=source, taken=True)
    if name == "ticket a":
        yield replace(post, path=f"{_API}/merge", body={"ticket": "@number of twin"})
