"""拉黑 in the customer's panel: the dialog, and taking the block back."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from conversations import blocklist
from conversations.models import Customer
from conversations.workbench.forms import BlockForm, cleaned
from conversations.workbench.panel import block_of, customer_for
from lingxi.access.permissions import require

CHOICES = BlockForm.CHOICES


@require_http_methods(["GET", "HEAD", "POST"])
@require("customers.block")
def block(request: HttpRequest, customer_id: uuid.UUID) -> HttpResponse:
    """The dialog; posting it blocks the customer and ends what is open."""
    customer = customer_for(request.user, customer_id)
    if request.method != "POST":
        context = {"customer": customer, "choices": CHOICES}
        return render(request, "workbench/_block_dialog.html", context)
    said = cleaned(BlockForm(request.POST))
    blocklist.block(customer, said["reason"], said["hours"], request.user)
    return _state(request, customer)


@require_POST
@require("customers.block")
def lift(request: HttpRequest, customer_id: uuid.UUID) -> HttpResponse:
    """解除, by a supervisor or by who set it."""
    customer = customer_for(request.user, customer_id)
    blocklist.lift_all(customer, request.user)
    return _state(request, customer)


def _state(request: HttpRequest, customer: Customer) -> HttpResponse:
    context = {"customer": customer, "block": block_of(customer, request.user)}
    return render(request, "workbench/_block.html", context)
