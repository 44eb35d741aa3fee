"""Issue types in the admin, and what the classifier made of tickets. Part of the oracle."""

from collections.abc import Iterator
from dataclasses import replace

from tests.access.admin_routes import model_routes
from tests.access.oracle import LEADERS
from tests.access.page import Page
from tests.access.route import Route

_BASE = "admin/tickets/issuetype/"


def classification_routes() -> Iterator[Route]:
    """Leaders keep the tree; what was corrected shows tickets as far as they see them."""
    tree = Page("issue type", change=LEADERS, add=LEADERS, delete=LEADERS)
    yield from model_routes("tickets/issuetype", tree)
    page = Route("", LEADERS, kind="admin")
    quality = f"{_BASE}quality/"
    yield replace(page, path=quality, url=f"{quality}?text=发票抬头")
    yield replace(page, path=f"{_BASE}corrected/", shows=(("title", "ticket a"),))
    anew = f"{_BASE}learn-anew/"
    yield replace(page, path=anew)
    yield replace(page, path=anew, method="POST", body={"_form_submitted": "on"})
