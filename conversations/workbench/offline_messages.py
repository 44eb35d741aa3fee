"""留言: the page on which messages that visitors left are read and handled."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from conversations import offline
from conversations.models import Customer, OfflineMessage, OfflineMessageState, State
from conversations.workbench.forms import HandleForm, cleaned
from conversations.workbench.queries import agent_of, left_total
from conversations.workbench.rows import display_name, initial_of
from lingxi.access.masking import for_viewer
from lingxi.access.permissions import can, require
from lingxi.errors import Forbidden
from lingxi.ids import parse_id

PER_PAGE = 30
TABS = {OfflineMessageState.NEW: "待处理", OfflineMessageState.HANDLED: "已处理"}


@dataclass(slots=True)
class Card:
    """A message as a person sees it; every text in it is masked already."""

    id: uuid.UUID
    name: str
    initial: str
    phone: str
    phone_hidden: bool
    email: str
    text: str
    channel: str
    group: str
    at: dt.datetime
    conversation_id: uuid.UUID | None
    is_new: bool
    waits: bool  # its conversation can be taken up
    remark: str
    handled_by: str
    handled_at: dt.datetime | None

    @classmethod
    def of(cls, row: OfflineMessage, user: Any, *, knows: bool) -> "Card":
        """From a row with its customer, channel, group, conversation and handler.

        What was not said is taken from the customer, if the person `knows` them: messages are
        seen by the group, customers by those who serve them.
        """
        customer = row.customer if knows else Customer(pk=row.customer_id)
        phone = row.phone or customer.phone
        name = for_viewer(user, display_name(row.name or customer.name, customer.pk))
        state = row.conversation.state if row.conversation else State.CLOSED
        return cls(
            id=row.id,
            name=name,
            initial=initial_of(name),
            phone=for_viewer(user, phone),
            phone_hidden=for_viewer(user, phone) != phone,
            email=for_viewer(user, row.email or customer.email),
            text=for_viewer(user, row.text),
            channel=row.channel.name,
            group=row.group.name,
            at=row.created_at,
            conversation_id=row.conversation_id,
            is_new=row.state == OfflineMessageState.NEW,
            waits=state in (State.OFFLINE, State.QUEUED),
            remark=for_viewer(user, row.remark),
            handled_by=row.handled_by.name if row.handled_by else "",
            handled_at=row.handled_at,
        )


def _rows(user: Any) -> Any:
    return OfflineMessage.objects.visible_to(user).select_related(
        "customer", "channel", "group", "conversation", "handled_by"
    )


def _cards(rows: Sequence[OfflineMessage], user: Any) -> list[Card]:
    asked = {row.customer_id for row in rows}
    known = set(Customer.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True))
    return [Card.of(row, user, knows=row.customer_id in known) for row in rows]


@require_safe
@require("offline_messages.handle")
def page(request: HttpRequest) -> HttpResponse:
    """The list, newest first; `?state=` and, for what follows, `?after=` a message's id."""
    state = request.GET.get("state", "")
    state = state if state in TABS else OfflineMessageState.NEW
    rows = _rows(request.user).filter(state=state).order_by("-created_at", "-id")
    last = rows.filter(pk=parse_id(request.GET.get("after", ""))).first()
    if last is not None:
        same = Q(created_at=last.created_at, id__lt=last.id)
        rows = rows.filter(Q(created_at__lt=last.created_at) | same)
    found = list(rows[: PER_PAGE + 1])
    context = {
        "cards": _cards(found[:PER_PAGE], request.user),
        "more": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        "state": state,
        "tabs": TABS.items(),
        "new_count": left_total(request.user),
        "may_reveal": can(request.user, "sensitive.reveal"),
        "is_agent": agent_of(request.user) is not None,
    }
    part = request.headers.get("HX-Request") and last is not None
    template = "workbench/_offline_cards.html" if part else "workbench/offline_messages.html"
    return render(request, template, context)


def _card(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    [card] = _cards([_rows(request.user).get(pk=message_id)], request.user)
    context = {"card": card, "may_reveal": can(request.user, "sensitive.reveal")}
    return render(request, "workbench/_offline_card.html", context)


@require_POST
@require("offline_messages.handle")
def handle(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Done with, with a remark for colleagues."""
    said = cleaned(HandleForm(request.POST))
    offline.handle(message_id, request.user, said["remark"])
    return _card(request, message_id)


@require_POST
@require("sensitive.reveal")
def reveal(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    """Show the phone number in plain, once, and write down who asked."""
    message = offline.visible(request.user, message_id)
    LogEntry.objects.log_create(
        message,
        action=LogEntry.Action.ACCESS,
        changes={},
        actor=request.user,
        additional_data={"revealed": "phone"},
    )
    knows = Customer.objects.visible_to(request.user).filter(pk=message.customer_id).exists()
    phone = message.phone or (message.customer.phone if knows else "")
    context = {"phone": phone, "revealed": True}
    return render(request, "workbench/_phone.html", context)


@require_POST
@require("offline_messages.handle")
def contact(request: HttpRequest, message_id: uuid.UUID) -> JsonResponse:
    """联系客户: the person serves the conversation from here on."""
    agent = agent_of(request.user)
    if agent is None:
        raise Forbidden("该账号不是坐席")
    found = offline.contact(message_id, request.user, agent)
    return JsonResponse({"id": str(found.id), "state": found.state})
