"""合并客户: find the other one, look at both, confirm. A dialog of the workbench, and a page.

The page is the way in from admin; it needs no script. Merging itself, its rights and its audit
entry are `conversations.merging`'s.
"""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conversations.merge_preview import candidates, preview
from conversations.merging import merge
from conversations.models import Customer
from conversations.workbench.forms import MergeForm, cleaned
from conversations.workbench.panel import customer_for
from lingxi.access.masking import for_viewer
from lingxi.access.permissions import require
from lingxi.errors import LingxiError
from lingxi.ids import parse_id


@require_http_methods(["GET", "HEAD", "POST"])
@require("customers.merge")
def merge_customer(request: HttpRequest, customer_id: uuid.UUID) -> HttpResponse:
    """`?q=` searches; `?other=` shows both, `?keep=other` the other way round; POST merges."""
    customer = customer_for(request.user, customer_id)
    if request.method != "POST":
        return _show(request, customer, request.GET)
    try:
        kept = _merge(request, customer)
    except LingxiError as error:
        if not request.accepts("text/html"):
            raise
        return _show(request, customer, request.POST, error)
    if not request.accepts("text/html"):
        return JsonResponse({"customer": str(kept.pk)})
    messages.success(request, "客户已合并")
    return redirect("admin:conversations_customer_change", kept.pk)


def _merge(request: HttpRequest, customer: Customer) -> Customer:
    said = cleaned(MergeForm(request.POST))
    kept, gone = _order(customer, customer_for(request.user, said["other"]), said["keep"])
    return merge(gone, kept, by=request.user)


def _order(customer: Customer, other: Customer, keep: str) -> tuple[Customer, Customer]:
    """Who is kept, and who goes."""
    return (other, customer) if keep == "other" else (customer, other)


def _show(
    request: HttpRequest, customer: Customer, asked: Any, error: LingxiError | None = None
) -> HttpResponse:
    context = _context(request, customer, asked)
    is_part = "HX-Request" in request.headers
    if is_part and "q" in asked:
        return render(request, "workbench/_merge_found.html", context)
    template = "workbench/_merge.html" if is_part else "workbench/merge.html"
    context |= {"is_dialog": is_part, "error": error.detail if error else ""}
    return render(request, template, context, status=error.status if error else 200)


def _context(request: HttpRequest, customer: Customer, asked: Any) -> dict[str, Any]:
    words = asked.get("q", "")
    context = {
        "customer": customer,
        "name": for_viewer(request.user, customer.display_name),
        "url": reverse("workbench:merge", args=[customer.pk]),
        "asked": words.strip(),
        "found": [_found(request, one) for one in candidates(request.user, customer, words)],
    }
    other = parse_id(asked.get("other", ""))
    if other is not None and other != customer.pk:
        context |= _pair(request, customer, customer_for(request.user, other), asked)
    return context


def _pair(request: HttpRequest, customer: Customer, other: Customer, asked: Any) -> dict[str, Any]:
    keep = "other" if asked.get("keep") == "other" else "this"
    turned = urlencode({"other": other.pk, "keep": "this" if keep == "other" else "other"})
    kept, gone = _order(customer, other, keep)
    return {
        "pair": preview(request.user, kept, gone),
        "other": other,
        "keep": keep,
        "turned": f"?{turned}",
    }


def _found(request: HttpRequest, one: Customer) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": for_viewer(request.user, one.display_name),
        "phone": for_viewer(request.user, one.phone),
        "level": for_viewer(request.user, one.level),
        "seen": one.last_seen_at,
    }
