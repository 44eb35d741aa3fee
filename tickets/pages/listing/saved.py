"""Saved views: what is done to them from the list."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lingxi.access.permissions import require
from tickets.listing import views


@require_POST
@require("tickets.view")
def create(request: HttpRequest) -> JsonResponse:
    """Keep the state of the list under a name."""
    shared = request.POST.get("is_shared") == "yes"
    view = views.save(
        request.user, request.POST.get("name"), request.POST.get("query", ""), is_shared=shared
    )
    return JsonResponse({"id": view.key, "url": view.url}, status=201)


@require_POST
@require("tickets.view")
def change(request: HttpRequest, view_id: uuid.UUID) -> JsonResponse:
    """Another name, other conditions, another audience."""
    said: dict[str, Any] = {
        name: request.POST[name] for name in ("name", "query") if name in request.POST
    }
    if "is_shared" in request.POST:
        said["is_shared"] = request.POST["is_shared"] == "yes"
    view = views.change(request.user, view_id, **said)
    return JsonResponse({"id": view.key, "url": view.url})


@require_POST
@require("tickets.view")
def delete(request: HttpRequest, view_id: uuid.UUID) -> JsonResponse:
    """Remove it; the answer is what `restore` takes."""
    return JsonResponse(views.delete(request.user, view_id))


@require_POST
@require("tickets.view")
def restore(request: HttpRequest) -> JsonResponse:
    """Undo a removal."""
    kept = {name: request.POST.get(name, "") for name in ("name", "query", "is_shared", "order")}
    view = views.restore(request.user, kept)
    return JsonResponse({"id": view.key, "url": view.url}, status=201)


@require_POST
@require("tickets.view")
def order(request: HttpRequest) -> HttpResponse:
    """Put one's own views into this order."""
    views.reorder(request.user, request.POST.getlist("ids"))
    return HttpResponse(status=204)


@never_cache
@require_safe
@require("tickets.view")
def counts(request: HttpRequest) -> JsonResponse:
    """How many tickets each view finds, by its key."""
    return JsonResponse(views.counts(request.user))
