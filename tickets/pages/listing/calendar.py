"""The calendar of dues."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lingxi.access.permissions import require
from tickets.listing.calendar import calendar_of
from tickets.listing.viewer import Viewer


@never_cache
@require_safe
@require("tickets.view")
def page(request: HttpRequest) -> HttpResponse:
    """The page; to scripts the calendar alone."""
    context = {"calendar": calendar_of(Viewer(request.user), request.GET)}
    is_part = bool(getattr(request, "htmx", False))
    template = "tickets/listing/_calendar.html" if is_part else "tickets/listing/calendar.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
