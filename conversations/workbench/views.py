"""The pages and fragments of the workbench; what changes something is in `posts`."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from conversations.workbench import words
from conversations.workbench.company import company_of
from conversations.workbench.pane import conversation_for, pane_of
from conversations.workbench.panel import panel_of, previous_of
from conversations.workbench.queries import Desk, agent_of, desk_of, search
from conversations.workbench.replies import table_of
from conversations.workbench.targets import targets_for
from conversations.workbench.transcript import page_of
from lingxi.access.permissions import require
from lingxi.errors import NotFound
from lingxi.ids import parse_id
from routing.models import Agent, AgentStatus


@require_safe
@require("workbench.use")
def page(request: HttpRequest) -> HttpResponse:
    """The whole page; `?c=` opens a conversation with it, `?tab=` a list."""
    desk = desk_of(request.user, request.GET.get("tab", "mine"))
    context: dict[str, Any] = {
        "desk": desk,
        "statuses": AgentStatus.choices,
        "replies": table_of(request.user),
        "config": _config(desk),
    }
    wanted = parse_id(request.GET.get("c", ""))
    if wanted is not None:
        context |= _opened(request, wanted, desk.agent)
    return render(request, "workbench/page.html", context)


def _config(desk: Desk) -> dict[str, Any]:
    """What the scripts need to know."""
    agent = desk.agent
    return {
        "agent": {"id": str(agent.id), "name": agent.name} if agent else None,
        "now": int(timezone.now().timestamp() * 1000),
        "timeZone": settings.TIME_ZONE,
        "maxText": settings.LINGXI["MAX_TEXT"],
        "maxUpload": settings.LINGXI["MAX_UPLOAD_BYTES"],
        "words": words.for_scripts(),
    }


def _opened(
    request: HttpRequest, conversation_id: uuid.UUID, agent: Agent | None
) -> dict[str, Any]:
    """The pane and the panel; a word of excuse when there is nothing to be seen."""
    try:
        conversation = conversation_for(request.user, conversation_id)
    except NotFound as error:
        return {"excuse": error.detail}
    return {
        "pane": pane_of(conversation, request.user, agent),
        "panel": panel_of(conversation, request.user),
        "max_text": settings.LINGXI["MAX_TEXT"],
    }


@require_safe
@require("workbench.use")
def desk(request: HttpRequest) -> HttpResponse:
    """The left column's lists, read again."""
    found = desk_of(request.user, request.GET.get("tab", "mine"))
    return render(request, "workbench/_desk.html", {"desk": found, "statuses": AgentStatus.choices})


@require_safe
@require("workbench.use")
def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The middle and right columns of one conversation."""
    context = _opened(request, conversation_id, agent_of(request.user))
    return render(request, "workbench/_panes.html", context)


@require_safe
@require("workbench.use")
def head(request: HttpRequest, conversation_id: uuid.UUID) -> JsonResponse:
    """Where a log ends, for a client whose history was found to be too old."""
    found = conversation_for(request.user, conversation_id)
    return JsonResponse({"seq": found.last_seq, "epoch": found.epoch, "state": found.state})


@require_safe
@require("workbench.use")
def history(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Older entries: those before `?before=`, or the last ones of an earlier conversation."""
    found = conversation_for(request.user, conversation_id)
    agent = agent_of(request.user)
    before = request.GET.get("before", "")
    seq = int(before) if before.isdecimal() and len(before) < 10 else None
    stretch = page_of(found, request.user, agent.id if agent else None, seq)
    context = {
        "conversation": found,
        "page": stretch,
        "previous": None if stretch.before else previous_of(found, request.user),
        "is_earlier": seq is None or "earlier" in request.GET,
    }
    return render(request, "workbench/_history.html", context)


@require_safe
@require("workbench.use")
def transcript(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """An earlier conversation in a dialog."""
    found = conversation_for(request.user, conversation_id)
    agent = agent_of(request.user)
    shown = pane_of(found, request.user, agent)
    return render(request, "workbench/_transcript.html", {"pane": shown})


@require_safe
@require("workbench.use")
def find(request: HttpRequest) -> HttpResponse:
    """The results of the search box."""
    asked = request.GET.get("q", "")
    context = {"rows": search(request.user, asked), "asked": asked.strip()}
    return render(request, "workbench/_found.html", context)


@require_safe
@require("conversations.transfer")
def transfer_dialog(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """To whom a conversation may go."""
    found = conversation_for(request.user, conversation_id)
    context = {"conversation": found, "targets": targets_for(agent_of(request.user))}
    return render(request, "workbench/_transfer.html", context)


@require_safe
@require("conversations.assist")
def assist_dialog(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Whom to ask for help."""
    found = conversation_for(request.user, conversation_id)
    agent = agent_of(request.user)
    context = {
        "conversation": found,
        "targets": targets_for(agent),
        "company": company_of(found, request.user, agent),
    }
    return render(request, "workbench/_assist.html", context)
