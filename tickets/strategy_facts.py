"""What rules may ask about tickets, declared for `routing.strategy`.

The values come from `tickets.facts.facts_of`; adding a fact is a key there and a class here.
"""

import time
from typing import TYPE_CHECKING, Any, ClassVar

import conversations.strategy_facts  # noqa: F401 (some of its facts are shared)
from routing.strategy.facts import (
    CHOICE,
    CUSTOM,
    LABELS,
    MISSING,
    TEXT,
    Fact,
    SubjectKind,
    register,
    share,
)
from tickets.models import IssueType, Priority, Source, TicketType

if TYPE_CHECKING:
    from routing.strategy.moment import Moment

KIND = "ticket"
_NAMES_FOR = 30.0  # seconds a process keeps the names


class _TicketFact(Fact):
    category = "工单"
    kinds = frozenset({KIND})


class _RowFact(_TicketFact):
    """A choice among rows, whose names a process keeps for a while."""

    type = CHOICE
    _kept: tuple[float, list[tuple[str, str]]] = (0.0, [])

    def options(self) -> list[tuple[str, str]]:
        """The rows there are: value and name."""
        until, found = self._kept
        if time.monotonic() >= until:
            found = self.rows()
            self._kept = (time.monotonic() + _NAMES_FOR, found)
        return list(found)

    def rows(self) -> list[tuple[str, str]]:
        """The rows, read anew."""
        raise NotImplementedError

    def label_of(self, value: str) -> str:
        """The row's name."""
        return dict(self.options()).get(value, value)


@register
class TicketTypeFact(_RowFact):
    """The type."""

    name, label, label_en = "ticket_type", "工单类型", "Ticket type"
    help = "工单的类型，例如退款、故障。"

    def rows(self) -> list[tuple[str, str]]:
        """Key and name."""
        return list(TicketType.objects.values_list("key", "name"))


@register
class TicketPriority(_TicketFact):
    """The priority."""

    name, label, label_en = "ticket_priority", "工单优先级", "Ticket priority"
    help = "进入时的优先级。"
    type = CHOICE
    choices = [(one.wire, str(one.label)) for one in Priority]


@register
class IssueTypeFact(_RowFact):
    """What it is about."""

    name, label, label_en = "issue_type", "问题分类", "Issue type"
    help = "坐席选择的、或系统自动采用的问题分类。"

    def rows(self) -> list[tuple[str, str]]:
        """Id and path."""
        rows = IssueType.objects.select_related("parent__parent")
        return [(str(one.pk), str(one)) for one in rows]


@register
class IssueArea(_RowFact):
    """The uppermost issue type."""

    name, label, label_en = "issue_area", "一级问题分类", "Issue area"
    help = "问题分类所属的最上级，包括其所有下级分类。"

    def rows(self) -> list[tuple[str, str]]:
        """Id and name of the roots."""
        rows = IssueType.objects.filter(parent=None)
        return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


@register
class TicketTitle(_TicketFact):
    """The title."""

    name, label, label_en = "ticket_title", "工单标题", "Ticket title"
    help = "工单的标题。"
    type = TEXT


@register
class TicketText(_TicketFact):
    """Title and description."""

    name, label, label_en = "ticket_text", "标题和描述", "Title and description"
    help = "工单的标题，和描述开头的部分，共 500 字。"
    type = TEXT


@register
class TicketTags(_TicketFact):
    """The tags."""

    name, label, label_en = "ticket_tags", "工单标签", "Ticket tags"
    help = "工单上的标签。"
    type = LABELS


@register
class TicketSource(_TicketFact):
    """What made it."""

    name, label, label_en = "ticket_source", "工单来源", "Ticket source"
    help = "由谁或什么创建：坐席、关键词、机器人、表单、接口等。"
    type = CHOICE
    choices = [(str(value), str(label)) for value, label in Source.choices]


@register
class TicketField(_TicketFact):
    """A custom field of its form."""

    name, label, label_en = "ticket_field", "工单字段", "Ticket field"
    help = "工单表单里的字段，填写字段标识，例如 amount；金额和数字可比较大小。敏感字段不参与。"
    type = CUSTOM
    subject: ClassVar[SubjectKind] = "custom_field"

    def read(self, moment: "Moment", subject: str) -> Any:
        """The field's value."""
        fields = moment.facts.get("ticket_fields")
        return fields.get(subject, MISSING) if isinstance(fields, dict) else MISSING


share(KIND, "channel", "channel_kind", "customer_level", "customer_tags")
