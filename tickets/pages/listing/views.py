"""The list of tickets. Its address is its state; to htmx it answers with the list alone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lingxi.access.permissions import require
from tickets.listing.columns import MOST_COLUMNS
from tickets.listing.page import ListPage
from tickets.listing.paging import MOST_COUNTED, count_of
from tickets.listing.state import parse
from tickets.listing.viewer import Viewer
from tickets.models import ListTaste


@never_cache
@require_safe
@require("tickets.view")
def tickets(request: HttpRequest) -> HttpResponse:
    """The page."""
    return answer(request, request.GET)


def answer(request: HttpRequest, data: Any) -> HttpResponse:
    """The list in the state that `data` spells."""
    viewer = Viewer(request.user)
    page = ListPage(parse(data, viewer), viewer)
    is_part = bool(getattr(request, "htmx", False))
    template = "tickets/listing/_list.html" if is_part else "tickets/listing/page.html"
    response = render(request, template, {"list": page})
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@require_safe
@require("tickets.view")
def count(request: HttpRequest) -> HttpResponse:
    """How many tickets fit, up to a thousand."""
    viewer = Viewer(request.user)
    number = count_of(parse(request.GET, viewer), viewer)
    is_more = number > MOST_COUNTED
    context = {"count": MOST_COUNTED if is_more else number, "is_more": is_more}
    return render(request, "tickets/listing/_count.html", context)


@require_POST
@require("tickets.view")
def taste(request: HttpRequest) -> HttpResponse:
    """Keep columns and density, and show the list with them."""
    said: dict[str, Any] = {}
    user: Any = request.user
    if "columns" in request.POST:
        names = [one[:48] for one in request.POST.getlist("columns") if one and "\x00" not in one]
        said["columns"] = names[:MOST_COLUMNS]
    if "density" in request.POST:
        said["is_dense"] = request.POST["density"] == "dense"
    ListTaste.objects.update_or_create(user=user, defaults=said)
    return answer(request, request.GET)
