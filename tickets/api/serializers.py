"""The bodies of requests, read strictly, and the shapes of answers for the API document."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from conversations.api.fields import Id, Line, StrictSerializer, Text, Whole, YesNo
from conversations.api.schemas import Answer, NamedAnswer
from conversations.models import Conversation, Customer
from lingxi.errors import NotFound
from routing.models import Agent, SkillGroup
from tickets.models import Category, IssueType, Priority, Source, TicketType
from tickets.service.creating import MAX_DESCRIPTION, MAX_TAG, MAX_TAGS, MAX_TITLE

PRIORITIES = [(one.wire, one.label) for one in Priority]
MAX_FIELDS = 200


@extend_schema_field({"type": "object", "additionalProperties": {}})
class Values(s.Field):
    """Custom values by key; the form of the type says what each may be."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The mapping; its values are checked by `lingxi.fields`."""
        if not isinstance(data, dict) or len(data) > MAX_FIELDS:
            raise s.ValidationError("必须是对象")
        return data

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class PriorityField(s.ChoiceField):
    """low, normal, high or urgent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=PRIORITIES, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """The member of `Priority`."""
        return Priority[super().to_internal_value(data).upper()]


class Tags(s.ListField):
    """A few short texts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Line(limit=MAX_TAG), max_length=MAX_TAGS, **kwargs)


class _Edited(StrictSerializer):
    title = Line(limit=MAX_TITLE, required=False)
    description = Text(limit=MAX_DESCRIPTION, required=False, allow_blank=True)
    priority = PriorityField(required=False)
    tags = Tags(required=False)
    issue_type = Id(required=False, allow_null=True)
    fields = Values(required=False)  # type: ignore[assignment]
    requester = Id(required=False, allow_null=True)

    def validate_issue_type(self, value: Any) -> Any:
        """The row. Raises `NotFound`."""
        return found(IssueType.objects.filter(is_active=True), value, "issue_type")

    def validate_requester(self, value: Any) -> Any:
        """The row, if the caller may see them. Raises `NotFound`."""
        return found(Customer.objects.visible_to(self.context["user"]), value, "requester")


class CreateSerializer(_Edited):
    """A new ticket."""

    type = Line(limit=32, help_text="类型标识，见 /api/v1/tickets/types")
    title = Line(limit=MAX_TITLE)
    conversation = Id(required=False, allow_null=True)
    group = Id(required=False, allow_null=True)
    assignee = Id(required=False, allow_null=True)
    files = s.ListField(child=Id(), required=False, max_length=20)

    def validate_type(self, value: str) -> TicketType:
        """The row. Raises `NotFound`."""
        rows = TicketType.objects.select_related("schema__current", "current", "group")
        return found(rows.filter(is_active=True), value, "type", "key")

    def validate_conversation(self, value: Any) -> Any:
        """The row, if the caller may see it."""
        return found(Conversation.objects.visible_to(self.context["user"]), value, "conversation")

    def validate_group(self, value: Any) -> Any:
        """The row."""
        return found(SkillGroup.objects.all(), value, "group")

    def validate_assignee(self, value: Any) -> Any:
        """The row."""
        return found(Agent.objects.filter(user__is_active=True), value, "assignee")


class EditSerializer(_Edited):
    """What changes of a ticket; what is not named stays."""

    revision = Whole(required=False, min_value=1)


class MoveSerializer(StrictSerializer):
    """A transition."""

    transition = Line(limit=40)
    comment = Text(limit=10_000, required=False, allow_blank=True, default="")
    is_public = YesNo(required=False, default=False)
    fields = Values(required=False)  # type: ignore[assignment]
    revision = Whole(required=False, min_value=1)


class CommentSerializer(StrictSerializer):
    """A comment. `id` of the caller's own making lets it be sent again harmlessly."""

    id = Id(required=False)
    text = Text(limit=10_000, allow_blank=True)
    is_public = YesNo(required=False, default=False)
    files = s.ListField(child=Id(), required=False, max_length=20, default=list)


class AssignSerializer(StrictSerializer):
    """To whom."""

    agent = Id(required=False, allow_null=True)
    group = Id(required=False, allow_null=True)
    note = Line(limit=500, required=False, allow_blank=True, default="")
    revision = Whole(required=False, min_value=1)

    def validate_agent(self, value: Any) -> Any:
        """The row."""
        return found(Agent.objects.filter(user__is_active=True), value, "agent")

    def validate_group(self, value: Any) -> Any:
        """The row."""
        return found(SkillGroup.objects.all(), value, "group")


class ReferenceSerializer(StrictSerializer):
    """Another ticket, by number or id; null for none."""

    ticket = Line(limit=40, allow_null=True)


class LinkSerializer(StrictSerializer):
    """A conversation."""

    conversation = Id()

    def validate_conversation(self, value: Any) -> Any:
        """The row, if the caller may see it."""
        return found(Conversation.objects.visible_to(self.context["user"]), value, "conversation")


