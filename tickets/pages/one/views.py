"""The page of one ticket."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lingxi.access.permissions import require
from tickets.models import Ticket
from tickets.pages.one.finding import ticket_for
from tickets.pages.one.page import page_of


@require_safe
@require("tickets.view")
def page(request: HttpRequest, number: int) -> HttpResponse:
    """The whole page."""
    return answer(request, ticket_for(request.user, number), "tickets/one/page.html")


@require_safe
@require("tickets.view")
def now(request: HttpRequest, number: int) -> HttpResponse:
    """What is on it, read again."""
    return answer(request, ticket_for(request.user, number))


def answer(
    request: HttpRequest, ticket: Ticket, template: str = "tickets/one/_ticket.html"
) -> HttpResponse:
    """The ticket as it is now."""
    context = {
        "page": page_of(ticket, request.user),
        "max_upload": settings.LINGXI["MAX_UPLOAD_BYTES"],
    }
    return render(request, template, context)
