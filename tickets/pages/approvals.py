"""我的审批, and answers to requests from there and from the page of a ticket."""

import uuid
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from conversations.api.base import query_int
from lingxi.access.permissions import require
from lingxi.errors import Invalid, NotFound
from tickets import approval as approvals
from tickets.approval import people, telling
from tickets.approval.lists import TABS, of_tab, waiting_count
from tickets.approval.shown import shown_list
from tickets.models import Approval, ApprovalState, Ticket
from tickets.pages.one.finding import ticket_for
from tickets.pages.one.views import answer

PER_PAGE = 20
MOST_PEOPLE = 12


@require_safe
@require("tickets.approve")
def page(request: HttpRequest) -> HttpResponse:
    """A tab; `?from=` leaves out so many, for the fragment that follows."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "waiting"
    start = query_int(request, "from")
    found = shown_list(of_tab(tab, request.user)[start : start + PER_PAGE + 1], request.user)
    context = {
        "cards": found[:PER_PAGE],
        "more": start + PER_PAGE if len(found) > PER_PAGE else None,
        "tab": tab,
        "tabs": TABS.items(),
        "waiting": waiting_count(request.user),
    }
    part = request.headers.get("HX-Request") and start
    name = "_cards" if part else "page"
    return render(request, f"tickets/approval/{name}.html", context)


@require_POST
@require("tickets.approve")
def decide(request: HttpRequest, approval_id: uuid.UUID) -> HttpResponse:
    """Approve, reject or return."""
    said = request.POST
    found = approvals.decide(
        approval_id, request.user, said.get("decision", ""), said.get("reason", "")
    )
    return _again(request, found)


@require_POST
@require("tickets.approve")
def delegate(request: HttpRequest, approval_id: uuid.UUID) -> HttpResponse:
    """Have somebody else answer."""
    person = people.find(request.POST.get("user"))
    if person is None:
        raise Invalid("请选择接手的人", fields={"user": ["请选择"]})
    reason = request.POST.get("reason", "")
    return _again(request, approvals.delegate(approval_id, request.user, person, reason))


@require_POST
@require("tickets.approve")
def withdraw(request: HttpRequest, approval_id: uuid.UUID) -> HttpResponse:
    """Take back one's own request."""
    return _again(request, approvals.withdraw(approval_id, request.user))


@require_safe
@require("tickets.approve")
def candidates(request: HttpRequest, approval_id: uuid.UUID) -> HttpResponse:
    """Who could answer instead; `?q=` is a part of a name."""
    found = Approval.objects.visible_to(request.user).filter(pk=approval_id).first()
    if found is None:
        raise NotFound("审批不存在，或你无权查看")
    known = found.steps.filter(state=ApprovalState.PENDING).values("answers__user_id")
    rows = people.approvers().exclude(pk__in=[one["answers__user_id"] for one in known])
    q = request.GET.get("q", "").strip()[:40]
    if q:
        rows = rows.filter(Q(first_name__icontains=q) | Q(username__icontains=q))
    names = [
        {"id": user.pk, "name": telling.name_of(user), "username": user.get_username()}
        for user in rows.exclude(pk=found.asked_by_id)[:MOST_PEOPLE]
    ]
    context = {"people": names, "approval": found, "on_ticket": "on_ticket" in request.GET}
    return render(request, "tickets/approval/_people.html", context)


def _again(request: HttpRequest, approval: Approval) -> HttpResponse:
    """The card as it is then; on the page of the ticket, that page."""
    if request.POST.get("on") == "ticket":
        return ticket_again(request, approval.ticket_id)
    rows = Approval.objects.visible_to(request.user).filter(pk=approval.pk)
    cards = shown_list(rows, request.user)
    context: dict[str, Any] = {"card": cards[0] if cards else None}
    context["waiting"] = waiting_count(request.user)
    return render(request, "tickets/approval/_answered.html", context)


def ticket_again(request: HttpRequest, ticket_id: uuid.UUID) -> HttpResponse:
    """The ticket read again; a word of excuse when it has left the person's sight."""
    number = Ticket.objects.values_list("number", flat=True).get(pk=ticket_id)
    try:
        return answer(request, ticket_for(request.user, number))
    except NotFound:
        return render(request, "tickets/one/_gone.html", {"number": number})
