"""What a supervisor does from the floor. Each goes through the layer's own actions.

Stepping into a conversation is the API's `supervise`, which the workbench uses too.

Who may is asked twice: the permission here, and whether they see the conversation or the agent.
"""

import uuid

from auditlog.models import LogEntry
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from conversations import actions, supervision
from conversations.floor.forms import AssignForm, BreakForm, PriorityForm, StatusForm
from conversations.floor.queries import KIND
from conversations.workbench.forms import cleaned
from conversations.workbench.pane import conversation_for
from lingxi.access.permissions import require
from lingxi.errors import Forbidden, NotFound
from routing import breaks, presence, queue
from routing.models import Agent, BreakRequest


def _agent_for(request: HttpRequest, agent_id: uuid.UUID) -> Agent:
    """The agent, if the person sees them. Raises `NotFound`."""
    found = Agent.objects.visible_to(request.user).filter(pk=agent_id).first()
    if found is None:
        raise NotFound("坐席不存在，或你无权查看")
    return found


@require_POST
@require("conversations.supervise")
def assign(request: HttpRequest, conversation_id: uuid.UUID) -> JsonResponse:
    """Hand a waiting conversation to an agent."""
    said = cleaned(AssignForm(request.POST))
    found = conversation_for(request.user, conversation_id)
    agent = _agent_for(request, said["agent"])
    given = actions.assign_conversation(found.id, agent, request.user)
    return JsonResponse({"state": given.state, "agent": agent.name})


@require_POST
@require("conversations.supervise")
@transaction.atomic
def prioritize(request: HttpRequest, conversation_id: uuid.UUID) -> JsonResponse:
    """Change the priority of a waiting conversation."""
    said = cleaned(PriorityForm(request.POST))
    found = conversation_for(request.user, conversation_id)
    supervision.audit(found.id, request.user, "prioritize", priority=said["priority"])
    item = queue.set_priority(KIND, found.id, said["priority"])
    return JsonResponse({"priority": item.priority})


@require_POST
@require("conversations.supervise")
@transaction.atomic
def set_status(request: HttpRequest, agent_id: uuid.UUID) -> JsonResponse:
    """Change another one's status, or one's own."""
    said = cleaned(StatusForm(request.POST))
    agent = _agent_for(request, agent_id)
    LogEntry.objects.log_create(
        agent,
        action=LogEntry.Action.ACCESS,
        changes={},
        actor=request.user,
        additional_data={"floor": "status", "from": agent.status, "to": said["status"]},
    )
    changed = presence.set_status(agent, said["status"], said["reason"])
    if changed.status != said["status"]:
        raise Forbidden("该小休原因需要坐席本人申请")
    return JsonResponse({"status": changed.status})


@require_POST
@require("breaks.approve")
def decide_break(request: HttpRequest, request_id: uuid.UUID) -> JsonResponse:
    """Approve or reject a break asked for."""
    said = cleaned(BreakForm(request.POST))
    rows = BreakRequest.objects.visible_to(request.user).select_related("agent", "reason")
    asked = rows.filter(pk=request_id).first()
    if asked is None:
        raise NotFound("申请不存在，或你无权查看")
    decided = breaks.decide(asked, request.user, said["decision"] == "approve", said["note"])
    return JsonResponse({"state": decided.state})
