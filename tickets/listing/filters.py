"""What the list can be filtered by, besides custom fields: each filter is declared once here.

Query string, chips, inputs and conditions follow from the declaration. Values come from an address
that anybody may write: what cannot be meant is passed over.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from lingxi.access.masking import for_viewer
from lingxi.ids import parse_id
from tickets.listing.condition import NOTHING, Condition
from tickets.listing.searching import of_requester, of_words
from tickets.listing.times import day_of, end_of_day, start_of_day
from tickets.models import ACTIVE, Category, Priority, SlaClock, Source, SupervisionOrder, Watcher

if TYPE_CHECKING:
    from tickets.listing.viewer import Viewer

Choices = list[tuple[str, str]]
Apply = Callable[["Viewer", Sequence[str]], Condition]
WITHIN = {"due_1h": 1, "due_4h": 4, "due_24h": 24, "due_72h": 72}
MOST_VALUES = 50


@dataclass(frozen=True)
class Filter:
    """A filter. `kind`: choices (some of), choice (one of), text, dates (from, to) or flag."""

    name: str
    label: str
    label_en: str
    kind: str
    apply: Apply
    choices: Callable[["Viewer"], Choices] = lambda viewer: []
    is_quick: bool = False  # stands above the list, not among the further ones


def _ids(values: Sequence[str]) -> list[uuid.UUID]:
    found = (parse_id(one) for one in values[:MOST_VALUES])
    return [one for one in found if one is not None]


def _of_ids(column: str) -> Apply:
    def apply(viewer: "Viewer", values: Sequence[str]) -> Condition:
        return Condition(Q(**{f"{column}__in": _ids(values)}))

    return apply


def _of_values(column: str, known: Sequence[str]) -> Apply:
    def apply(viewer: "Viewer", values: Sequence[str]) -> Condition:
        return Condition(Q(**{f"{column}__in": [one for one in values if one in known]}))

    return apply


def _category(viewer: "Viewer", values: Sequence[str]) -> Condition:
    wanted = {one for one in values if one in Category.values}
    if "active" in values:
        wanted |= {str(one) for one in ACTIVE}
    return Condition(Q(category__in=sorted(wanted)))


def _priority(viewer: "Viewer", values: Sequence[str]) -> Condition:
    wire = {Priority(one).wire: one for one in Priority.values}
    return Condition(Q(priority__in=[wire[one] for one in values if one in wire]))


def _assignee(viewer: "Viewer", values: Sequence[str]) -> Condition:
    wanted = Q(assignee__in=_ids(values))
    if "none" in values:
        wanted |= Q(assignee=None)
    if "me" in values:
        wanted |= Q(assignee__in=viewer.agent_ids)
    return Condition(wanted)


def _created_by(viewer: "Viewer", values: Sequence[str]) -> Condition:
    return Condition(Q(created_by=viewer.user.pk)) if "me" in values else NOTHING


def _issue(viewer: "Viewer", values: Sequence[str]) -> Condition:
    wanted = Q(issue_type__in=viewer.below_issues(_ids(values)))
    return Condition(wanted | Q(issue_type=None) if "none" in values else wanted)


def _tag(viewer: "Viewer", values: Sequence[str]) -> Condition:
    tags = [part.strip() for value in values for part in value.replace("，", ",").split(",")]
    tags = [one for one in tags if one][:MOST_VALUES]
    if any(for_viewer(viewer.user, one) != one for one in tags):
        return NOTHING  # by trying, they would find out what is masked for them
    return Condition(Q(tags__contains=tags)) if tags else Condition()


def _watched(viewer: "Viewer", values: Sequence[str]) -> Condition:
    mine = Watcher.objects.filter(user_id=viewer.user.pk).values("ticket_id")
    return Condition(Q(pk__in=mine)) if "me" in values else NOTHING


def _sla(viewer: "Viewer", values: Sequence[str]) -> Condition:
    wanted = Q(pk__in=[])
    for one in values:
        wanted |= _sla_state(viewer, one)
    return Condition(wanted)


def _sla_state(viewer: "Viewer", value: str) -> Q:
    active = ~Q(category__in=["resolved", "closed"])  # as the partial indexes say it
    if value == "breached":
        return active & (Q(is_breached=True) | Q(due_at__lt=viewer.now))
    if value == "warned":
        rows = SlaClock.objects.filter(ticket=OuterRef("pk"), state="running")
        return active & Q(Exists(rows.exclude(warned_at=None)))
    if value in WITHIN:
        until = viewer.now + dt.timedelta(hours=WITHIN[value])
        return active & Q(due_at__gte=viewer.now, due_at__lte=until)
    return Q(due_at=None) if value == "none" else Q(pk__in=[])


def _ordered(viewer: "Viewer", values: Sequence[str]) -> Condition:
    """Those with an order that waits for its answer: any (`open`), or an `overdue` one."""
    rows = SupervisionOrder.objects.filter(state="open")
    if "open" not in values:
        rows = rows.exclude(overdue_at=None)
    return Condition(Q(pk__in=rows.values("ticket_id"))) if set(values) & ORDERED else NOTHING


def _dates(column: str) -> Apply:
    def apply(viewer: "Viewer", values: Sequence[str]) -> Condition:
        low, high = day_of(values[0]), day_of(values[1])
        found = Q()
        if low is not None:
            found &= Q(**{f"{column}__gte": start_of_day(low)})
        if high is not None:
            found &= Q(**{f"{column}__lt": end_of_day(high)})
        return Condition(found)

    return apply


def _status(viewer: "Viewer", values: Sequence[str]) -> Condition:
    return Condition(Q(status__in=[one for one in values[:MOST_VALUES] if len(one) <= 40]))


def _wired(choices: Sequence[tuple[Any, str]]) -> Choices:
    return [(Priority(value).wire, str(label)) for value, label in reversed(choices)]


SLA_CHOICES: Choices = [
    ("breached", "已超时"),
    ("warned", "已预警"),
    ("due_1h", "1 小时内到期"),
    ("due_4h", "4 小时内到期"),
    ("due_24h", "24 小时内到期"),
    ("due_72h", "3 天内到期"),
    ("none", "没有到期时间"),
]
ME: Choices = [("me", "我")]
ORDER_CHOICES: Choices = [("open", "待回复"), ("overdue", "逾期未回复")]
ORDERED = {value for value, _ in ORDER_CHOICES}
_CATEGORIES: Choices = [("active", "未完成"), *[(str(k), str(v)) for k, v in Category.choices]]
_SOURCES: Choices = [(str(k), str(v)) for k, v in Source.choices]

FILTERS: tuple[Filter, ...] = (
    Filter("q", "搜索", "Search", "text", of_words, is_quick=True),
    Filter("category", "阶段", "Status", "choices", _category, lambda v: _CATEGORIES, True),
    Filter("status", "状态", "Step", "choices", _status, lambda v: v.status_choices),
    Filter("type", "类型", "Type", "choices", _of_ids("type"), lambda v: v.type_choices, True),
    Filter("priority", "优先级", "Priority", "choices", _priority,
           lambda v: _wired(Priority.choices), True),
    Filter("group", "技能组", "Group", "choices", _of_ids("group"),
           lambda v: v.group_choices, True),
    Filter("assignee", "受理人", "Assignee", "choices", _assignee,
           lambda v: v.assignee_choices, True),
    Filter("sla", "时效", "SLA", "choices", _sla, lambda v: SLA_CHOICES, True),
    Filter("order", "督办", "Supervised", "choices", _ordered, lambda v: ORDER_CHOICES),
    Filter("issue", "问题分类", "Issue type", "choices", _issue, lambda v: v.issue_choices),
    Filter("requester", "客户", "Requester", "text", of_requester),
    Filter("tag", "标签", "Tags", "text", _tag),
    Filter("source", "来源", "Source", "choices",
           _of_values("source", Source.values), lambda v: _SOURCES),
    Filter("watched", "关注", "Watched", "choices", _watched, lambda v: ME),
    Filter("creator", "创建人", "Created by", "choices", _created_by, lambda v: ME),
    Filter("created", "创建时间", "Created", "dates", _dates("created_at")),
    Filter("updated", "更新时间", "Updated", "dates", _dates("updated_at")),
    Filter("due", "到期时间", "Due", "dates", _dates("due_at")),
)  # fmt: skip
BY_NAME = {one.name: one for one in FILTERS}
