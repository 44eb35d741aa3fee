"""URLs of the list of tickets, of board and calendar. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.oracle import READERS, STAFF, TICKETS
from tests.access.route import Route

TITLES = tuple(("title", name) for name in TICKETS)


def ticket_list_routes() -> Iterator[Route]:
    """What a person sees of many tickets; what is done to one of them from there."""
    page = Route("tickets/", READERS, shows=TITLES)
    yield page
    yield replace(page, url="tickets/?q=苹果色号&sort=-created")
    yield replace(page, url="tickets/?f.form=cnryform&category=active")
    # Who may not see the fields finds all tickets, not those that have such a value.
    yield replace(page, url="tickets/?f.secret=cnrysecret")
    yield replace(page, url="tickets/?f.hidden=cnryhidden")
    yield Route("tickets/count/", READERS)
    yield Route("tickets/taste/", READERS, "POST", body={"columns": "state"}, shows=TITLES)
    yield Route("tickets/calendar/", READERS)
    yield Route("tickets/board/", READERS, shows=TITLES)
    yield Route("tickets/board/more/", READERS, url="tickets/board/more/?column=new")
    for name in TICKETS:
        body = {"ticket": f"@{name}", "column": "open", "by": "category"}
        yield Route("tickets/board/move/", STAFF, "POST", needs=name, body=body)
        # Hidden tickets are among the results as ones that do not exist.
        body = {"action": "priority", "priority": "urgent", "ids": f"@{name}"}
        yield Route("tickets/bulk/", STAFF, "POST", kind="excusing", needs=name, body=body)
    yield Route("tickets/bulk/", READERS, url="tickets/bulk/?action=assign")
    yield from views()


def views() -> Iterator[Route]:
    """Saved views are one's own; there are no others."""
    base = "tickets/views/"
    yield Route(f"{base}counts/", READERS)
    said = {"name": "待办", "query": "category=active"}
    for path in (base, f"{base}restore/"):
        yield Route(path, READERS, "POST", body=said)
    yield Route(f"{base}order/", READERS, "POST", body={"ids": "@view of agent"})
    own = (("view_id", "view of agent"),)
    for path in (f"{base}<uuid:view_id>/", f"{base}<uuid:view_id>/delete/"):
        yield Route(path, READERS, "POST", kind="of agent", things=own, body={"name": "改名"})
