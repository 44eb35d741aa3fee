"""Tickets as their requester sees them, and what they send; with shapes for the API document."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers as s

from conversations.api.fields import Id, Line, StrictSerializer, Text, Whole
from conversations.api.schemas import Answer
from conversations.attachments.store import answer as file_answer
from conversations.models import Customer
from lingxi.fields.form import Form
from lingxi.fields.types import TYPES, is_empty
from tickets import urging
from tickets.api.serializers import Values
from tickets.chat.cards import state_of
from tickets.chat.requests import MAX_KEY, way_back
from tickets.forms import form_of_ticket
from tickets.models import (
    ACTIVE,
    ActorKind,
    Category,
    Comment,
    Entry,
    EntryKind,
    Source,
    Ticket,
    TicketRating,
    TicketType,
    Urge,
)
from tickets.public import definition_of, is_public, public_form
from tickets.service import By
from tickets.service.creating import MAX_DESCRIPTION, MAX_TITLE

OWN_WORDS = {Source.VISITOR, Source.FORM}  # what they wrote themselves; else it is for colleagues
MOST_SHOWN, MOST_FILES = 200, 10
_KEY = Line(
    limit=MAX_KEY, required=False, allow_blank=True, help_text="自定的唯一编号，重发不会重复"
)


class TicketSerializer(StrictSerializer):
    """A new ticket."""

    type = Line(limit=32, help_text="类型标识，见 ticket-forms")
    title = Line(limit=MAX_TITLE)
    description = Text(limit=MAX_DESCRIPTION, required=False, allow_blank=True, default="")
    values = Values(required=False)
    files = s.ListField(child=Id(), required=False, max_length=MOST_FILES)
    client_id = _KEY

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a word of DRF's own, so it is declared under another name."""
        found = super().get_fields()
        return {"fields" if name == "values" else name: one for name, one in found.items()}


class VisitorCommentSerializer(StrictSerializer):
    """Something said on a ticket."""

    text = Text(limit=5_000, allow_blank=True)
    files = s.ListField(child=Id(), required=False, max_length=MOST_FILES)
    client_id = Line(limit=MAX_KEY, required=False, allow_blank=True)


class TicketRatingSerializer(StrictSerializer):
    """How it was."""

    score = Whole(min_value=1, max_value=5)
    comment = Text(limit=1000, required=False, allow_blank=True, default="")


class ReasonSerializer(StrictSerializer):
    """Why, if they want to say."""

    text = Text(limit=500, required=False, allow_blank=True, default="")


class StateAnswer(Answer):
    """A ticket in short; the same as `content.ticket` of entries in the chat."""

    id = s.UUIDField()
    number = s.CharField(help_text="工单编号，如 T100001")
    title = s.CharField()
    type = s.CharField()
    status = s.CharField(help_text="状态名称")
    category = s.ChoiceField(choices=Category.choices)
    revision = s.IntegerField(help_text="越大越新")
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()
    rating = s.IntegerField(allow_null=True, help_text="最近一次解决后的评分")


class ListAnswer(Answer):
    """Own tickets."""

    results = StateAnswer(many=True)
    next = s.CharField(allow_null=True, help_text="下一页的 before")


class SentFileAnswer(Answer):
    """A file."""

    id = s.UUIDField()
    name = s.CharField()
    size = s.IntegerField()
    media_type = s.CharField()
    url = s.CharField(help_text="带签名的临时地址")


class SaidAnswer(Answer):
    """A public comment."""

    id = s.UUIDField()
    text = s.CharField()
    mine = s.BooleanField(help_text="客户自己写的")
    author = s.CharField()
    files = SentFileAnswer(many=True)
    created_at = s.DateTimeField()


class StepAnswer(Answer):
    """Something that happened."""

    kind = s.CharField(help_text="created、status、urged 或 rated")
    text = s.CharField()
    created_at = s.DateTimeField()


class ValueAnswer(Answer):
    """A value of the form, in words."""

    key = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    text = s.CharField()


class MayAnswer(Answer):
    """What can be done now."""

    comment = s.BooleanField()
    rate = s.BooleanField()
    reopen = s.BooleanField()
    reopen_until = s.DateTimeField(allow_null=True)
    urge = s.BooleanField()
    urge_at = s.DateTimeField(allow_null=True, help_text="催办过多时，此后才可再催办")


class UrgesAnswer(Answer):
    """How often it was urged for."""

    count = s.IntegerField()
    limit = s.IntegerField(help_text="24 小时内最多几次")
    left = s.IntegerField(help_text="还可以几次")


class OneAnswer(StateAnswer):
    """A ticket with what happened to it."""

    description = s.CharField(help_text="自己提交时写的内容，否则为空")
    values = ValueAnswer(many=True, help_text="自己提交时填的字段")
    agent = s.CharField(allow_null=True, help_text="受理人的名字")
    files = SentFileAnswer(many=True)
    timeline = StepAnswer(many=True)
    comments = SaidAnswer(many=True)
    may = MayAnswer()
    urges = UrgesAnswer()


