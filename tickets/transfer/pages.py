"""Pages of the import: upload, mapping, check, and the templates to fill in."""

import uuid
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lingxi import serving
from lingxi.access.permissions import require
from lingxi.errors import Invalid, LingxiError, NotFound
from lingxi.jobs.models import Job, Upload
from lingxi.spreadsheets.writing import MEDIA_TYPES
from tickets.models import TicketType
from tickets.transfer import importing, uploads
from tickets.transfer.columns import columns_of
from tickets.transfer.templates import template_of

PERMISSION = "tickets.import"


def _types() -> Any:
    rows = TicketType.objects.filter(is_active=True, current__isnull=False)
    return rows.select_related("schema", "group", "current")


def _type(**which: Any) -> TicketType:
    found: TicketType | None = _types().filter(**which).first()
    if found is None:
        raise NotFound("工单类型不存在或已停用")
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require(PERMISSION)
def upload(request: HttpRequest) -> HttpResponse:
    """Choose type and file; a file that is taken leads on to the mapping of its columns."""
    if request.method == "POST":
        try:
            type = _type(key=request.POST.get("type", "")[:32])
            kept = uploads.receive(request.FILES.get("file"), type, request.user)
        except LingxiError as error:
            return _upload_page(request, error)
        return redirect("tickets:import-columns", kept.pk)
    return _upload_page(request)


def _upload_page(request: HttpRequest, error: LingxiError | None = None) -> HttpResponse:
    context = {
        "types": _types(),
        "chosen": request.POST.get("type") or request.GET.get("type", ""),
        "limits": uploads.LIMITS,
        "megabytes": uploads.LIMITS.size // 1_000_000,
        "error": error,
        "recent": _recent(request.user),
    }
    status = error.status if error else 200
    return render(request, "tickets/transfer/upload.html", context, status=status)


def _recent(user: Any) -> list[Job]:
    return list(Job.objects.visible_to(user).filter(kind=importing.KIND)[:5])


@require_safe
@require(PERMISSION)
def template(request: HttpRequest) -> HttpResponse:
    """A file to fill in for `?type=`, as `?format=csv` or xlsx. Raises `NotFound`, `Invalid`."""
    type, kind = _type(key=request.GET.get("type", "")[:32]), request.GET.get("format", "xlsx")
    if kind not in MEDIA_TYPES:
        raise Invalid("只有 CSV 和 XLSX 格式")
    response = FileResponse(template_of(type, request.user, kind))
    serving.secure(response, MEDIA_TYPES[kind], f"{type.name}-导入模板.{kind}")
    return response  # type: ignore[return-value]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require(PERMISSION)
def columns(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Say which column is what; then the file is checked. Raises `NotFound`."""
    kept = _own(request, upload_id)
    type = _type(pk=kept.about["type"])
    if request.method != "POST":
        return _columns_page(request, kept, type)
    mapping = [request.POST.get(f"column.{n}", "") for n in range(len(kept.about["headers"]))]
    try:
        uploads.map_columns(kept, mapping, request.user, type)
        job = importing.begin(kept, request.user, dry=True)
    except LingxiError as error:
        kept.about["mapping"] = mapping
        return _columns_page(request, kept, type, error)
    return redirect("jobs:job", job.pk)


def _columns_page(
    request: HttpRequest, kept: Upload, type: TicketType, error: LingxiError | None = None
) -> HttpResponse:
    about = kept.about
    samples = [[row[n : n + 1] for row in about["samples"]] for n in range(len(about["headers"]))]
    context = {
        "upload": kept,
        "type": type,
        "columns": columns_of(type, request.user),
        "mapped": [
            {"number": n, "header": header, "key": key, "samples": _words(found)}
            for n, (header, key, found) in enumerate(
                zip(about["headers"], about["mapping"], samples, strict=True)
            )
        ],
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "tickets/transfer/columns.html", context, status=status)


def _words(cells: list[list[Any]]) -> list[str]:
    """The first values of a column, those that there are."""
    found = [cell[0] for cell in cells if cell and cell[0] is not None]
    return [str(one)[:60] for one in found]


@require_POST
@require(PERMISSION)
def run(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Import the file; `only_good` leaves out the rows that are wrong. Raises `NotFound`."""
    kept = _own(request, upload_id)
    job = importing.begin(kept, request.user, only_good="only_good" in request.POST)
    return redirect(reverse("jobs:job", args=[job.pk]))


def _own(request: HttpRequest, upload_id: uuid.UUID) -> Upload:
    rows = Upload.objects.visible_to(request.user).filter(purpose=uploads.PURPOSE)
    found: Upload | None = rows.filter(pk=upload_id).first()
    if found is None:
        raise NotFound("文件不存在或已过期，请重新上传")
    return found
