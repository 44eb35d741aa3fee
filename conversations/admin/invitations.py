"""主动邀请: the bubbles that ask visitors to talk, and how they are taken."""

from typing import Any

import re2
from django import forms
from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from conversations.models import Invitation, PageMatch
from lingxi.admin import RoleModelAdmin, VisibleFilter


class InvitationForm(forms.ModelForm):
    """An invitation, with a condition that can be met."""

    class Meta:
        model = Invitation
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which

    def clean(self) -> dict[str, Any]:
        """The address fits its way of comparing."""
        said = super().clean() or {}
        match, value = said.get("match"), (said.get("value") or "").strip()
        if match == PageMatch.ANY:
            said["value"] = ""
        elif not value:
            self.add_error("value", "请填写页面地址")
        elif match == PageMatch.PREFIX and not value.startswith(("http://", "https://", "/")):
            self.add_error("value", "以 https://、http:// 或 / 开头")
        elif match == PageMatch.PATTERN:
            self._check_pattern(value)
        return said

    def _check_pattern(self, value: str) -> None:
        options = re2.Options()
        options.log_errors = False
        try:
            re2.compile(value, options)
        except re2.error as error:
            self.add_error("value", f"不是有效的正则表达式：{error}")


@admin.register(Invitation)
class InvitationAdmin(RoleModelAdmin):
    """Invitations. On a page, the first that fits is shown."""

    scoped_by = "channel"
    form = InvitationForm
    list_display = [
        "name",
        "channel",
        "condition",
        "after_seconds",
        "order",
        "is_active",
        "shown",
        "accepted",
        "rate",
    ]
    list_filter = [("channel", VisibleFilter), ("match", ChoicesDropdownFilter), "is_active"]
    list_select_related = ["channel"]
    search_fields = ["name", "text", "value"]
    search_help_text = "名称、邀请语或页面地址"
    ordering = ["channel", "order", "name"]
    readonly_fields = ["shown", "accepted", "declined", "rate"]
    fieldsets = [
        (None, {"fields": ["name", "channel", "text", "order", "is_active"]}),
        (
            "何时出现",
            {
                "fields": ["match", "value", "after_seconds", "again_hours"],
                "description": "访客在符合条件的页面停留够时间后出现；多条符合时取顺序最前的一条。",
            },
        ),
        ("效果", {"fields": ["shown", "accepted", "declined", "rate"]}),
    ]

    @admin.display(description="页面")
    def condition(self, invitation: Invitation) -> str:
        """Where it appears."""
        return f"{invitation.get_match_display()} {invitation.value}".strip()

    @admin.display(description="接受率")
    def rate(self, invitation: Invitation) -> str:
        """Accepted ÷ shown."""
        return f"{invitation.accepted / invitation.shown:.0%}" if invitation.shown else "—"
