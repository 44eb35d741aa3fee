"""What the workbench changes. Each goes through the layer's own actions, which hold the rules.

Changes of customers are audited where the model is registered; revealing changes nothing, so it
is written down here.
"""

import uuid

from auditlog.models import LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from conversations import actions, attachments, transfers
from conversations.actors import Actor
from conversations.attachments.store import answer
from conversations.models import Conversation
from conversations.workbench.breaks import status_switch
from conversations.workbench.forms import RemarkForm, StatusForm, TagForm, TransferForm, cleaned
from conversations.workbench.pane import conversation_for
from conversations.workbench.panel import customer_for, tags_of
from conversations.workbench.queries import agent_of
from lingxi.access.masking import for_viewer
from lingxi.access.permissions import require
from lingxi.errors import Forbidden, Invalid
from routing import presence
from routing.models import Agent


def _agent(request: HttpRequest) -> Agent:
    """The person's agent row. Raises `Forbidden` for those who have none."""
    agent = agent_of(request.user)
    if agent is None:
        raise Forbidden("该账号不是坐席")
    return agent


@require_POST
@require("workbench.use")
def status(request: HttpRequest) -> HttpResponse:
    """The status switch."""
    said = cleaned(StatusForm(request.POST))
    presence.set_status(_agent(request), said["status"], said["reason"])
    return status_switch(request)


@require_POST
@require("conversations.claim")
def claim(request: HttpRequest, conversation_id: uuid.UUID) -> JsonResponse:
    """抢接."""
    found = conversation_for(request.user, conversation_id)
    return _state(actions.claim_conversation(found.id, _agent(request)))


@require_POST
@require("conversations.close")
def close(request: HttpRequest, conversation_id: uuid.UUID) -> JsonResponse:
    """End a conversation the person serves."""
    agent = _agent(request)
    found = conversation_for(request.user, conversation_id)
    if found.agent_id != agent.id:
        raise Forbidden("该会话不由你接待")
    return _state(actions.close_conversation(found.id, Actor.agent(agent)))


@require_POST
@require("conversations.transfer")
def transfer(request: HttpRequest, conversation_id: uuid.UUID) -> JsonResponse:
    """Hand over to an agent or a group."""
    form = TransferForm(request.POST)
    said = cleaned(form)
    found = conversation_for(request.user, conversation_id)
    return _state(
        transfers.transfer_conversation(
            found.id,
            _agent(request),
            to_agent=form.agent,
            to_group=form.group,
            note=said["note"],
        )
    )


def _state(conversation: Conversation) -> JsonResponse:
    return JsonResponse({"id": str(conversation.id), "state": conversation.state})


@require_POST
@require("conversations.send")
def upload(request: HttpRequest) -> JsonResponse:
    """Keep a file; a message that names it sends it."""
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(fields={"file": ["缺少文件"]})
    return JsonResponse(answer(attachments.receive(file, user_id=request.user.pk)), status=201)


@require_POST
@require("sensitive.reveal")
def reveal(request: HttpRequest, customer_id: uuid.UUID) -> HttpResponse:
    """Show a phone number in plain, once, and write down who asked."""
    customer = customer_for(request.user, customer_id)
    LogEntry.objects.log_create(
        customer,
        action=LogEntry.Action.ACCESS,
        changes={},
        actor=request.user,
        additional_data={"revealed": "phone"},
    )
    return render(request, "workbench/_phone.html", {"phone": customer.phone, "revealed": True})


@require_POST
@require("customers.edit")
@transaction.atomic
def tags(request: HttpRequest, customer_id: uuid.UUID) -> HttpResponse:
    """Add or remove a tag."""
    form = TagForm(request.POST)
    cleaned(form)
    customer = customer_for(request.user, customer_id, lock=True)
    customer.tags = form.apply(customer.tags, request.user)
    customer.save(update_fields=["tags"])
    context = {"customer": customer, "tags": tags_of(customer, request.user), "may_edit": True}
    return render(request, "workbench/_tags.html", context)


@require_POST
@require("customers.edit")
@transaction.atomic
def remark(request: HttpRequest, customer_id: uuid.UUID) -> HttpResponse:
    """Write the remark."""
    form = RemarkForm(request.POST)
    cleaned(form)
    customer = customer_for(request.user, customer_id, lock=True)
    customer.remark = form.apply(customer.remark, request.user)
    customer.save(update_fields=["remark"])
    shown = for_viewer(request.user, customer.remark)
    context = {
        "customer": customer,
        "remark": shown,
        "remark_hidden": shown != customer.remark,
        "may_edit": True,
        "saved": True,
    }
    return render(request, "workbench/_remark.html", context)
