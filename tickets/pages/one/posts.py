"""What is done on the page of a ticket. Each answers with the ticket as it is then.

A GET of the same address is the form in a dialog, where there is one.
"""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST

from conversations.models import Conversation
from conversations.workbench.queries import agent_of
from lingxi.access.permissions import require
from lingxi.errors import Forbidden, Invalid, NotFound
from routing.models import Agent, SkillGroup
from tickets import service
from tickets.api.shapes import issue_types_answer
from tickets.forms import form_in_force, form_of_ticket
from tickets.models import IssueType, Priority, Ticket, number_of
from tickets.pages.one import forms
from tickets.pages.one.finding import ticket_for
from tickets.pages.one.views import answer
from tickets.service import By
from tickets.workflow import Transition
from tickets.workflows import workflow_of

UPLOAD = reverse_lazy("tickets:new-file")


def _again(request: HttpRequest, number: int) -> HttpResponse:
    """The ticket read again; a word of excuse when it has left the person's sight."""
    try:
        return answer(request, ticket_for(request.user, number))
    except NotFound:
        return render(request, "tickets/one/_gone.html", {"number": number})


def _values(ticket: Ticket) -> dict[str, Any]:
    """The custom values as the form in force would show them."""
    form, old = form_in_force(ticket.type), form_of_ticket(ticket)
    if form is None or old is None or old.version_id == form.version_id:
        return ticket.fields
    return dict(form.upgrade(ticket.fields, old).values)


@require_http_methods(["GET", "HEAD", "POST"])
@require("tickets.edit")
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Title, description, priority, issue type, tags and custom fields."""
    ticket = ticket_for(request.user, number)
    if request.method != "POST":
        form = form_in_force(ticket.type)
        context = {
            "ticket": ticket,
            "priorities": Priority.choices,
            "issue_types": issue_types_answer(IssueType.objects.filter(is_active=True)),
            "controls": form.controls(_values(ticket), request.user) if form else [],
            "upload_url": UPLOAD,
        }
        return render(request, "tickets/one/_edit.html", context)
    said = forms.edited(request.POST, ticket.type)
    said = _without_masked(said, ticket, request.user)
    revision = forms.revision_in(request.POST)
    service.edit(ticket.pk, By.staff(request.user), said, revision=revision)
    return _again(request, number)


def _without_masked(said: dict[str, Any], ticket: Ticket, user: Any) -> dict[str, Any]:
    """What was sent back as it was shown is unchanged, also where it was shown masked."""
    from lingxi.access.masking import for_viewer

    for name in ("title", "description", "tags"):
        old = getattr(ticket, name)
        if name in said and said[name] == for_viewer(user, old) and said[name] != old:
            said.pop(name)
    return said


@require_http_methods(["GET", "HEAD", "POST"])
@require("tickets.edit")
def move(request: HttpRequest, number: int, transition: str) -> HttpResponse:
    """Pull a transition; its dialog asks for what it requires."""
    ticket = ticket_for(request.user, number)
    step = workflow_of(ticket).transitions.get(transition)
    if step is None:
        raise NotFound("没有这个操作")
    if request.method != "POST":
        return render(request, "tickets/one/_move.html", _asked(request, ticket, step))
    fields = forms.fields_in(request.POST, ticket.type)
    service.move(
        ticket.pk,
        transition,
        By.staff(request.user),
        {"fields": fields} if fields else {},
        comment=request.POST.get("comment", ""),
        is_public=request.POST.get("is_public") == "yes",
        revision=forms.revision_in(request.POST),
    )
    return _again(request, number)


def _asked(request: HttpRequest, ticket: Ticket, step: Transition) -> dict[str, Any]:
    form = form_in_force(ticket.type)
    controls = form.controls(_values(ticket), request.user, step.required) if form else []
    return {
        "ticket": ticket,
        "step": step,
        "status": workflow_of(ticket).status(step.to),
        "controls": [one for one in controls if one.field.key in step.required],
        "upload_url": UPLOAD,
    }


@require_POST
@require("tickets.comment")
def comment(request: HttpRequest, number: int) -> HttpResponse:
    """Say something, to the customer or among colleagues."""
    ticket = ticket_for(request.user, number)
    service.comment(
        ticket.pk,
        By.staff(request.user),
        request.POST.get("text", ""),
        is_public=request.POST.get("is_public") == "yes",
        files=forms.files_in(request),
    )
    return _again(request, number)


@require_http_methods(["GET", "HEAD", "POST"])
@require("tickets.assign")
def assign(request: HttpRequest, number: int) -> HttpResponse:
    """转派."""
    ticket = ticket_for(request.user, number)
    if request.method != "POST":
        agents = Agent.objects.filter(user__is_active=True).prefetch_related("groups")
        context = {
            "ticket": ticket,
            "agents": agents.order_by("name")[:500],
            "groups": SkillGroup.objects.order_by("name")[:300],
        }
        return render(request, "tickets/one/_assign.html", context)
    agent, group = forms.target_in(request.POST)
    service.assign(
        ticket.pk,
        By.staff(request.user),
        agent=agent,
        group=group,
        note=request.POST.get("note", "")[:500],
        revision=forms.revision_in(request.POST),
    )
    return _again(request, number)


@require_POST
@require("tickets.assign")
def claim(request: HttpRequest, number: int) -> HttpResponse:
    """领取: make it one's own. Raises `Conflict` when somebody was faster."""
    ticket = ticket_for(request.user, number)
    agent = agent_of(request.user)
    if agent is None:
        raise Forbidden("该账号不是坐席")
    service.claim(ticket.pk, By.staff(request.user), agent)
    return _again(request, number)


