"""Waiting for news without holding a thread or a database connection.

The DRF view answers; this wraps it. Nothing new: the request's thread and connection are given
back, the hub is waited for, and the view is asked once more.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.response import Response

from conversations.api.base import query_int
from conversations.api.visitor_chat import MAX_WAIT, EventsView
from conversations.realtime import hub
from conversations.realtime.database import in_database
from lingxi.errors import LingxiError
from lingxi.ids import parse_id

View = Callable[..., Any]


def _wanted(request: HttpRequest) -> int:
    try:
        return min(query_int(request, "wait", most=10**9), MAX_WAIT)
    except LingxiError:
        return 0  # the view refuses it, in its own words


def _ask(view: View, request: HttpRequest) -> Response:
    return view(request).render()


def _is_empty(response: Response) -> bool:
    return response.status_code == 200 and not response.data["events"]


async def _give_back_thread() -> None:
    """End the thread this request ran its synchronous parts in; a later part starts another."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    if context is None:
        return  # not under ASGI: the thread is the caller's
    await sync_to_async(connections.close_all)()
    executor = SyncToAsync.context_to_thread_executor.pop(context, None)
    if executor is not None:
        executor.shutdown(wait=False)


def waiting(view: View) -> View:
    """`view`, which may also wait."""

    async def wrapped(request: HttpRequest) -> HttpResponseBase:
        deadline = time.monotonic() + _wanted(request)
        response = await in_database(_ask, view, request)
        if not _is_empty(response) or time.monotonic() >= deadline:
            return response
        await _give_back_thread()
        conversation_id = parse_id(response.data["conversation"])
        # `seq` and not `after`: one who asks from beyond the end waits for what comes next.
        place = max(response.data["seq"], query_int(request, "after"))
        while _is_empty(response) and (left := deadline - time.monotonic()) > 0:
            await hub.wait_for(conversation_id, place, left)  # type: ignore[arg-type]
            response = await in_database(_ask, view, request)
            await asyncio.sleep(0)
        return response

    wrapped.cls = view.cls  # type: ignore[attr-defined]
    wrapped.initkwargs = getattr(view, "initkwargs", {})  # type: ignore[attr-defined]
    wrapped.csrf_exempt = True  # type: ignore[attr-defined]
    return wrapped


events = waiting(EventsView.as_view())
