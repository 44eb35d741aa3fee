"""小结 in the workbench: the form below an ended conversation, and the list of those missing."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from conversations import wrap_up
from conversations.models import Conversation, WrapUp
from conversations.workbench.forms import WrapUpForm, cleaned
from conversations.workbench.queries import COLUMNS, agent_of
from conversations.workbench.rows import Row
from lingxi.access.masking import for_viewer, sees_plain
from lingxi.access.permissions import can, require
from routing.models import Agent

LISTED = 50


@dataclass(slots=True)
class Wrapping:
    """The wrap-up of one ended conversation as a person sees it."""

    conversation: Conversation
    row: WrapUp | None
    category: str
    note: str
    note_hidden: bool
    may_write: bool
    required: bool
    choices: list[wrap_up.Choice]


def wrapping_of(conversation: Conversation, user: Any, agent: Agent | None) -> Wrapping | None:
    """What to show below the log; None while it is open."""
    if conversation.is_open:
        return None
    rows = WrapUp.objects.select_related("category__parent__parent__parent", "agent")
    row = rows.filter(pk=conversation.pk).first()
    may_write = can(user, "wrap_up.write") and wrap_up.may_write(conversation, agent, row)
    note = for_viewer(user, row.note) if row else ""
    return Wrapping(
        conversation=conversation,
        row=row,
        category=wrap_up.path_of(row.category) if row else "",
        note=note,
        note_hidden=row is not None and note != row.note,
        may_write=may_write,
        required=wrap_up.is_required(conversation),
        choices=wrap_up.categories_for(conversation.group_id) if may_write else [],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require("wrap_up.write")
def wrap(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The form, or with `?edit` the form again; posting it writes the wrap-up."""
    from conversations.workbench.pane import conversation_for  # which shows the form too

    found = conversation_for(request.user, conversation_id)
    if request.method == "POST":
        form = WrapUpForm(request.POST)
        said = cleaned(form)
        category = form.category_among(wrap_up.categories_for(found.group_id), _kept(found))
        note = _whole(found, request.user, said["note"])
        wrap_up.write(found.id, request.user, category, said["resolved"], note)
    shown = wrapping_of(found, request.user, agent_of(request.user))
    context = {"wrapping": shown, "editing": "edit" in request.GET}
    return render(request, "workbench/_wrap_up.html", context)


def _kept(conversation: Conversation) -> tuple[str, uuid.UUID | None]:
    row = WrapUp.objects.select_related("category__parent").filter(pk=conversation.pk).first()
    category = row.category if row else None
    return wrap_up.path_of(category), category.pk if category else None


def _whole(conversation: Conversation, user: Any, note: str) -> str:
    """The note afterwards; one of which a part is hidden from the person is added to."""
    row = WrapUp.objects.filter(pk=conversation.pk).first()
    if row is None or for_viewer(user, row.note) == row.note:
        return note
    return f"{row.note}\n{note}" if note else row.note


@require_safe
@require("wrap_up.write")
def unwrapped(request: HttpRequest) -> HttpResponse:
    """The dialog with the conversations whose wrap-up is missing."""
    agent = agent_of(request.user)
    rows: list[Row] = []
    if agent is not None:
        plain = sees_plain(request.user)
        found = wrap_up.missing_of(agent).values(*COLUMNS)[:LISTED]
        rows = [Row.of(one, plain=plain) for one in found]
    return render(request, "workbench/_unwrapped.html", {"rows": rows})
