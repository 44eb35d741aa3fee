"""The pages of the archive."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.archive.forms import ArchiveForm
from audit.archive.listing import page_of, parse_cursor
from audit.archive.transcript import transcript_of
from audit.registration import log_reading
from conversations.explaining import stays_of
from conversations.models import Conversation
from conversations.workbench.wrapping import wrapping_of
from lingxi import grams
from lingxi.access.permissions import can, require


@never_cache
@require_safe
@require("archive.search")
def search(request: HttpRequest) -> HttpResponse:
    """The form and the results; to htmx the results alone."""
    form = ArchiveForm(request.GET, user=request.user)
    cursor = request.GET.get("after", "")
    page = page_of(form, parse_cursor(cursor)) if form.is_valid() else None
    more = request.GET.copy()
    more["after"] = page.next if page else ""
    context = {"form": form, "page": page, "more": more.urlencode(), "continued": bool(cursor)}
    partial = bool(getattr(request, "htmx", False))
    template = "archive/_results.html" if partial else "archive/search.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@require_safe
@require("archive.search")
def transcript(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """One conversation with its whole log. That it was opened goes to the audit log."""
    rows = Conversation.objects.visible_to(request.user)
    related = rows.select_related("customer", "channel", "group", "agent", "rating")
    conversation = related.filter(pk=conversation_id).first()
    if conversation is None:
        raise Http404
    words, at = request.GET.get("q", ""), request.GET.get("at", "")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 10 else 1
    page = transcript_of(conversation, request.user, terms=_terms(words), at=place)
    log_reading(conversation)
    may_explain = can(request.user, "routing.explain")
    stays = stays_of(request.user, conversation) if may_explain else []
    context = {"page": page, "words": words, "at": place, "stays": stays}
    context["wrapping"] = wrapping_of(conversation, request.user, None)
    return render(request, "archive/transcript.html", context)


def _terms(words: str) -> tuple[str, ...]:
    try:
        return grams.parse(words).terms
    except grams.BadQuery:
        return ()