def found(rows: Any, value: Any, name: str, by: str = "pk") -> Any:
    """The row of `rows` that `value` names, None for None. Raises `NotFound`."""
    if value is None:
        return None
    row = rows.filter(**{by: value}).first()
    if row is None:
        raise NotFound(fields={name: ["不存在"]})
    return row


class StatusAnswer(Answer):
    """A status; `category` is what it means, whatever the type calls it."""

    key = s.CharField()
    name = s.CharField()
    category = s.ChoiceField(choices=Category.choices)


class TicketAnswer(Answer):
    """A ticket."""

    id = s.UUIDField()
    number = s.CharField(help_text="如 T100001")
    type = s.CharField()
    title = s.CharField()
    description = s.CharField()
    tags = s.ListField(child=s.CharField())
    requester = NamedAnswer(allow_null=True)
    priority = s.ChoiceField(choices=PRIORITIES)
    status = StatusAnswer()
    issue_type = NamedAnswer(allow_null=True)
    fields = s.DictField(help_text="自定义字段，按 `fields_version` 的表单")  # type: ignore[assignment]
    fields_version = s.IntegerField(allow_null=True)
    group = NamedAnswer()
    assignee = NamedAnswer(allow_null=True)
    source = s.ChoiceField(choices=Source.choices)  # type: ignore[assignment]
    parent = s.CharField(allow_null=True)  # type: ignore[assignment]
    merged_into = s.CharField(allow_null=True)
    urges = s.IntegerField(help_text="催办次数")
    reopens = s.IntegerField()
    due_at = s.DateTimeField(allow_null=True, help_text="最近的 SLA 到期时间")
    is_breached = s.BooleanField()
    revision = s.IntegerField(help_text="每次修改加一；用于 If-Match")
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()
    first_replied_at = s.DateTimeField(allow_null=True)
    resolved_at = s.DateTimeField(allow_null=True)
    closed_at = s.DateTimeField(allow_null=True)


class ClockAnswer(Answer):
    """One time agreed on; business time in seconds and minutes."""

    metric = s.CharField(help_text="first_response、next_response 或 resolution")
    round = s.IntegerField()
    state = s.CharField()
    policy = s.CharField()
    target_minutes = s.IntegerField()
    due_at = s.DateTimeField(allow_null=True)
    remaining_seconds = s.IntegerField(allow_null=True, help_text="负数为已超时")
    warned_at = s.DateTimeField(allow_null=True)
    breached_at = s.DateTimeField(allow_null=True)
    met_at = s.DateTimeField(allow_null=True)
    spent_seconds = s.IntegerField(allow_null=True)


class WholeTicketAnswer(TicketAnswer):
    """A ticket with its times."""

    sla = ClockAnswer(many=True)


class TicketPageAnswer(Answer):
    """A page of tickets, the newest first. `next` is the `before` of the next page."""

    results = TicketAnswer(many=True)
    next = s.CharField(allow_null=True)


class TransitionAnswer(Answer):
    """A transition the caller may pull now."""

    key = s.CharField()
    name = s.CharField()
    to = StatusAnswer()
    required = s.ListField(child=s.CharField())  # type: ignore[assignment]
    comment = s.BooleanField(help_text="需要填写说明")
    approval = s.BooleanField(help_text="先经审批")


class ActorAnswer(Answer):
    """Who did something."""

    kind = s.CharField()
    name = s.CharField()


class FileAnswer(Answer):
    """A file of a ticket."""

    id = s.UUIDField()
    name = s.CharField()
    size = s.IntegerField()
    media_type = s.CharField()
    is_public = s.BooleanField()


class CommentAnswer(Answer):
    """A comment."""

    id = s.UUIDField()
    is_public = s.BooleanField()
    text = s.CharField()
    author = ActorAnswer()
    files = FileAnswer(many=True)
    created_at = s.DateTimeField()


class EntryAnswer(Answer):
    """An entry of the timeline. `data.changes` tells in words what changed."""

    revision = s.IntegerField()
    kind = s.CharField()
    data = s.DictField()  # type: ignore[assignment]
    is_public = s.BooleanField()
    by = ActorAnswer()
    created_at = s.DateTimeField()


class TypeAnswer(Answer):
    """A ticket type with its form and statuses."""

    key = s.CharField()
    name = s.CharField()
    description = s.CharField()
    default_priority = s.ChoiceField(choices=PRIORITIES)
    fields_version = s.IntegerField(allow_null=True)
    fields = s.ListField(child=s.DictField())  # type: ignore[assignment]
    statuses = StatusAnswer(many=True)


class IssueTypeAnswer(Answer):
    """An issue type with its place in the tree."""

    id = s.UUIDField()
    name = s.CharField()
    path = s.CharField()
