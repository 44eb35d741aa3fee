"""How groups serve, and what was left while they did not."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.paginator import InfinitePaginator

from conversations.models import OfflineMessage, ServiceSettings
from lingxi.admin import ReadOnlyModelAdmin, RoleModelAdmin, VisibleFilter, column


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


@admin.register(OfflineMessage)
class OfflineMessageAdmin(ReadOnlyModelAdmin):
    """Messages left; they are handled in the workbench."""

    permission = "offline_messages.handle"
    list_display = ["created_at", "name", "phone", "short", "channel", "group", "state"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("group", VisibleFilter),
        ("channel", VisibleFilter),
        ("created_at", RangeDateTimeFilter),
    ]
    list_select_related = ["channel", "group", "customer"]
    search_fields = ["name", "phone", "email", "text"]
    search_help_text = "称呼、电话、邮箱、内容，或完整的客户编号、会话编号"
    id_fields = ("customer_id", "conversation_id")
    ordering = ["-created_at"]
    paginator = InfinitePaginator
    fields = readonly_fields = [
        *("created_at", "state", "name", "phone", "email", "text", "channel", "group"),
        *("customer", column("conversation_id", "会话编号")),
        *("remark", "handled_by", "handled_at"),
    ]

    @admin.display(description="内容")
    def short(self, message: OfflineMessage) -> str:
        """Its first words."""
        return message.text[:60]
