"""The page of the floor."""

from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from conversations.floor import diffs, sharing
from conversations.floor.queries import limit_of
from conversations.floor.scope import part_of, viewer_of
from conversations.floor.warnings import KINDS, millis
from conversations.workbench.words import STATES
from lingxi.access.permissions import can, require
from lingxi.errors import Forbidden
from routing.models import AgentStatus, PickingMethod, WorkState
from routing.queue import MOST_PRIORITY


@require_safe
@require("floor.view")
def page(request: HttpRequest) -> HttpResponse:
    """The page with all there is at the moment; the socket goes on from there."""
    viewer = viewer_of(request.user)
    if viewer is None:
        raise Forbidden
    snapshot, _ = sharing.current()
    part = part_of(snapshot, viewer)
    context = {
        "config": _config(request.user) | {"listed": limit_of(len(snapshot.groups))},
        "floor": _script({"version": snapshot.version, "tables": diffs.whole(part)}),
        "statuses": AgentStatus.choices,
        "kinds": KINDS,
    }
    return render(request, "floor/page.html", context)


def _script(value: Any) -> SafeString:
    """JSON for a script element, as `json_script` writes it, at a tenth of its time."""
    text = orjson.dumps(value)
    for mark in (b"<", b">", b"&"):
        text = text.replace(mark, b"\\u%04X" % mark[0])
    return mark_safe(text.decode())  # noqa: S308 - nothing in it can end the element


def _config(user: Any) -> dict[str, Any]:
    """What the scripts need to know."""
    return {
        "now": millis(timezone.now()),
        "heartbeat": settings.LINGXI["HEARTBEAT"],
        "priority": MOST_PRIORITY,
        "may": {
            "supervise": can(user, "conversations.supervise"),
            "approve": can(user, "breaks.approve"),
            "explain": can(user, "routing.explain"),
        },
        "words": {
            "kinds": KINDS,
            "statuses": dict(AgentStatus.choices),
            "picking": dict(PickingMethod.choices),
            "states": STATES | dict(WorkState.choices),
        },
    }
