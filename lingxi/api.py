"""What every JSON endpoint shares: orjson in and out, and the one rendering of errors."""

from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from lingxi import errors


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson: UUIDs and datetimes (RFC 3339, UTC) without a second encoder."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """The bytes of an answer."""
        if data is None:
            return b""
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class OrjsonParser(BaseParser):
    """JSON by orjson, which refuses bad UTF-8, NaN and nesting beyond 1,024 levels."""

    media_type = "application/json"

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        """The value of a body. Raises `MalformedRequest`."""
        return parse_json(stream.read())


def parse_json(raw: bytes | str) -> Any:
    """The value `raw` spells. Raises `MalformedRequest`."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise errors.MalformedRequest from exc


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: any exception becomes a member of the family, anything unknown goes on up."""
    error = as_lingxi_error(exc)
    if error is None:
        return None
    request_id = getattr(context["request"], "request_id", "")
    return Response(error.as_dict(request_id), status=error.status, headers=_headers(error))


def error_response(request: HttpRequest, error: errors.LingxiError) -> JsonResponse:
    """The same answer outside DRF."""
    body = error.as_dict(getattr(request, "request_id", ""))
    return JsonResponse(
        body,
        status=error.status,
        headers=_headers(error),
        json_dumps_params={"ensure_ascii": False},
    )


def _headers(error: errors.LingxiError) -> dict[str, str]:
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def as_lingxi_error(exc: Exception) -> errors.LingxiError | None:
    """The member of the family that says what `exc` says, or None for an unknown exception."""
    if isinstance(exc, errors.LingxiError):
        return exc
    if isinstance(exc, exceptions.ValidationError):
        return errors.Invalid(fields=_field_errors(exc.detail))
    if isinstance(exc, ValidationError):
        return errors.Invalid(fields=getattr(exc, "message_dict", {"": exc.messages}))
    for classes, family in _TRANSLATED:
        if isinstance(exc, classes):
            return family()
    if isinstance(exc, exceptions.Throttled):
        return errors.RateLimited(retry_after=getattr(exc, "wait", None))
    return None


_TRANSLATED: list[tuple[tuple[type[Exception], ...], type[errors.LingxiError]]] = [
    ((exceptions.ParseError,), errors.MalformedRequest),
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), errors.NotAuthenticated),
    ((exceptions.PermissionDenied, PermissionDenied), errors.Forbidden),
    ((exceptions.NotFound, Http404), errors.NotFound),
    ((exceptions.MethodNotAllowed,), errors.MethodNotAllowed),
    ((exceptions.UnsupportedMediaType,), errors.UnsupportedMedia),
    ((exceptions.NotAcceptable,), errors.UnsupportedMedia),
]


def _field_errors(detail: Any) -> dict[str, Any]:
    return dict(detail) if isinstance(detail, dict) else {"": detail}


def add_error_table(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """drf-spectacular hook: the error shape and its table of codes join the document."""
    table = "\n".join(
        f"| {cls.number} | `{cls.code}` | {cls.status} | {cls.detail} |"
        for cls in errors.all_errors()
    )
    schema = {
        "type": "object",
        "required": ["code", "number", "detail", "fields", "request_id"],
        "description": f"| number | code | HTTP | 说明 |\n|---|---|---|---|\n{table}",
        "properties": {
            "code": {"type": "string", "enum": [cls.code for cls in errors.all_errors()]},
            "number": {"type": "integer"},
            "detail": {"type": "string"},
            "fields": {"type": "object", "additionalProperties": True},
            "request_id": {"type": "string"},
        },
    }
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = schema
    answer = {
        "description": "Any member of the error family",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for path in result.get("paths", {}).values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", answer)
    return result
