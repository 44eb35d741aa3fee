"""快捷回复 in the workbench: the table behind `/`, and the person's own texts."""

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.models import QuickReply
from conversations.workbench.forms import MoveForm, ReplyForm, cleaned
from lingxi.access.permissions import require
from lingxi.errors import Conflict, Invalid, NotFound

SHOWN, MAX_OWN = 500, 200
OWN, OTHERS = "我的", "未分类"


def table_of(user: Any) -> list[dict[str, str]]:
    """The texts for `/`: the person's own first, then the shared ones folder by folder."""
    rows = QuickReply.objects.visible_to(user).select_related("category")
    own = rows.filter(owner=user).order_by("order", "shortcut")[:MAX_OWN]
    shared = rows.filter(owner=None).order_by("category__order", "category__name", "order")
    return [_as_dict(one, OWN) for one in own] + [
        _as_dict(one, one.category.name if one.category else OTHERS) for one in shared[:SHOWN]
    ]


def _as_dict(reply: QuickReply, category: str) -> dict[str, str]:
    return {
        "shortcut": reply.shortcut,
        "title": reply.title,
        "text": reply.text,
        "category": category,
    }


@require_safe
@require("quick_replies.edit")
def table(request: HttpRequest) -> JsonResponse:
    """The table again, after a change."""
    return JsonResponse({"replies": table_of(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
@require("quick_replies.edit")
def own(request: HttpRequest) -> HttpResponse:
    """The dialog with one's own texts; `?text=` begins a new one. Posting adds it."""
    if request.method == "POST":
        _add(request.user, cleaned(ReplyForm(request.POST)))
    text = request.GET.get("text", "")[: ReplyForm.MAX_TEXT]
    return _dialog(request, text)


@require_POST
@require("quick_replies.edit")
def change(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """Other words for one of one's own."""
    said = cleaned(ReplyForm(request.POST))
    with transaction.atomic():
        reply = _own(request.user, reply_id)
        for name, value in said.items():
            setattr(reply, name, value)
        _save(reply)
    return _dialog(request)


@require_POST
@require("quick_replies.edit")
def remove(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """Without one of one's own."""
    with transaction.atomic():
        _own(request.user, reply_id).delete()
    return _dialog(request)


@require_POST
@require("quick_replies.edit")
@transaction.atomic
def move(request: HttpRequest, reply_id: uuid.UUID) -> HttpResponse:
    """One place up or down; at the ends it stays."""
    step = cleaned(MoveForm(request.POST))["step"]
    _own(request.user, reply_id)
    rows = list(_of(request.user).select_for_update().order_by("order", "shortcut"))
    at = next(place for place, row in enumerate(rows) if row.pk == reply_id)
    to = at + step
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    for place, row in enumerate(rows, 1):
        if row.order != place:
            row.order = place
            row.save(update_fields=["order"])
    return _dialog(request)


def _of(user: Any) -> Any:
    return QuickReply.objects.filter(owner=user)


def _own(user: Any, reply_id: uuid.UUID) -> QuickReply:
    """One of the person's own, locked. Others', and shared ones, do not exist here."""
    found = _of(user).select_for_update().filter(pk=reply_id).first()
    if found is None:
        raise NotFound("快捷回复不存在")
    return found


@transaction.atomic
def _add(user: Any, said: dict[str, Any]) -> None:
    if _of(user).count() >= MAX_OWN:
        raise Invalid(f"个人快捷回复最多 {MAX_OWN} 条")
    last = _of(user).aggregate(last=Max("order"))["last"] or 0
    _save(QuickReply(owner=user, order=last + 1, **said))


def _save(reply: QuickReply) -> None:
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError as exc:
        raise Conflict("快捷词已存在", fields={"shortcut": ["已存在"]}) from exc


def _dialog(request: HttpRequest, text: str = "") -> HttpResponse:
    rows = _of(request.user).order_by("order", "shortcut")
    return render(request, "workbench/_replies.html", {"replies": rows, "text": text})
