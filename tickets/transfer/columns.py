"""What a file of tickets may have, and which of its headers means which."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lingxi.access.permissions import role_of
from lingxi.fields.definitions import Field
from tickets.forms import form_in_force
from tickets.models import Priority, TicketType

FIELD = "fields."
_PRIORITIES = "、".join(str(one.label) for one in Priority)
_HELP = {
    "number": "数字",
    "money": "金额，只写数字",
    "date": "日期，如 2026-11-21",
    "datetime": "日期时间，如 2026-11-21 13:30",
    "boolean": "是 或 否",
    "multi_choice": "可填多个，用顿号或逗号分隔",
    "cascade": "各级用 / 分隔，如 广东省/深圳市/南山区",
    "customer": "客户编号（UUID）",
}


@dataclass(frozen=True, slots=True)
class Column:
    """Something a file may say of a ticket. `aliases` are other headers that mean it."""

    key: str
    label: str
    label_en: str = ""
    help: str = ""
    required: bool = False
    aliases: tuple[str, ...] = ()


PLAIN = (
    Column("title", "标题", "Title", "最多 200 字", True, ("subject", "主题", "工单标题")),
    Column("description", "描述", "Description", "", False, ("详情", "内容", "工单描述")),
    Column("priority", "优先级", "Priority", f"{_PRIORITIES}；不填按类型默认"),
    Column("issue_type", "问题分类", "Issue type", "上下级用 / 分隔", False, ("分类", "category")),
    Column("tags", "标签", "Tags", "用顿号或逗号分隔"),
    Column("phone", "客户电话", "Phone", "没有此客户时新建", False, ("手机号", "手机", "电话")),
    Column("customer", "客户姓名", "Customer", "须同时填写客户电话", False, ("客户", "姓名")),
    Column("group", "技能组", "Group", "不填按路由策略分配", False, ("受理组",)),
    Column("assignee", "受理人", "Assignee", "姓名或登录名", False, ("坐席", "处理人")),
)


def columns_of(type: TicketType, user: Any) -> list[Column]:
    """What the person may say of tickets of the type. Files cannot stand in a spreadsheet."""
    form, role = form_in_force(type), role_of(user)
    fields = form.fields if form else ()
    custom = [_custom(one) for one in fields if one.edits(role) and one.type != "file"]
    return [*PLAIN, *custom]


def _custom(field: Field) -> Column:
    options = "、".join(one.label for one in field.options if not one.retired)
    kind = _HELP.get(field.type, "")
    help = "；".join(part for part in (field.help, options[:200], kind) if part)
    must = field.required and field.default is None
    aliases = (field.key, field.label_en)
    return Column(f"{FIELD}{field.key}", field.label, field.label_en, help, must, aliases)


def guess(columns: Sequence[Column], headers: Sequence[str]) -> list[str]:
    """For each header the key of the column that it seems to mean; "" for none. Each key once."""
    known: dict[str, str] = {}
    for column in columns:
        for name in (column.label, column.key, column.label_en, *column.aliases):
            if name:
                known.setdefault(_plain(name), column.key)
    found: list[str] = []
    for header in headers:
        key = known.get(_plain(header), "")
        found.append("" if key in found else key)
    return found


def _plain(name: str) -> str:
    """Without what people add to headers: stars, colons, remarks in brackets, blanks."""
    bare = re.sub(r"[（(【\[].*?[)）】\]]", "", name)
    return re.sub(r"[\s*＊:：_-]", "", bare).casefold()
