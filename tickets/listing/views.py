"""Saved views: named states of the list, one's own, shared ones, and those everybody has."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import QueryDict

from lingxi.access.permissions import can, check
from lingxi.errors import Conflict, Invalid, NotFound
from lingxi.ids import parse_id
from tickets.listing.paging import count_of
from tickets.listing.state import parse
from tickets.listing.viewer import Viewer
from tickets.models import SavedView

MOST_VIEWS = 50
MOST_QUERY = 4_000
MOST_COUNTED = 99
MOST_ORDER = 30_000


@dataclass(frozen=True)
class View:
    """A view in the list of views. `url` opens it."""

    key: str
    name: str
    query: str
    is_shared: bool = False
    is_mine: bool = False

    @property
    def url(self) -> str:
        """Its address."""
        return (
            f"/tickets/?{self.query}&view={self.key}"
            if self.query
            else f"/tickets/?view={self.key}"
        )


SYSTEM_VIEWS: tuple[View, ...] = (
    View("todo", "我的待办", "category=active&assignee=me&sort=due"),
    View("unassigned", "未分配", "category=active&assignee=none&sort=created"),
    View("watched", "我关注的", "watched=me"),
    View("soon", "即将超时", "sla=due_24h&sort=due"),
    View("late", "已超时", "sla=breached&sort=due"),
    View("ordered", "被督办", "order=open&sort=due"),
    View("created", "我创建的", "creator=me&sort=-created"),
    View("recent", "最近更新", ""),
)


def saved_views(user: Any) -> list[View]:
    """One's own and the shared ones, in their order."""
    return [_view(row, user) for row in SavedView.objects.visible_to(user)[: MOST_VIEWS * 2]]


def _view(row: SavedView, user: Any) -> View:
    return View(str(row.pk), row.name, row.query, row.is_shared, row.owner_id == user.pk)


def save(user: Any, name: Any, query: str, *, is_shared: bool = False) -> View:
    """Keep a view. Raises `Invalid`, `Conflict`, and `Forbidden` for who may not share."""
    if is_shared:
        check(user, "tickets.manage")
    name = _name(name)
    own = SavedView.objects.filter(owner=user)
    if own.count() >= MOST_VIEWS:
        raise Conflict(f"最多保存 {MOST_VIEWS} 个视图")
    last = own.aggregate(last=Max("order"))["last"]
    row = SavedView(
        owner=user,
        name=name,
        query=canonical(user, query),
        is_shared=is_shared,
        order=0 if last is None else min(last + 1, MOST_ORDER),
    )
    _save(row, force_insert=True)
    return _view(row, user)


def canonical(user: Any, query: str) -> str:
    """A query string with nothing in it but filters and order. Raises `Invalid` for a long one."""
    if len(query) > MOST_QUERY:
        raise Invalid("筛选条件过长，无法保存")
    kept = parse(QueryDict(query), Viewer(user)).filters_query
    if len(kept) > MOST_QUERY:
        raise Invalid("筛选条件过长，无法保存")
    return kept


def change(user: Any, view_id: uuid.UUID, **said: Any) -> View:
    """Give a view another name, query or audience. Raises `NotFound`, `Invalid`, `Conflict`,
    `Forbidden`."""
    row = _editable(user, view_id)
    if "name" in said:
        row.name = _name(said["name"])
    if "query" in said:
        row.query = canonical(user, said["query"])
    if "is_shared" in said and said["is_shared"] != row.is_shared:
        check(user, "tickets.manage")
        row.is_shared = said["is_shared"]
    _save(row)
    return _view(row, user)


def delete(user: Any, view_id: uuid.UUID) -> dict[str, str]:
    """Remove a view; the answer, given to `restore`, brings it back."""
    row = _editable(user, view_id)
    shared = "yes" if row.is_shared else "no"
    row.delete()
    return {"name": row.name, "query": row.query, "is_shared": shared, "order": str(row.order)}


def restore(user: Any, kept: Mapping[str, str]) -> View:
    """Bring back what one has deleted just now. Raises what `save` does."""
    shared = kept.get("is_shared") == "yes"
    view = save(user, kept.get("name"), kept.get("query", ""), is_shared=shared)
    place = kept.get("order", "")
    if place.isascii() and place.isdigit() and int(place[:6]) <= MOST_ORDER:
        SavedView.objects.filter(pk=view.key).update(order=int(place[:6]))
    return view


def reorder(user: Any, ids: Sequence[Any]) -> None:
    """Put one's own views into this order; those not named come last."""
    wanted = {parse_id(one): place for place, one in enumerate(ids[:MOST_VIEWS])}
    with transaction.atomic():
        rows = list(SavedView.objects.select_for_update().filter(owner=user))
        rows.sort(key=lambda row: (wanted.get(row.pk, MOST_VIEWS), row.order))
        for place, row in enumerate(rows):
            row.order = place
        SavedView.objects.bulk_update(rows, ["order"])


def counts(user: Any) -> dict[str, str]:
    """How many tickets each view finds now, up to 99+, by its key."""
    found = {}
    for view in (*SYSTEM_VIEWS[:-1], *saved_views(user)[:20]):
        viewer = Viewer(user)
        number = count_of(parse(QueryDict(view.query), viewer), viewer, MOST_COUNTED)
        found[view.key] = f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)
    return found


def _editable(user: Any, view_id: uuid.UUID) -> SavedView:
    """One's own; a shared one also for who manages tickets. Raises `NotFound`, `Forbidden`."""
    row = SavedView.objects.visible_to(user).filter(pk=view_id).first()
    if row is None:
        raise NotFound("视图不存在")
    if row.owner_id != user.pk and not can(user, "tickets.manage"):
        check(user, "tickets.manage")
    return row


def _name(name: Any) -> str:
    text = " ".join(str(name or "").replace("\x00", "").split())
    if not text:
        raise Invalid("请填写视图名称", fields={"name": ["必填"]})
    if len(text) > 40:
        raise Invalid("名称最多 40 字", fields={"name": ["最多 40 字"]})
    return text


def _save(row: SavedView, **how: Any) -> None:
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError as error:
        if "saved_view_once" not in str(error):
            raise
        raise Conflict("已有同名视图", fields={"name": ["已有同名视图"]}) from None