class FormAnswer(Answer):
    """A type that visitors may submit, with its form."""

    type = s.CharField()
    name = s.CharField()
    description = s.CharField()
    version = s.IntegerField(allow_null=True, help_text="表单版本")
    fields_ = s.ListField(child=s.DictField(), help_text="字段定义")

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a word of DRF's own, so it is declared under another name."""
        return {name.rstrip("_"): one for name, one in super().get_fields().items()}


class FormsAnswer(Answer):
    """All of them."""

    results = FormAnswer(many=True)


def rating_of(ticket: Ticket) -> TicketRating | None:
    """Its rating."""
    return TicketRating.objects.filter(ticket=ticket).first()


def ticket_answer(ticket: Ticket, customer: Customer) -> dict[str, Any]:
    """A ticket with everything its requester may know."""
    rating = rating_of(ticket)
    state = state_of(ticket, rating)
    return {
        **state,
        "description": ticket.description if ticket.source in OWN_WORDS else "",
        "values": _values(ticket),
        "agent": ticket.assignee.name if ticket.assignee else None,
        "files": _files(ticket, comment=None),
        "timeline": _timeline(ticket),
        "comments": _comments(ticket),
        "may": _may(ticket, customer, state["rating"]),
        "urges": _urges(ticket, customer),
    }


def _values(ticket: Ticket) -> list[dict[str, str]]:
    form = form_of_ticket(ticket) if ticket.source in OWN_WORDS else None
    shown = [one for one in form.fields if is_public(one)] if form else []
    stored = ((one, ticket.fields.get(one.key)) for one in shown)
    return [
        {"key": one.key, "label": one.label, "text": TYPES[one.type].text(one, value)}
        for one, value in stored
        if not is_empty(value)
    ]


def _files(ticket: Ticket, comment: Comment | None) -> list[dict[str, Any]]:
    rows = ticket.files.filter(is_public=True, comment=comment).select_related("attachment")
    return [file_answer(row.attachment) for row in rows.order_by("id")]


def _comments(ticket: Ticket) -> list[dict[str, Any]]:
    rows = Comment.objects.filter(ticket=ticket, is_public=True).order_by("-created_at")
    return [
        {
            "id": str(row.pk),
            "text": row.text,
            "mine": row.actor_kind == ActorKind.CUSTOMER,
            "author": row.actor_name,
            "files": _files(ticket, row) if row.files.exists() else [],
            "created_at": row.created_at,
        }
        for row in reversed(rows[:MOST_SHOWN])
    ]


def _timeline(ticket: Ticket) -> list[dict[str, Any]]:
    rows = Entry.objects.filter(ticket=ticket, is_public=True, kind__in=_STEPS).order_by("-id")
    steps = ((row, _STEPS[row.kind](row)) for row in reversed(rows[:MOST_SHOWN]))
    return [
        {"kind": row.kind, "text": text, "created_at": row.created_at}
        for row, text in steps
        if text
    ]


def _moved(entry: Entry) -> str:
    """Of a step only the status: what else changed with it is internal."""
    change = entry.data.get("changes", {}).get("status") or {}
    return f"{change['from']} → {change['to']}" if "from" in change and "to" in change else ""


_STEPS: dict[str, Callable[[Entry], str]] = {
    EntryKind.CREATED: lambda entry: "已提交",
    EntryKind.STATUS: _moved,
    EntryKind.URGED: lambda entry: f"催办（第 {entry.data.get('count', 1)} 次）",
    EntryKind.RATED: lambda entry: f"评价 {entry.data.get('score')} 星",
}


def _may(ticket: Ticket, customer: Customer, score: int | None) -> dict[str, Any]:
    is_active = ticket.category in ACTIVE
    back = way_back(ticket, customer)
    until = None
    if back is not None and ticket.resolved_at is not None:
        until = ticket.resolved_at + dt.timedelta(days=ticket.type.reopen_days)
    wait = urging.wait_of(ticket, By.requester(customer), timezone.now()) if is_active else 0
    return {
        "comment": True,
        "rate": not is_active and score is None,
        "reopen": back is not None,
        "reopen_until": until,
        "urge": is_active and wait <= 0,
        "urge_at": timezone.now() + dt.timedelta(seconds=wait) if wait > 0 else None,
    }


def _urges(ticket: Ticket, customer: Customer) -> dict[str, int]:
    limit = settings.LINGXI["URGE_PER_DAY"]
    since = timezone.now() - urging.DAY
    recent = Urge.objects.filter(ticket=ticket, customer=customer, created_at__gt=since).count()
    return {"count": ticket.urges, "limit": limit, "left": max(0, limit - recent)}


def form_answer(type: TicketType) -> dict[str, Any]:
    """A type with the public part of the form in force."""
    form: Form = public_form(type)
    return {
        "type": type.key,
        "name": type.name,
        "description": type.description,
        "version": form.number,
        "fields": [definition_of(one) for one in form.fields],
    }
