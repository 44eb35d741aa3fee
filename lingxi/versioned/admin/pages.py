"""The pages: editor, versions, one version, two side by side."""

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from lingxi.ids import parse_id
from lingxi.versioned.admin import marking, show

if TYPE_CHECKING:
    from lingxi.versioned.admin.desk import Desk

MOST_VERSIONS = 200
POSTED = ("check", "discard", "publish")


def page(
    desk: "Desk", request: HttpRequest, owner: Any, name: str, title: str, **context: Any
) -> HttpResponse:
    """A template with what the admin's frame needs. Raises `PermissionDenied` for a post."""
    if request.method not in {"GET", "HEAD"}:
        raise PermissionDenied
    frame = {
        **admin.site.each_context(request),
        "opts": desk.versions.owner_model._meta,
        "original": owner,
        "owner": owner,
        "desk": desk,
        "urls": {view: desk.url(view, owner) for view in ("editor", "versions", "compare")},
        "roll_back_url": desk.url("roll_back", owner),
        "tabs": desk.tabs(owner),
        "title": title,
        **context,
    }
    return render(request, name, frame)


def editor(desk: "Desk", request: HttpRequest, owner: Any) -> HttpResponse:
    """The draft, with what is in force above."""
    draft = show.draft(desk, owner)
    urls = {name: desk.url(name, owner) for name in POSTED}
    urls["save"] = desk.url("draft", owner)
    data = {
        "urls": urls,
        **desk.form(owner),
        **draft,
        "found": desk.judge(owner, draft["content"]),
    }
    return page(
        desk,
        request,
        owner,
        desk.editor_template,
        desk.noun,
        tab="editor",
        data=data,
        has_draft=draft["revision"] > 0,
        in_force=show.version(desk, owner, owner.current) if owner.current else None,
    )


def versions_list(desk: "Desk", request: HttpRequest, owner: Any) -> HttpResponse:
    """Every version; two of them can be chosen for comparison."""
    found = list(show.published(owner)[:MOST_VERSIONS])
    draft = show.draft_row(owner)
    rows = [show.version(desk, owner, one) for one in ([draft] if draft else []) + found]
    if rows:
        rows[0]["is_b"] = rows[min(1, len(rows) - 1)]["is_a"] = True
    return page(desk, request, owner, "versioned/versions.html", "版本", tab="versions", rows=rows)


def any_version(owner: Any, version_id: Any) -> Any:
    """A version or the draft. Raises `Http404`."""
    wanted = parse_id(str(version_id or ""))
    known = owner.versions.select_related("published_by", "edited_by")
    found = known.filter(pk=wanted).first() if wanted else None
    if found is None:
        raise Http404
    return found


def version(desk: "Desk", request: HttpRequest, owner: Any, version_id: uuid.UUID) -> HttpResponse:
    """One version, to be read."""
    found = any_version(owner, version_id)
    row = show.version(desk, owner, found)
    return page(
        desk,
        request,
        owner,
        desk.version_template,
        row["title"],
        tab="versions",
        row=row,
        **desk.read(owner, desk.content(found)),
    )


def compare(desk: "Desk", request: HttpRequest, owner: Any) -> HttpResponse:
    """Two versions, `a` (nothing: none) and `b`, side by side."""
    before = any_version(owner, request.GET["a"]) if request.GET.get("a") else None
    after = any_version(owner, request.GET.get("b"))
    old = desk.content(before) if before else desk.empty()
    found = desk.differences(owner, old, desk.content(after))
    return page(
        desk,
        request,
        owner,
        "versioned/compare.html",
        "比较版本",
        tab="versions",
        a=show.version(desk, owner, before) if before else {"title": "空"},
        b=show.version(desk, owner, after),
        changes=[marking.shown(one) for one in found],
        summary=marking.summary((one.kind for one in found), desk.unit),
    )
