"""The dialog that asks what to export."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lingxi.access.permissions import require
from lingxi.errors import LingxiError
from tickets.listing.viewer import Viewer
from tickets.transfer import exporting
from tickets.transfer.cells import columns_for

MOST_QUERY = 8_000


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require(exporting.PERMISSION)
def export(request: HttpRequest) -> HttpResponse:
    """Columns and format for the list at this address; to htmx as a dialog's content.

    `?column=` names those ticked at first. Sent, it begins the job and leads to its page.
    """
    if request.method != "POST":
        return _page(request, request.GET.urlencode()[:MOST_QUERY])
    query = request.POST.get("query", "")[:MOST_QUERY]
    columns, kind = request.POST.getlist("columns"), request.POST.get("format", "")
    try:
        job = exporting.begin(request.user, query, columns, kind)
    except LingxiError as error:
        return _page(request, query, error)
    return redirect("jobs:job", job.pk)


def _page(request: HttpRequest, query: str, error: LingxiError | None = None) -> HttpResponse:
    viewer = Viewer(request.user)
    ticked = set(request.GET.getlist("column"))
    columns: list[dict[str, Any]] = [
        {
            "key": one.key,
            "label": one.label,
            "ticked": one.key in ticked if ticked else one.is_usual,
        }
        for one in columns_for(viewer.types, request.user)
    ]
    context = {
        "query": query,
        "columns": columns,
        "count": exporting.tickets_of(viewer, query).count(),
        "error": error,
    }
    is_part = bool(getattr(request, "htmx", False))
    template = "tickets/transfer/_export.html" if is_part else "tickets/transfer/export.html"
    return render(request, template, context, status=error.status if error else 200)
