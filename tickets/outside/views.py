"""The page of a public form, and what is said after it was sent."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from conversations.attachments.checks import too_big
from lingxi.errors import LingxiError, MalformedRequest, NotFound
from tickets.models import TicketType
from tickets.outside import submitting
from tickets.public import public_form, public_type

ENVELOPE = 256 * 1024  # what the other fields may take beside the files
TRAP = "website"  # nobody sees this field; who fills it in is no person
_SAID = ("title", "description", "name", "phone", "email", "attempt")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt
def page(request: HttpRequest, key: str) -> HttpResponse:
    """`/forms/<type>/`. What is too big is refused before anything, CSRF included, reads it."""
    if request.method == "POST":
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdecimal():
            raise MalformedRequest
        if int(length) > settings.LINGXI["MAX_UPLOAD_BYTES"] + ENVELOPE:
            raise too_big()
    try:
        type = public_type(key)
    except NotFound:
        return render(request, "tickets/outside/gone.html", status=404)
    return _page(request, type)


@csrf_protect
def _page(request: HttpRequest, type: TicketType) -> HttpResponse:
    if request.method != "POST":
        return _form(request, type)
    if request.POST.get(TRAP):
        return render(request, "tickets/outside/done.html", {"type": type})
    said = {name: request.POST.get(name, "") for name in _SAID}
    values = public_form(type).from_post(request.POST)
    try:
        address = request.META.get("REMOTE_ADDR", "")
        files = request.FILES.getlist("files")
        ticket = submitting.submit(type, said, values, files, address)
    except LingxiError as error:
        if error.status >= 500:
            raise
        return _form(request, type, said, values, error)
    return render(request, "tickets/outside/done.html", {"type": type, "number": ticket.reference})


def _form(
    request: HttpRequest,
    type: TicketType,
    said: dict[str, str] | None = None,
    values: dict[str, Any] | None = None,
    error: LingxiError | None = None,
) -> HttpResponse:
    form = public_form(type)
    wrong = error.fields if error else {}
    shown = values if values is not None else {one.key: one.default for one in form.fields}
    context = {
        "type": type,
        "said": {"attempt": str(uuid.uuid4()), **(said or {})},
        "controls": form.controls(shown, None, errors=wrong),
        "wrong": {name: " ".join(map(str, told)) for name, told in wrong.items()},
        "error": error.detail if error else "",
        "most_files": submitting.MOST_FILES,
    }
    status = error.status if error else 200
    return render(request, "tickets/outside/form.html", context, status=status)
