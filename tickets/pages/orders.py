"""督办 and 催办 on the page of a ticket."""

import datetime as dt
import uuid

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lingxi.access.permissions import require
from lingxi.errors import Invalid
from tickets import supervision, urging
from tickets.models import SupervisionOrder
from tickets.pages.approvals import ticket_again
from tickets.pages.one.finding import ticket_for
from tickets.service import By

USUAL = dt.timedelta(hours=4)


class OrderForm(forms.Form):
    """What is ordered, until when (local time)."""

    text = forms.CharField(max_length=supervision.MAX_TEXT)
    due_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M"])


@require_http_methods(["GET", "HEAD", "POST"])
@require("tickets.supervise")
def supervise(request: HttpRequest, number: int) -> HttpResponse:
    """Order something; a GET is the dialog."""
    ticket = ticket_for(request.user, number)
    if request.method != "POST":
        usual = timezone.localtime(timezone.now() + USUAL)
        context = {"ticket": ticket, "usual": usual, "soonest": timezone.localtime()}
        return render(request, "tickets/approval/_supervise.html", context)
    form = OrderForm(request.POST)
    if not form.is_valid():
        raise Invalid(fields={name: [str(one) for one in row] for name, row in form.errors.items()})
    said = form.cleaned_data
    supervision.order(ticket.pk, By.staff(request.user), said["text"], said["due_at"])
    return ticket_again(request, ticket.pk)


@require_POST
@require("tickets.edit")
def answer(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    """Answer an order."""
    return _again(
        request,
        supervision.answer(order_id, By.staff(request.user), request.POST.get("text", "")),
    )


@require_POST
@require("tickets.supervise")
def withdraw(request: HttpRequest, order_id: uuid.UUID) -> HttpResponse:
    """Take an order back."""
    return _again(request, supervision.withdraw(order_id, By.staff(request.user)))


@require_POST
@require("tickets.comment")
def urge(request: HttpRequest, number: int) -> HttpResponse:
    """Urge for a ticket."""
    ticket = ticket_for(request.user, number)
    urging.urge(ticket.pk, By.staff(request.user), request.POST.get("text", ""))
    return ticket_again(request, ticket.pk)


def _again(request: HttpRequest, order: SupervisionOrder) -> HttpResponse:
    return ticket_again(request, order.ticket_id)
