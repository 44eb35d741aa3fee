"""Making a ticket by hand: one click from a conversation, or from scratch."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations import attachments
from conversations.attachments.store import answer as file_answer
from conversations.models import Conversation, Customer
from conversations.workbench.pane import conversation_for
from lingxi.access.permissions import require
from lingxi.errors import Invalid
from tickets import service
from tickets.api.shapes import issue_types_answer
from tickets.forms import form_in_force
from tickets.models import IssueType, Priority, Source, Ticket, TicketType
from tickets.pages.one import forms
from tickets.pages.one.page import related
from tickets.prefill import Prefill, prefill
from tickets.service import By, NewTicket

SHOWN = 8


def _types() -> Any:
    return TicketType.objects.filter(is_active=True, current__isnull=False).select_related(
        "schema", "group"
    )


def _type_in(raw: str) -> TicketType | None:
    """The type of that key; the first when none is named. None when there is no type at all."""
    rows = _types()
    return (rows.filter(key=raw[:32]).first() if raw else None) or rows.first()


@require_http_methods(["GET", "HEAD", "POST"])
@require("tickets.create")
def page(request: HttpRequest) -> HttpResponse:
    """The page; what it sends makes the ticket and says where it is."""
    if request.method == "POST":
        return _create(request)
    return render(request, "tickets/new/page.html", _context(request))


@require_safe
@require("tickets.create")
def form(request: HttpRequest) -> HttpResponse:
    """The form alone, for the dialog in the workbench and when another type is chosen."""
    template = "tickets/new/_dialog.html" if "dialog" in request.GET else "tickets/new/_form.html"
    return render(request, template, _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    conversation = _conversation_in(request, request.GET.get("conversation", ""))
    type = _type_in(request.GET.get("type", ""))
    filled = prefill(conversation, type, request.user) if conversation and type else Prefill("", "")
    fields = form_in_force(type) if type else None
    open_ones = _open_of(conversation, request.user) if conversation else []
    return {
        "type": type,
        "types": _types(),
        "conversation": conversation,
        "filled": filled,
        "files": _files(filled),
        "open_ones": open_ones,
        "priorities": Priority.choices,
        "issue_types": issue_types_answer(IssueType.objects.filter(is_active=True)),
        "controls": fields.controls(filled.fields, request.user) if fields else [],
        "upload_url": reverse("tickets:new-file"),
        "max_upload": settings.LINGXI["MAX_UPLOAD_BYTES"],
        "attempt": uuid.uuid4(),
    }


def _files(filled: Prefill) -> list[Any]:
    from conversations.models import Attachment

    return list(Attachment.objects.filter(pk__in=filled.files).order_by("created_at"))


def _conversation_in(request: HttpRequest, raw: str) -> Conversation | None:
    rows = Conversation.objects.visible_to(request.user).select_related("customer", "channel")
    found: Conversation | None = forms.row_in(rows, raw, "conversation")
    return found


def _open_of(conversation: Conversation, user: Any) -> list[Any]:
    """Tickets of the customer that are still open: perhaps nothing new is needed."""
    rows = Ticket.objects.visible_to(user).active().filter(requester=conversation.customer_id)
    return [related(one, user) for one in rows.order_by("-number")[:3]]


def _create(request: HttpRequest) -> HttpResponse:
    data = request.POST
    type = _type_in(data.get("type", ""))
    if type is None or type.key != data.get("type"):
        raise Invalid("请选择工单类型", fields={"type": ["必填"]})
    conversation = _conversation_in(request, data.get("conversation", ""))
    agent, group = forms.target_in(data)
    said = forms.edited(data, type)
    said.setdefault("title", "")
    new = NewTicket(
        **said,
        type=type,
        source=Source.AGENT,
        conversation=conversation,
        requester=_requester(request, conversation),
        assignee=agent,
        group=group,
        files=forms.files_in(request),
        cause=_cause(request),
    )
    ticket, is_new = service.create(new, By.staff(request.user))
    url = reverse("tickets:ticket", args=[ticket.number])
    answer = {"number": ticket.reference, "url": url, "is_new": is_new}
    return JsonResponse(answer, status=201 if is_new else 200)


def _cause(request: HttpRequest) -> str | None:
    """A form sent twice (a double click, a lost answer) makes one ticket."""
    attempt = request.POST.get("attempt", "")[:64]
    return f"page:{request.user.pk}:{attempt}" if attempt else None


def _requester(request: HttpRequest, conversation: Conversation | None) -> Customer | None:
    if conversation is not None:
        return conversation.customer
    rows = Customer.objects.visible_to(request.user)
    found: Customer | None = forms.row_in(rows, request.POST.get("requester", ""), "requester")
    return found


@require_POST
@require("tickets.edit")
def file(request: HttpRequest) -> JsonResponse:
    """Keep a file; a ticket or a comment that names it takes it."""
    sent = request.FILES.get("file")
    if sent is None:
        raise Invalid(fields={"file": ["缺少文件"]})
    kept = attachments.receive(sent, user_id=request.user.pk)
    return JsonResponse(file_answer(kept), status=201)


@require_safe
@require("tickets.view")
def of_conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The customer's tickets, for the right column of the workbench."""
    found = conversation_for(request.user, conversation_id)
    rows = Ticket.objects.visible_to(request.user).for_customer(found.customer_id)
    linked = Ticket.objects.visible_to(request.user).filter(links__conversation=found)
    both = (rows | linked).distinct().select_related("type").order_by("-number")[: SHOWN + 1]
    context = {
        "conversation": found,
        "rows": [related(one, request.user) for one in both[:SHOWN]],
        "is_more": len(both) > SHOWN,
    }
    return render(request, "tickets/new/_of_conversation.html", context)
