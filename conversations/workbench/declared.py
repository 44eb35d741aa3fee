"""The declared fields of a customer and of a conversation in the right column."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conversations import declared
from conversations.models import Conversation
from conversations.workbench.pane import conversation_for
from conversations.workbench.panel import customer_for
from lingxi.access.permissions import can, require
from lingxi.errors import Invalid
from lingxi.fields.live import current
from lingxi.fields.records import form_for, shown_form
from lingxi.fields.showing import Control, ShownField

TITLES = {"customer": ("客户字段", "Customer"), "conversation": ("会话字段", "Conversation")}
PERMISSIONS = {"customer": "customers.edit", "conversation": "conversations.note"}


@dataclass(slots=True)
class FieldsBlock:
    """The fields of one record: what there is to read, or the inputs while they are edited.

    `number` is the version the record was written with, `newest` the one in force.
    """

    entity: str
    title: str
    title_en: str
    url: str
    shown: list[ShownField]
    number: int | None
    newest: int | None
    may_edit: bool
    controls: list[Control] | None = None
    saved: bool = False
    alert: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is anything to show or to edit."""
        return bool(self.shown or self.may_edit)


def block_of(record: Any, entity: str, user: Any) -> FieldsBlock:
    """What the person may read of a record's fields, by the version it was written with."""
    newest, own = current(entity), form_for(record)
    shown = shown_form(record, entity).shown(record.fields, user, free=True)
    title, english = TITLES[entity]
    return FieldsBlock(
        entity=entity,
        title=title,
        title_en=english,
        url=reverse(f"workbench:{entity}-fields", args=[record.pk]),
        shown=[one for one in shown if one.text],
        number=own.number if own else None,
        newest=newest.number if newest else None,
        may_edit=newest is not None and bool(newest.fields) and can(user, PERMISSIONS[entity]),
    )


def editing(
    block: FieldsBlock, record: Any, user: Any, values: Any = None, error: Invalid | None = None
) -> FieldsBlock:
    """The block with inputs of the version in force; `values` are those that were refused."""
    form = current(block.entity)
    if form is not None and block.may_edit:
        stored = form.upgrade(record.fields, form_for(record)).values
        shown = stored if values is None else {**stored, **values}
        errors = error.fields if error else None
        block.controls = form.controls(shown, user, errors=errors, scope=f"{block.entity}-")
        block.alert = "" if error is None else error.detail
    return block


@require_http_methods(["GET", "HEAD", "POST"])
@require("customers.edit")
def customer_fields(request: HttpRequest, customer_id: uuid.UUID) -> HttpResponse:
    """Read, with `?edit` edit, posting writes."""
    with transaction.atomic():
        record = customer_for(request.user, customer_id, lock=request.method == "POST")
        return _answer(request, record, "customer")


@require_http_methods(["GET", "HEAD", "POST"])
@require("conversations.note")
def conversation_fields(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Read, with `?edit` edit, posting writes."""
    with transaction.atomic():
        found = conversation_for(request.user, conversation_id)
        if request.method == "POST":
            found = Conversation.objects.select_for_update(no_key=True).get(pk=found.pk)
        return _answer(request, found, "conversation")


def _answer(request: HttpRequest, record: Any, entity: str) -> HttpResponse:
    user, form = request.user, current(entity)
    refused: tuple[Any, Invalid | None] = (None, None)
    if request.method == "POST":
        values = form.from_post(request.POST) if form else {}
        try:
            declared.write(record, entity, values, user)
        except Invalid as error:
            refused = (values, error)
    block = block_of(record, entity, user)
    if refused[1] or (request.method != "POST" and "edit" in request.GET):
        block = editing(block, record, user, *refused)
    if refused[1]:
        block.alert = refused[1].detail
    block.saved = request.method == "POST" and not block.alert
    return _page(request, block)


def _page(request: HttpRequest, block: FieldsBlock) -> HttpResponse:
    return render(request, "workbench/_fields.html", {"block": block})
