"""The page on which open tickets are brought to the workflow in force."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lingxi.errors import Conflict, Invalid, MethodNotAllowed
from lingxi.versioned.admin import pages
from tickets import migrating
from tickets.models import TicketType

if TYPE_CHECKING:
    from lingxi.versioned.admin import Desk

TEMPLATE = "tickets/admin/migrate.html"


def page(desk: "Desk", request: HttpRequest, type: TicketType) -> HttpResponse:
    """How many tickets go by older versions, and where those whose status is gone are to go."""
    if type.current is None:
        return _shown(desk, request, type, rows=[], count=0)
    chosen = request.GET
    rows = [{**one, "chosen": chosen.get(f"map.{one['key']}", "")} for one in migrating.gone(type)]
    return _shown(
        desk,
        request,
        type,
        rows=rows,
        count=migrating.behind(type).count(),
        options=migrating.options(type.current),
    )


def _shown(desk: "Desk", request: HttpRequest, type: TicketType, **context: Any) -> HttpResponse:
    url = desk.url("move", type)
    return pages.page(
        desk, request, type, TEMPLATE, "迁移工单", tab="migrate", move_url=url, **context
    )


def start(desk: "Desk", request: HttpRequest, type: TicketType) -> HttpResponse:
    """Asks for the job, or its rehearsal; on to its progress."""
    if request.method != "POST":
        raise MethodNotAllowed
    said = request.POST
    mapped = {
        name.removeprefix("map."): str(value)
        for name, value in said.items()
        if name.startswith("map.") and value
    }
    try:
        job = migrating.ask(
            type,
            mapped,
            by=request.user,
            rehearse=said.get("rehearse") == "1",
            version_id=said.get("version", ""),
        )
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
        return redirect(desk.url("migrate", type))
    return redirect(reverse("jobs:job", args=[job.pk]))
