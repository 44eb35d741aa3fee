"""What the scripts of the pages call. JSON in, JSON out.

Errors of the family are rendered by the one middleware for all APIs.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from lingxi.api import parse_json
from lingxi.errors import Conflict, Invalid, MethodNotAllowed, NotFound
from lingxi.versioned.admin import show
from lingxi.versioned.life import MAX_NOTE
from lingxi.versioned.models import VersionState

if TYPE_CHECKING:
    from lingxi.versioned.admin.desk import Desk

Body = dict[str, Any]
MOST_REVISION = 2**31 - 1


def posted(view: Callable[..., Body]) -> Callable[..., HttpResponse]:
    """`view(desk, request, owner, body)`, where `body` is the object posted."""

    @wraps(view)
    def answer(desk: "Desk", request: HttpRequest, owner: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            raise MethodNotAllowed
        body = parse_json(request.body) if request.body else {}
        if not isinstance(body, dict):
            raise Invalid("应为一个对象")
        return JsonResponse(view(desk, request, owner, body, **kwargs))

    return answer


def whole(body: Body, name: str, least: int, most: int) -> int:
    """A whole number of the body. Raises `Invalid`."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Invalid(fields={name: f"应为 {least} 到 {most} 之间的整数"})
    return value


def content_of(body: Body) -> Any:
    """The content of the body; what is in it is for `Versions` to judge. Raises `Invalid`."""
    if "content" not in body:
        raise Invalid(fields={"content": "必填"})
    return body["content"]


@posted
def check(desk: "Desk", request: HttpRequest, owner: Any, body: Body) -> Body:
    """What the content says, what is wrong with it, and what is other than in force."""
    return desk.judge(owner, content_of(body))


def draft(desk: "Desk", request: HttpRequest, owner: Any) -> HttpResponse:
    """GET: the draft as it is stored. POST: save one."""
    if request.method == "GET":
        return JsonResponse(show.draft(desk, owner))
    return save(desk, request, owner)


@posted
def save(desk: "Desk", request: HttpRequest, owner: Any, body: Body) -> Body:
    """Saves `content` over the draft of `revision`.

    0: there was none when the page was opened, and it began with the version of the id `base`.
    """
    content, revision = content_of(body), whole(body, "revision", 0, MOST_REVISION)
    with named(desk, owner, revision), transaction.atomic():
        seen = revision or _begin(desk, owner, request.user, body.get("base") or "")
        saved = desk.versions.save_draft(owner, content, by=request.user, revision=seen)
    return show.saved(saved)


@contextmanager
def named(desk: "Desk", owner: Any, revision: int) -> Iterator[None]:
    """Makes a `Conflict` over a draft that moved on say who moved it; others go as they are."""
    try:
        yield
    except Conflict as error:
        if show.draft(desk, owner)["revision"] == revision > 0:
            raise
        raise Conflict(show.who_was_faster(owner), fields={"faster": True}) from error


def _begin(desk: "Desk", owner: Any, by: Any, base: str) -> int:
    """The revision of a new draft. Raises `Conflict` when somebody made or published one."""
    locked = desk.versions.lock(owner)
    if show.draft_row(locked) is not None or show.base_id(desk, locked) != base:
        raise Conflict
    return desk.versions.draft_of(locked, by=by).revision


@posted
def discard(desk: "Desk", request: HttpRequest, owner: Any, body: Body) -> Body:
    """Throws the draft of `revision` away. Published versions stay."""
    revision = whole(body, "revision", 1, MOST_REVISION)
    with named(desk, owner, revision), transaction.atomic():
        locked = desk.versions.lock(owner)
        if show.draft(desk, locked)["revision"] != revision:
            raise Conflict
        desk.versions.discard_draft(locked, by=request.user)
    messages.success(request, "草稿已丢弃")
    return {}


@posted
def publish(desk: "Desk", request: HttpRequest, owner: Any, body: Body) -> Body:
    """The draft becomes the version in force."""
    revision, note = whole(body, "revision", 1, MOST_REVISION), body.get("note") or ""
    if not isinstance(note, str) or len(note) > MAX_NOTE:
        raise Invalid(fields={"note": f"说明不能超过 {MAX_NOTE} 个字"})
    with named(desk, owner, revision):
        made = desk.versions.publish(owner, by=request.user, revision=revision, note=note.strip())
    messages.success(request, f"v{made.number} 已发布。{desk.scope}")
    return {"number": made.number}


@posted
def roll_back(desk: "Desk", request: HttpRequest, owner: Any, body: Body) -> Body:
    """A copy of an earlier version, `version` by its id, is published under a new number."""
    found = version_of(owner, body.get("version"))
    made = desk.versions.roll_back(owner, found, by=request.user)
    messages.success(request, f"已回退：{made.note}，作为 v{made.number} 立即生效")
    return {"url": desk.url("versions", owner)}


def version_of(owner: Any, version_id: Any) -> Any:
    """A published version of the owner. Raises `NotFound`."""
    try:
        wanted = uuid.UUID(str(version_id))
    except ValueError:
        raise NotFound("没有这个版本") from None
    found = owner.versions.filter(state=VersionState.PUBLISHED, pk=wanted).first()
    if found is None:
        raise NotFound("没有这个版本")
    return found
