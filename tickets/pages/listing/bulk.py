"""One action on many tickets, from the list."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lingxi.access.permissions import require
from lingxi.errors import Invalid
from lingxi.jobs.pages import as_json
from tickets.listing import bulk, bulk_job
from tickets.listing.filters import BY_NAME
from tickets.listing.viewer import Viewer
from tickets.workflows import compiled

NAMES = ("action", "agent", "group", "priority", "add", "remove", "transition", "comment")
MOST_QUERY = 8_000


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require("tickets.view")
def actions(request: HttpRequest) -> HttpResponse:
    """The dialog of an action; posted, what came of it for each ticket.

    With `every`, the action is done to all that `query` finds, as a job: the answer says which.
    """
    if request.method != "POST":
        return render(request, "tickets/listing/_bulk_form.html", _asked(request))
    said = {name: request.POST[name].replace("\x00", "") for name in NAMES if name in request.POST}
    if request.POST.get("every") == "yes":
        query = request.POST.get("query", "")
        if len(query) > MOST_QUERY:
            raise Invalid("筛选条件过长")
        job = bulk_job.ask(request.user, query, said)
        return render(request, "tickets/listing/_started.html", {"job": job, "json": as_json(job)})
    act = bulk.act_of(request.user, said)
    ids = bulk.chosen(request.user, request.POST.getlist("ids"))
    outcomes = bulk.run(request.user, ids, act)
    refused = [one for one in outcomes if one.reason]
    context = {
        "title": bulk_job.TITLES[said["action"]],
        "done": len(outcomes) - len(refused),
        "refused": refused,
    }
    return render(request, "tickets/listing/_outcome.html", context)


def _asked(request: HttpRequest) -> dict[str, Any]:
    action = request.GET.get("action", "")
    if action not in bulk_job.TITLES:
        raise Invalid("请选择要执行的操作")
    viewer = Viewer(request.user)
    priority = BY_NAME["priority"]
    return {
        "action": action,
        "title": bulk_job.TITLES[action],
        "agents": viewer.assignee_choices[2:] if action == "assign" else [],
        "groups": viewer.group_choices if action == "assign" else [],
        "priorities": priority.choices(viewer),
        "transitions": _transitions(viewer) if action == "move" else [],
    }


def _transitions(viewer: Viewer) -> list[tuple[str, str]]:
    """The transitions of the workflows in force, each key once."""
    found: dict[str, str] = {}
    for one in viewer.types:
        if one.current_id is not None:
            for step in compiled(one.current_id).transitions.values():
                found.setdefault(step.key, step.name)
    return list(found.items())
