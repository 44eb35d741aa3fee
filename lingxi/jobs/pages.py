"""Pages of one's own jobs: the list, the progress, the file. Nobody sees another's."""

import mimetypes
import uuid
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lingxi import serving
from lingxi.access.permissions import check, require
from lingxi.errors import NotFound
from lingxi.jobs import service
from lingxi.jobs.models import Job

LISTED = 50


@never_cache
@require_safe
@require("jobs.view")
def jobs(request: HttpRequest) -> HttpResponse:
    """The latest of one's own; to htmx the list alone."""
    rows = list(Job.objects.visible_to(request.user)[:LISTED])
    context = {
        "jobs": rows,
        "listed": LISTED,
        "is_busy": any(not job.is_finished for job in rows),
    }
    return _answer(request, "jobs/_list.html", "jobs/list.html", context)


@never_cache
@require_safe
@require("jobs.view")
def job(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """One job; to htmx the progress alone, to scripts as JSON. Raises `NotFound`."""
    found = _own(request, job_id)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(as_json(found))
    context = {"job": found, "result": _result_template(found)}
    return _answer(request, "jobs/_job.html", "jobs/job.html", context)


@require_POST
@require("jobs.view")
def cancel(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """End a job. Raises `NotFound`."""
    found = _own(request, job_id)
    service.cancel(found)
    if not getattr(request, "htmx", False):
        return redirect("jobs:job", job_id)
    found.refresh_from_db()
    return render(request, "jobs/_job.html", {"job": found, "result": _result_template(found)})


@never_cache
@require_safe
@require("jobs.view")
def file(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """What the job left behind. Raises `NotFound`, and `Forbidden` for who lost the permission."""
    found = _own(request, job_id)
    if found.about is not None and found.about.permission:
        check(request.user, found.about.permission)
    stored = str(found.file.name)
    if not found.has_file or not default_storage.exists(stored):
        raise NotFound("文件不存在或已过期")
    response = serving.stream(request, stored)
    guessed = mimetypes.guess_type(found.file_name)[0]
    serving.secure(response, guessed or "application/octet-stream", found.file_name)
    return response


def as_json(job: Job) -> dict[str, Any]:
    """How a job stands, for scripts; `percent` is None while the whole is not known."""
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "percent": job.percent,
        "result": job.result,
        "error": job.error,
        "has_file": job.has_file,
        "finished": job.is_finished,
    }


def _own(request: HttpRequest, job_id: uuid.UUID) -> Job:
    found = Job.objects.visible_to(request.user).filter(pk=job_id).first()
    if found is None:
        raise NotFound("任务不存在")
    return found


def _result_template(job: Job) -> str:
    return (job.about.template if job.about else "") or "jobs/_result.html"


def _answer(request: HttpRequest, part: str, whole: str, context: dict[str, Any]) -> HttpResponse:
    template = part if getattr(request, "htmx", False) else whole
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "Accept"])
    return response
