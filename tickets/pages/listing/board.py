"""The board."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lingxi.access.permissions import require
from lingxi.errors import NotFound
from lingxi.ids import parse_id
from tickets.listing import board
from tickets.listing.page import ListPage
from tickets.listing.state import State, parse
from tickets.listing.viewer import Viewer
from tickets.models import Ticket
from tickets.service.change import RELATED


@never_cache
@require_safe
@require("tickets.view")
def page(request: HttpRequest) -> HttpResponse:
    """The page; to scripts the board alone."""
    viewer = Viewer(request.user)
    state = board.board_state(parse(request.GET, viewer))
    context: dict[str, Any] = {
        "columns": board.columns_of(state, viewer),
        "by": "status" if board.single_type(state, viewer) else "category",
        "query": state.query(view=""),
    }
    is_part = bool(getattr(request, "htmx", False))
    if not is_part:
        quick = ListPage(state, viewer).quick
        context["inputs"] = [one for one in quick if one.filter.name in board.KEPT]
        context["words"] = "".join(state.values.get("q", ()))
    template = "tickets/listing/_board.html" if is_part else "tickets/listing/board.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@require_safe
@require("tickets.view")
def more(request: HttpRequest) -> HttpResponse:
    """More cards of one column."""
    viewer = Viewer(request.user)
    state = board.board_state(parse(request.GET, viewer))
    column = _column(state, viewer, request.GET.get("column", ""))
    found = board.column_of(state, viewer, *column, after=request.GET.get("after", ""))
    context = {"column": found, "query": state.query(view="")}
    return render(request, "tickets/listing/_cards.html", context)


def _column(state: State, viewer: Viewer, key: str) -> tuple[str, str, str]:
    found = [one for one in board.names_of(state, viewer) if one[0] == key]
    if not found:
        raise Http404
    return found[0]


@require_POST
@require("tickets.edit")
def move(request: HttpRequest) -> JsonResponse:
    """Put a ticket into another column; `ask` is the dialog to be filled in first."""
    pk = parse_id(request.POST.get("ticket", ""))
    rows = Ticket.objects.visible_to(request.user).select_related(*RELATED, "type__schema")
    ticket = rows.filter(pk=pk).first() if pk else None
    if ticket is None:
        raise NotFound("工单不存在，或你无权查看")
    by_status = request.POST.get("by") == "status"
    key = board.move(request.user, ticket, request.POST.get("column", ""), by_status=by_status)
    ask = reverse("tickets:move", args=[ticket.number, key]) if key else ""
    return JsonResponse({"ask": ask})
