"""The status switch by itself, and taking back a request for a break."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from conversations.workbench.queries import agent_of, desk_of
from lingxi.access.permissions import require
from lingxi.errors import Forbidden
from routing import breaks
from routing.models import AgentStatus


@require_safe
@require("workbench.use")
def status(request: HttpRequest) -> HttpResponse:
    """The status switch, read again."""
    return status_switch(request)


@require_POST
@require("workbench.use")
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take back a request for a break; one that is decided meanwhile is shown as it is."""
    agent = agent_of(request.user)
    if agent is None:
        raise Forbidden("该账号不是坐席")
    breaks.withdraw_any(agent)
    return status_switch(request)


def status_switch(request: HttpRequest) -> HttpResponse:
    """The fragment, for the person of the request."""
    context = {"desk": desk_of(request.user), "statuses": AgentStatus.choices}
    return render(request, "workbench/_status.html", context)