@require_POST
@require("tickets.view")
def watch(request: HttpRequest, number: int) -> HttpResponse:
    """Watch, or stop it."""
    ticket = ticket_for(request.user, number)
    wanted = service.watch if request.POST.get("on") == "yes" else service.unwatch
    wanted(ticket.pk, By.staff(request.user))
    return _again(request, number)


@require_http_methods(["GET", "HEAD", "POST"])
@require("tickets.merge")
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """合并 into another ticket, named by its number."""
    ticket = ticket_for(request.user, number)
    if request.method != "POST":
        rows = Ticket.objects.visible_to(request.user).active().exclude(pk=ticket.pk)
        same = rows.filter(requester=ticket.requester_id) if ticket.requester_id else rows.none()
        context = {"ticket": ticket, "others": same.order_by("-number")[:10]}
        return render(request, "tickets/one/_merge.html", context)
    target = _other(request, "target")
    service.merge(ticket.pk, target.pk, By.staff(request.user))
    return _again(request, number)


def _other(request: HttpRequest, name: str) -> Ticket:
    """The other ticket that a form names. Raises `Invalid`, `NotFound`."""
    wanted = number_of(request.POST.get(name, ""))
    if wanted is None:
        raise Invalid(fields={name: ["请填写工单编号，如 T100001"]})
    return ticket_for(request.user, wanted)


@require_POST
@require("tickets.edit")
def parent(request: HttpRequest, number: int) -> HttpResponse:
    """Put it under another ticket, or under none."""
    ticket = ticket_for(request.user, number)
    above = _other(request, "parent").pk if request.POST.get("parent", "").strip() else None
    service.set_parent(ticket.pk, above, By.staff(request.user))
    return _again(request, number)


@require_POST
@require("tickets.edit")
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Tie it to a conversation."""
    ticket = ticket_for(request.user, number)
    rows = Conversation.objects.visible_to(request.user)
    found = forms.row_in(rows, request.POST.get("conversation", ""), "conversation")
    if found is None:
        raise Invalid(fields={"conversation": ["必填"]})
    service.link(ticket.pk, found, By.staff(request.user))
    return _again(request, number)


@require_POST
@require("tickets.edit")
def unlink(request: HttpRequest, number: int, conversation_id: uuid.UUID) -> HttpResponse:
    """Untie it from one."""
    ticket = ticket_for(request.user, number)
    service.unlink(ticket.pk, conversation_id, By.staff(request.user))
    return _again(request, number)
