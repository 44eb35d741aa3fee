"""The page on which records are brought to the version in force."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from lingxi.errors import Conflict, MethodNotAllowed, NotFound
from lingxi.fields import migrating
from lingxi.fields.models import Schema
from lingxi.versioned.admin import pages

if TYPE_CHECKING:
    from lingxi.versioned.admin import Desk


def page(desk: "Desk", request: HttpRequest, schema: Schema) -> HttpResponse:
    """How many records go by older versions."""
    rows = migrating.behind(schema)
    return pages.page(
        desk,
        request,
        schema,
        "fields/admin/migrate.html",
        "迁移记录",
        tab="migrate",
        count=0 if rows is None else rows.count(),
        move_url=desk.url("move", schema),
    )


def start(desk: "Desk", request: HttpRequest, schema: Schema) -> HttpResponse:
    """Asks for the job, or its rehearsal; on to its progress."""
    if request.method != "POST":
        raise MethodNotAllowed
    said = request.POST
    try:
        job = migrating.ask(
            schema,
            request.user,
            rehearse=said.get("rehearse") == "1",
            version_id=said.get("version", ""),
        )
    except (Conflict, NotFound) as error:
        messages.error(request, error.detail)
        return redirect(desk.url("migrate", schema))
    return redirect(reverse("jobs:job", args=[job.pk]))
