"""The bell: a person's notices, and having read them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from conversations import notices
from lingxi.access.permissions import require
from lingxi.errors import NotFound
from lingxi.ids import parse_id


@require_safe
@require("workbench.use")
def bell(request: HttpRequest) -> HttpResponse:
    """The bell with its list; fetched again when a socket says that there is something new."""
    return _bell(request)


@require_POST
@require("workbench.use")
def read(request: HttpRequest) -> HttpResponse:
    """Mark `notice` as read, or all when none is named. Raises `NotFound`."""
    named = request.POST.get("notice", "")
    notice_id = parse_id(named)
    if named and notice_id is None:
        raise NotFound
    notices.mark_read(request.user, notice_id)
    return _bell(request)


def _bell(request: HttpRequest) -> HttpResponse:
    context = {
        "notices": notices.newest_of(request.user),
        "unread": notices.unread_of(request.user),
    }
    return render(request, "workbench/_bell.html", context)
