"""Drafts and versions in the words that the pages show."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.template.defaultfilters import date as date_text
from django.utils import timezone

from lingxi.versioned.models import VersionState

if TYPE_CHECKING:
    from lingxi.versioned.admin.desk import Desk

Shown = dict[str, Any]


def name_of(user: Any) -> str:
    """What a person is called."""
    return (user.get_full_name() or user.get_username()) if user else "系统"


def when(moment: Any) -> str:
    """A time today, or a date and time."""
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate()
    return date_text(local, "H:i" if today else "Y-m-d H:i")


def draft_row(owner: Any) -> Any:
    """The draft, or None."""
    return owner.versions.filter(state=VersionState.DRAFT).select_related("edited_by").first()


def published(owner: Any) -> QuerySet[Any]:
    """Every version, the newest first."""
    found = owner.versions.filter(state=VersionState.PUBLISHED)
    return found.select_related("published_by", "edited_by").order_by("-number")


def base_id(desk: "Desk", owner: Any) -> str:
    """The id of the version that a new draft begins with; empty when nothing was published."""
    base = desk.versions.base_of(owner)
    return str(base.pk) if base else ""


def draft(desk: "Desk", owner: Any) -> Shown:
    """What the editor starts with. `revision` 0: saving makes the draft, from `base`."""
    found, base = draft_row(owner), desk.versions.base_of(owner)
    where = {"base": base_id(desk, owner)}
    if found is not None:
        return {"content": desk.content(found), **where, **saved(found)}
    words = f"与 v{base.number} 相同，尚无草稿" if base else "还没有草稿"
    content = desk.content(base) if base else desk.empty()
    return {"content": content, **where, "revision": 0, "saved": words}


def saved(found: Any) -> Shown:
    """Who saved a draft when, and its revision."""
    words = f"草稿由 {name_of(found.edited_by)} 保存于 {when(found.edited_at)}"
    return {"revision": found.revision, "saved": words}


def who_was_faster(owner: Any) -> str:
    """Why a draft could not be saved, with the name of whoever saved or published it."""
    found = draft_row(owner)
    if found is not None:
        return f"{name_of(found.edited_by)} 在 {when(found.edited_at)} 保存了这份草稿。"
    latest = published(owner).first()
    if latest is None or latest.published_at is None:
        return "草稿已被丢弃。"
    who, at = name_of(latest.published_by), when(latest.published_at)
    return f"草稿已被发布或丢弃；最近的版本是 {who} 在 {at} 发布的 v{latest.number}。"


def version(desk: "Desk", owner: Any, found: Any) -> Shown:
    """A version as a row of the list."""
    is_draft = found.state == VersionState.DRAFT
    is_current = found.pk == owner.current_id
    return {
        "pk": str(found.pk),
        "title": "草稿" if is_draft else f"v{found.number}",
        "state": "current" if is_current else "",
        "state_label": "生效中" if is_current else "",
        "note": found.note,
        "by": name_of(found.edited_by if is_draft else found.published_by),
        "at": found.edited_at if is_draft else found.published_at,
        "size": desk.size(desk.content(found)),
        "may_roll_back": not is_draft and not is_current,
        "url": desk.url("version", owner, found.pk),
    }
