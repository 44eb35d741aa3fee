"""Middleware of the kernel: request ids, one error rendering, and CORS for the visitor API."""

import contextlib
import re
from collections.abc import Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from auditlog.cid import set_cid
from auditlog.context import set_extra_data
from auditlog.middleware import AuditlogMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

from lingxi.api import as_lingxi_error, error_response
from lingxi.errors import LingxiError
from lingxi.health import error_page
from lingxi.ids import new_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class _Middleware:
    """Works under sync and async handlers alike, so that long polls hold no thread."""

    sync_capable = async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self.is_async:
            return self._acall(request)  # type: ignore[return-value]
        early = self.before(request)
        return early or self.after(request, self.get_response(request))

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        early = self.before(request)
        if early is not None:
            return early
        return self.after(request, await self.get_response(request))  # type: ignore[misc]

    def before(self, request: HttpRequest) -> HttpResponseBase | None:
        """Runs first; an answer ends the request here."""
        return None

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Runs last."""
        return response


class RequestIdMiddleware(_Middleware):
    """Gives each request an id (taken from ``X-Request-ID`` when sane) and renders API errors."""

    def before(self, request: HttpRequest) -> HttpResponseBase | None:
        """Take or make the id and bind it to the logs."""
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if _REQUEST_ID.fullmatch(given) else str(new_id())  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        return None

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Tell the caller the id."""
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponseBase | None:
        """API paths answer every exception with the error family; pages keep Django's."""
        is_api = request.path.startswith("/api/")
        error = as_lingxi_error(exc)
        if error is None and is_api:
            structlog.get_logger("lingxi.api").exception("unhandled")
            error = LingxiError()
        if error is None or not (is_api or isinstance(exc, LingxiError)):
            return None
        return error_page(request, error) if _navigates(request) else error_response(request, error)


def _navigates(request: HttpRequest) -> bool:
    """Whether a person waits for a page, rather than a script for an answer."""
    accepts = request.headers.get("Accept", "")
    return "text/html" in accepts and "HX-Request" not in request.headers


class WidgetCorsMiddleware(_Middleware):
    """CORS (Fetch standard) for ``/api/v1/visitor/``: any page may ask, with a bearer token.

    No cookie is read there, so ``*`` gives nothing away; which pages a channel serves is checked
    against the channel itself, where WebSocket and HTTP are checked alike.
    """

    prefix = "/api/v1/visitor/"

    def before(self, request: HttpRequest) -> HttpResponseBase | None:
        """Answer preflights at once."""
        if request.method == "OPTIONS" and request.path.startswith(self.prefix):
            return self.after(request, HttpResponse(status=204))
        return None

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the headers."""
        if request.path.startswith(self.prefix):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Allow-Headers"] = "authorization, content-type, x-request-id"
            response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            response["Access-Control-Expose-Headers"] = "x-request-id, retry-after"
            response["Access-Control-Max-Age"] = "86400"
        return response


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise that lets async requests through without a thread of their own.

    WhiteNoise is synchronous only: under ASGI it would make every request, long polls included,
    hold a thread for as long as it lasts.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or hand on."""
        if iscoroutinefunction(self):
            return self._acall(request)  # type: ignore[return-value]
        return super().__call__(request)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        found = self.files.get(request.path_info)
        if found is None:
            return await self.get_response(request)
        return await sync_to_async(self._whole, thread_sensitive=False)(found, request)

    def _whole(self, found: Any, request: HttpRequest) -> HttpResponse:
        """The file in one piece: ASGI cannot stream from a synchronous iterator."""
        streamed = self.serve(found, request)
        with contextlib.closing(streamed):
            body = b"".join(streamed.streaming_content)
        return HttpResponse(body, status=streamed.status_code, headers=dict(streamed.items()))


class AuditMiddleware(AuditlogMiddleware):
    """django-auditlog's, for async requests too, and without belief in forged addresses.

    Which proxy may speak for a client is the server's setting (uvicorn ``--forwarded-allow-ips``),
    so `REMOTE_ADDR` is right and ``X-Forwarded-For`` is not looked at again.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or hand on."""
        if iscoroutinefunction(self):
            return self._acall(request)  # type: ignore[return-value]
        return super().__call__(request)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        request.user = await request.auser()
        set_cid(request)
        with set_extra_data(context_data=self.get_extra_data(request)):
            return await self.get_response(request)

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str | None:
        return request.META.get("REMOTE_ADDR") or None

    @staticmethod
    def _get_remote_port(request: HttpRequest) -> int | None:
        return None
