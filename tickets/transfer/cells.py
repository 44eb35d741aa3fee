"""What stands in the columns of an export: what the person sees on the page, masked as there."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils import timezone

from lingxi.access.masking import mask_json, sees_plain
from lingxi.access.permissions import role_of
from lingxi.fields.showing import ShownField
from tickets.forms import form_in_force, form_of_ticket
from tickets.models import Category, Priority, Source, Ticket, TicketType
from tickets.workflows import workflow_of

FIELD = "f."
RELATED = (
    "type",
    "issue_type__parent",
    "requester",
    "group",
    "assignee",
    "created_by",
    "rating",
)
Shown = Mapping[str, ShownField]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `cell` gives what is there, before it is masked; usual ones are ticked at first."""

    key: str
    label: str
    cell: Callable[[Ticket, Shown], Any]
    is_usual: bool = True


def _at(name: str, row: Ticket, shown: Shown) -> str:
    found: dt.datetime | None = getattr(row, name)
    return timezone.localtime(found).strftime("%Y-%m-%d %H:%M:%S") if found else ""


def _times() -> list[Column]:
    named = {
        "created_at": "创建时间",
        "updated_at": "更新时间",
        "due_at": "到期时间",
        "first_replied_at": "首次回复时间",
        "resolved_at": "解决时间",
        "closed_at": "关闭时间",
    }
    usual = {"created_at", "updated_at", "due_at", "resolved_at"}
    return [Column(name, label, partial(_at, name), name in usual) for name, label in named.items()]


def _name(person: Any) -> str:
    return str(person.first_name or person.get_username()) if person else ""


def _phone(row: Ticket, shown: Shown) -> str:
    return row.requester.phone if row.requester else ""


def _rating(row: Ticket) -> int | None:
    return row.rating.score if hasattr(row, "rating") else None


PLAIN = (
    Column("number", "编号", lambda row, shown: row.reference),
    Column("type", "类型", lambda row, shown: row.type.name),
    Column("title", "标题", lambda row, shown: row.title),
    Column("description", "描述", lambda row, shown: row.description, False),
    Column("status", "状态", lambda row, shown: workflow_of(row).status(row.status).name),
    Column("category", "阶段", lambda row, shown: Category(row.category).label, False),
    Column("priority", "优先级", lambda row, shown: Priority(row.priority).label),
    Column("issue_type", "问题分类", lambda row, shown: str(row.issue_type or "")),
    Column("tags", "标签", lambda row, shown: "、".join(row.tags)),
    Column(
        "customer",
        "客户姓名",
        lambda row, shown: row.requester.display_name if row.requester else "",
    ),
    Column("phone", "客户电话", _phone, False),
    Column("group", "技能组", lambda row, shown: row.group.name),
    Column("assignee", "受理人", lambda row, shown: row.assignee.name if row.assignee else ""),
    Column("created_by", "创建人", lambda row, shown: _name(row.created_by), False),
    Column("source", "来源", lambda row, shown: Source(row.source).label, False),
    Column("is_breached", "已超时", lambda row, shown: row.is_breached, False),
    Column("urges", "催办次数", lambda row, shown: row.urges, False),
    Column("rating", "满意度", lambda row, shown: _rating(row), False),
    *_times(),
)


def columns_for(types: Sequence[TicketType], user: Any) -> list[Column]:
    """What the person may export of tickets of these types."""
    role, custom = role_of(user), dict[str, Column]()
    for type in types:
        form = form_in_force(type)
        for one in form.fields if form else ():
            if one.sees(role):
                key = f"{FIELD}{one.key}"
                cell = partial(_custom, one.key)
                custom.setdefault(key, Column(key, one.label, cell, not one.sensitive))
    return [*PLAIN, *custom.values()]


def _custom(key: str, row: Ticket, shown: Shown) -> Any:
    found = shown.get(key)
    if found is None:
        return ""
    is_number = found.type in {"number", "money"} and isinstance(found.value, int | float)
    return found.value if is_number else found.text


class Cells:
    """The cells of tickets for one person."""

    def __init__(self, columns: Sequence[Column], user: Any) -> None:
        self.columns, self.user, self.plain = columns, user, sees_plain(user)
        self.has_custom = any(one.key.startswith(FIELD) for one in columns)

    def of(self, row: Ticket) -> list[Any]:
        """A row of the file."""
        shown = self._shown(row) if self.has_custom else {}
        cells = [one.cell(row, shown) for one in self.columns]
        return cells if self.plain else [mask_json(cell) for cell in cells]

    def _shown(self, row: Ticket) -> Shown:
        form = form_of_ticket(row)
        return {one.key: one for one in form.shown(row.fields, self.user)} if form else {}
