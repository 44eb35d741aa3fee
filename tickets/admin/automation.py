"""自动建单规则: when a ticket is made without an agent, each rule in a sentence."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from lingxi.admin import RoleModelAdmin
from lingxi.admin_fields import CommaField, LinesField
from tickets.automation.matching import compiled
from tickets.automation.sentences import sentence
from tickets.models import CreationRule, Trigger

_WORDS = {Trigger.KEYWORD, Trigger.BOT}


class CreationRuleForm(forms.ModelForm):
    """A rule that can fire."""

    words = LinesField(
        label="词语",
        required=False,
        help_text="每行一个。关键词：消息含有其中任何一个；机器人选项：消息正好是其中一个。",
    )
    tags = CommaField(label="标签", required=False)

    class Meta:
        model = CreationRule
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which

    def clean(self) -> dict[str, Any]:
        """What the trigger needs is there."""
        said = super().clean() or {}
        trigger, words = said.get("trigger"), said.get("words") or []
        if any(len(word) > 100 for word in words):
            self.add_error("words", "每个最多 100 字")
        if any(len(tag) > 40 for tag in said.get("tags") or []):
            self.add_error("tags", "每个最多 40 字")
        if said.get("pattern") and compiled(said["pattern"]) is None:
            self.add_error("pattern", "不是有效的正则表达式（RE2）")
        has_words = words or (trigger == Trigger.KEYWORD and said.get("pattern"))
        if trigger in _WORDS and not has_words:
            self.add_error("words", "请至少填写一个词语")
        if trigger == Trigger.UNANSWERED and not said.get("minutes"):
            self.add_error("minutes", "请填写等待分钟数")
        ends = ("on_wrap_up", "on_rating", "most_score", "on_abandoned")
        if trigger == Trigger.UNRESOLVED and not any(said.get(name) for name in ends):
            self.add_error("on_wrap_up", "请至少选择一种情形")
        return said


@admin.register(CreationRule)
class CreationRuleAdmin(RoleModelAdmin):
    """Rules. Each fires once per conversation."""

    permission = "tickets.manage"
    form = CreationRuleForm
    list_display = ["name", "says", "order", "is_active", "fired"]
    list_filter = [("trigger", ChoicesDropdownFilter), "is_active"]
    search_fields = ["name", "words", "answer"]
    ordering = ["order", "name"]
    filter_horizontal = ["channels", "groups"]
    fieldsets = [
        (None, {"fields": ["name", "trigger", "order", "is_active"]}),
        ("在哪里", {"fields": ["channels", "groups"]}),
        (
            "何时（只看所选触发条件的几项）",
            {
                "fields": [
                    "words",
                    "pattern",
                    "minutes",
                    "on_wrap_up",
                    "on_rating",
                    "most_score",
                    "on_abandoned",
                ]
            },
        ),
        (
            "做什么",
            {"fields": ["type", "issue_type", "priority", "group", "tags", "answer"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreationRule]:
        """With how often each has fired."""
        rows = super().get_queryset(request).select_related("type", "issue_type", "group")
        return rows.prefetch_related("channels", "groups").annotate(times=Count("firings"))

    @admin.display(description="规则")
    def says(self, rule: CreationRule) -> str:
        """The rule in words."""
        return sentence(rule)

    @admin.display(description="触发次数")
    def fired(self, rule: CreationRule) -> int:
        """In how many conversations it has fired."""
        return rule.times  # type: ignore[attr-defined]
