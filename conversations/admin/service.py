"""How groups serve: 接待设置."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from conversations.models import ServiceSettings
from lingxi.admin import RoleModelAdmin, VisibleFilter


class ServiceSettingsForm(forms.ModelForm):
    """A group's texts and times."""

    class Meta:
        model = ServiceSettings
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which

    def clean(self) -> dict[str, Any]:
        """A reminder needs words, and an end needs a reminder before it."""
        said = super().clean() or {}
        reminds = said.get("idle_reminder_seconds")
        if reminds and not said.get("idle_reminder_text", "").strip():
            self.add_error("idle_reminder_text", "请填写提醒内容")
        if said.get("idle_end_seconds") and reminds == 0:
            self.add_error("idle_end_seconds", "自动结束之前必须先提醒：请设置访客无回应提醒")
        return said


@admin.register(ServiceSettings)
class ServiceSettingsAdmin(RoleModelAdmin):
    """Settings per group; a group without a row here is served by the defaults."""

    scoped_by = "group"
    form = ServiceSettingsForm
    list_display = [
        "group",
        "welcome_text",
        "idle_reminder_seconds",
        "idle_end_seconds",
        "wrap_up_required",
    ]
    list_filter = [("group", VisibleFilter), "wrap_up_required"]
    list_select_related = ["group"]
    search_fields = ["group__name"]
    search_help_text = "技能组"
    fieldsets = [
        (None, {"fields": ["group", "welcome_text"]}),
        (
            "访客无回应",
            {
                "fields": [
                    "idle_reminder_seconds",
                    "idle_reminder_text",
                    "idle_end_seconds",
                    "idle_end_text",
                ],
                "description": "坐席回复之后访客一直没有回应的秒数；0 表示不启用。",
            },
        ),
        ("留言", {"fields": ["offline_text"]}),
        ("小结", {"fields": ["wrap_up_required"]}),
        (
            "预警",
            {
                "fields": ["warn_waiting_seconds", "warn_unanswered_seconds"],
                "description": "看板上变为警示的秒数。",
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Settings stay with their group."""
        return ["group"] if obj else []
