"""Calendars, shifts, rosters and breaks: their admin pages and what agents ask. Part of the oracle.

What several groups share is changed by those who see all who rely on it.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.oracle import ADMINS, LEADERS, STAFF
from tests.access.page import Page
from tests.access.route import Route

_OF_A = ADMINS | {"supervisor"}

SCHEDULE_PAGES = {
    "routing/businesshours": Page("hours", change=_OF_A, add=LEADERS, delete=_OF_A),
    "routing/shift": Page("shift", change=_OF_A, add=LEADERS, delete=_OF_A),
    "routing/rosterentry": Page(
        "roster entry", change=LEADERS, add=LEADERS, delete=LEADERS, needs="served"
    ),
    "routing/breakreason": Page("break reason", change=ADMINS, add=LEADERS, delete=ADMINS),
    "routing/breakrequest": Page("break request", needs="served"),
}


def schedule_admin_routes() -> Iterator[Route]:
    """The week, planning, copying, and deciding about a break."""
    base = "admin/routing/rosterentry/"
    page = Route("", LEADERS, kind="admin")
    yield replace(page, path=f"{base}week/", url=f"{base}week/?from=2026-11-23")
    yield replace(page, path=f"{base}plan/")
    plan = {
        "agents": "@agent agent",
        "shift": "@shift",
        "first": "2027-02-01",
        "last": "2027-02-05",
        "days": "0",
    }
    yield replace(page, path=f"{base}plan/", method="POST", body=plan)
    yield replace(page, path=f"{base}week/copy/", method="POST", body={"from": "2026-11-30"})
    for verb in ("approve", "reject"):
        path = f"admin/routing/breakrequest/<path:object_id>/{verb}/"
        things = (("object_id", "break request"),)
        one = replace(page, path=path, needs="served", things=things)
        yield one
        yield replace(one, method="POST", body={"_form_submitted": "on"})


def break_routes() -> Iterator[Route]:
    """What agents see of breaks and take back."""
    yield Route("workbench/status/now/", STAFF)
    yield Route("workbench/break/withdraw/", STAFF, "POST", desk=True)
    api = Route("", STAFF, kind="api", desk=True)
    yield replace(api, path="api/v1/agent/status")
    yield replace(api, path="api/v1/agent/break-reasons", desk=False)
    yield replace(api, path="api/v1/agent/break-request", method="DELETE")
