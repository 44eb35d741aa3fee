"""The shapes of bodies and answers, for the API document. Answers are built as plain data."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from routing.strategy.rules import MAX_RULES

RULE = {
    "type": "object",
    "required": ["then"],
    "properties": {
        "id": {"type": "string", "description": "留空则自动生成"},
        "name": {"type": "string"},
        "enabled": {"type": "boolean", "default": True},
        "when": {
            "type": "object",
            "description": "没有 items 表示总是满足；items 中可再放一层同样的对象",
            "properties": {
                "match": {"type": "string", "enum": ["all", "any"]},
                "items": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "fact": {"type": "string"},
                            "subject": {"type": "string"},
                            "operator": {"type": "string"},
                            "value": {},
                        },
                    },
                },
            },
        },
        "then": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["action"],
                "properties": {"action": {"type": "string"}, "params": {"type": "object"}},
            },
        },
    },
}


@extend_schema_field({"type": "array", "maxItems": MAX_RULES, "items": RULE})
class Rules(s.JSONField):
    """Rules as they are kept."""


class Answer(s.Serializer[Any]):
    """Base of all answers."""


class ProblemAnswer(Answer):
    """One thing that is wrong."""

    rule_id = s.CharField(help_text="空表示涉及全部规则")
    message = s.CharField()
    level = s.ChoiceField(choices=["error", "warning"], help_text="有 error 则不能保存和发布")
    path = s.CharField(help_text="在规则列表中的位置，例如 0.when.items.2")


class VersionAnswer(Answer):
    """A published version."""

    id = s.UUIDField()
    number = s.IntegerField()
    note = s.CharField()
    published_at = s.DateTimeField()
    published_by = s.CharField()
    in_force = s.ChoiceField(choices=["", "current", "candidate"])
    rules = Rules()
    sentences = s.ListField(child=s.CharField(), help_text="每条规则一句话")


class DraftAnswer(Answer):
    """The draft, or what a new one would begin with."""

    revision = s.IntegerField(help_text="0 表示还没有草稿；保存和发布时原样传回")
    rules = Rules()
    sentences = s.ListField(child=s.CharField())
    problems = ProblemAnswer(many=True)
    edited_at = s.DateTimeField(allow_null=True)
    edited_by = s.CharField()


class StrategyAnswer(Answer):
    """What is in force, and the draft."""

    kind = s.CharField()
    name = s.CharField()
    current = VersionAnswer(allow_null=True)
    candidate = VersionAnswer(allow_null=True)
    percent = s.IntegerField(help_text="灰度版本所占的百分比")
    draft = DraftAnswer()


class VersionsAnswer(Answer):
    """Every version, newest first."""

    versions = VersionAnswer(many=True)


class ChoiceAnswer(Answer):
    """What may be picked."""

    value = s.CharField()
    label = s.CharField()  # type: ignore[assignment]


class FactAnswer(Answer):
    """A fact."""

    name = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    label_en = s.CharField()
    help = s.CharField()
    category = s.CharField()
    type = s.CharField()
    unit = s.CharField()
    subject = s.ChoiceField(choices=["", "group", "custom_field"])
    operators = s.ListField(child=s.CharField())
    choices = ChoiceAnswer(many=True)


class OperatorAnswer(Answer):
    """An operator."""

    name = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    help = s.CharField()
    operand = s.ChoiceField(choices=["none", "one", "many", "pair", "pattern"])


class ParamAnswer(Answer):
    """A parameter of an action."""

    name = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    help = s.CharField()
    type = s.ChoiceField(choices=["integer", "text", "choice", "group", "agent"])
    required = s.BooleanField()  # type: ignore[assignment]
    default = s.IntegerField(allow_null=True)
    limits = s.DictField()
    choices = ChoiceAnswer(many=True)


class ActionAnswer(Answer):
    """An action."""

    name = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    label_en = s.CharField()
    help = s.CharField()
    places = s.BooleanField(help_text="决定去向；满足后不再看后面的规则")
    slot = s.CharField(help_text="同一规则中每个 slot 至多一个动作")
    params = ParamAnswer(many=True)


class LimitsAnswer(Answer):
    """The most there may be."""

    rules = s.IntegerField()
    conditions = s.IntegerField(help_text="每条规则")
    actions = s.IntegerField(help_text="每条规则")


class CatalogueAnswer(Answer):
    """Everything that rules may be made of."""

    facts = FactAnswer(many=True)
    operators = OperatorAnswer(many=True)
    actions = ActionAnswer(many=True)
    limits = LimitsAnswer()


class DraftBody(Answer):
    """A draft to save."""

    rules = Rules()
    revision = s.IntegerField(min_value=0)


class PublishBody(Answer):
    """A draft to publish."""

    revision = s.IntegerField(min_value=1)
    percent = s.IntegerField(min_value=1, max_value=100, default=100, help_text="小于 100 为灰度")
    note = s.CharField(max_length=200, required=False)


class PromoteBody(Answer):
    """How far to release."""

    percent = s.IntegerField(min_value=1, max_value=100, default=100)


class RollbackBody(Answer):
    """Where to go back to."""

    number = s.IntegerField(min_value=1)
