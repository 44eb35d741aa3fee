"""Health, readiness, metrics, and the error pages."""

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from lingxi import errors, redis
from lingxi.api import error_response


def healthz(request: HttpRequest) -> JsonResponse:
    """The process serves."""
    return JsonResponse({"status": "ok"})


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("unapplied migrations")


def _redis() -> None:
    redis.client().ping()


def readyz(request: HttpRequest) -> JsonResponse:
    """Database, Redis and migrations are right; 503 and which one is not."""
    checks: dict[str, str] = {}
    for name, check in {"redis": _redis, "database": _database, "migrations": _migrations}.items():
        try:
            check()
            checks[name] = "ok"
        except Exception as exc:
            checks[name] = type(exc).__name__
            break  # a load balancer waits for this answer: one reason is enough
    ready = all(state == "ok" for state in checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text of this process. A proxy in front should keep it from the outside."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def error_page(request: HttpRequest, error: errors.LingxiError) -> HttpResponse:
    """The error as a page for people; the API's paths get its JSON."""
    if request.path.startswith("/api/"):
        return error_response(request, error)
    context: dict[str, Any] = {"error": error, "request_id": getattr(request, "request_id", "")}
    return render(request, "error.html", context, status=error.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400."""
    return error_page(request, errors.Invalid())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 403."""
    return error_page(request, errors.Forbidden())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 404."""
    return error_page(request, errors.NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's 500; never a traceback."""
    return error_page(request, errors.LingxiError())
