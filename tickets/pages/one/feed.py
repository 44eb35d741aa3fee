"""The timeline of a ticket as a page shows it: entries and comments in one list."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversations.attachments.links import THUMBNAIL, signed_url
from conversations.workbench.rows import HUES, initial_of
from lingxi.access.masking import for_viewer
from tickets.models import ActorKind, Comment, Entry, EntryKind, Ticket, TicketFile
from tickets.sla.telling import What

SHOWN = 200
ICONS = {
    EntryKind.CREATED: "plus",
    EntryKind.STATUS: "route",
    EntryKind.ASSIGNED: "transfer",
    EntryKind.APPROVAL: "check-check",
    EntryKind.SLA: "clock",
    EntryKind.ESCALATED: "alert",
    EntryKind.SUPERVISED: "eye",
    EntryKind.URGED: "bell",
    EntryKind.RATED: "star",
    EntryKind.MERGED: "merge",
    EntryKind.LINKED: "link",
    EntryKind.UNLINKED: "link",
}


@dataclass(slots=True)
class File:
    """A file with signed links; `thumbnail` of images only."""

    name: str
    size: int
    url: str
    thumbnail: str = ""
    is_public: bool = False


@dataclass(slots=True)
class Item:
    """One line of the feed. `changes` are (label, before, after) in words."""

    kind: str
    icon: str
    who: str
    actor: str
    at: dt.datetime
    words: str = ""
    text: str = ""
    is_public: bool = False
    initial: str = ""
    hue: int = 0
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    @property
    def is_comment(self) -> bool:
        """Whether somebody said something."""
        return self.kind == EntryKind.COMMENT


def feed_of(ticket: Ticket, user: Any) -> list[Item]:
    """The latest entries, oldest first; four queries."""
    rows = list(ticket.entries.order_by("-id")[:SHOWN])[::-1]
    wanted = [row.data.get("comment") for row in rows if row.kind == EntryKind.COMMENT]
    comments = Comment.objects.filter(pk__in=[pk for pk in wanted if pk])
    found = {str(row.pk): row for row in comments.prefetch_related("files__attachment")}
    return [_item(row, found, user) for row in rows]


def _item(row: Entry, comments: Mapping[str, Comment], user: Any) -> Item:
    comment = comments.get(str(row.data.get("comment")))
    who = for_viewer(user, row.actor_name)
    return Item(
        kind=row.kind,
        icon=ICONS.get(EntryKind(row.kind), "edit"),
        who=who or str(ActorKind(row.actor_kind).label),
        actor=row.actor_kind,
        at=row.created_at,
        words=for_viewer(user, words_of(row)),
        text=for_viewer(user, comment.text) if comment else "",
        is_public=row.is_public,
        initial=initial_of(who or "系"),
        hue=(row.user_id or 0) % HUES,
        changes=for_viewer(user, _changes(row.data)),
        files=[file_of(one) for one in comment.files.all()] if comment else [],
    )


def _changes(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    changes = data.get("changes")
    rows = changes.values() if isinstance(changes, Mapping) else ()
    return [
        (str(one.get("label", "")), str(one.get("from") or "—"), str(one.get("to") or "—"))
        for one in rows
    ]


def words_of(row: Entry) -> str:
    """What happened, in a few words."""
    data = row.data
    said = {
        EntryKind.CREATED: "创建了工单",
        EntryKind.UPDATED: "修改了工单",
        EntryKind.STATUS: str(data.get("transition") or "改变了状态"),
        EntryKind.ASSIGNED: "转派" + (f"：{data['note']}" if data.get("note") else ""),
        EntryKind.COMMENT: "回复了客户" if row.is_public else "添加了内部备注",
        EntryKind.LINKED: "关联了会话",
        EntryKind.UNLINKED: "取消关联会话",
        EntryKind.PARENT: f"上级工单：{data.get('parent') or '无'}",
        EntryKind.MERGED: _merged(data),
        EntryKind.WATCH: _watched(data),
        EntryKind.SLA: _time_told(data),
        EntryKind.RATED: f"评价 {data.get('score')} 分 {data.get('comment') or ''}".strip(),
    }
    return said.get(EntryKind(row.kind)) or str(data.get("text") or row.get_kind_display())


def _time_told(data: Mapping[str, Any]) -> str:
    """首次响应已超时, or soon will be."""
    how = "即将超时" if data.get("what") == What.WARNING else "已超时"
    return f"{data.get('label', '')}{how}"


def _merged(data: Mapping[str, Any]) -> str:
    if data.get("into"):
        return f"合并到 {data['into']}"
    return f"合并了 {data.get('from', '')} {data.get('title', '')}".strip()


def _watched(data: Mapping[str, Any]) -> str:
    return f"{data['added']} 开始关注" if data.get("added") else f"{data.get('removed')} 取消关注"


def file_of(row: TicketFile) -> File:
    """A file with links that show it was on a page its reader may see."""
    attachment = row.attachment
    thumbnail = signed_url(attachment.pk, THUMBNAIL) if attachment.is_image else ""
    url = signed_url(attachment.pk, attachment.name)
    return File(attachment.name, attachment.size, url, thumbnail, row.is_public)


def files_of(ticket: Ticket) -> list[File]:
    """Those of the ticket itself, not of comments."""
    rows = ticket.files.filter(comment=None).select_related("attachment").order_by("id")
    return [file_of(row) for row in rows]
