"""Quick replies: the shared ones and one's own."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from unfold.widgets import (
    UnfoldAdminSelectWidget,
)

from conversations.models import (
    QuickReply,
)
from lingxi.admin import (
    RoleModelAdmin,
)


@admin.register(QuickReply)
class QuickReplyAdmin(RoleModelAdmin):
    """Quick replies: the shared ones, and one's own."""

    list_display = ["shortcut", "title", "text", "shared"]
    search_fields = ["shortcut", "title", "text"]
    search_help_text = "快捷词、标题或内容"
    fields = ["shortcut", "title", "text", "owner"]

    @admin.display(description="共享", boolean=True)
    def shared(self, reply: QuickReply) -> bool:
        """Whether everybody sees it."""
        return reply.owner_id is None

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """It belongs to everybody or to oneself."""
        if db_field.name == "owner":
            kwargs["queryset"] = get_user_model().objects.filter(
                username=request.user.get_username()
            )
            kwargs["widget"] = UnfoldAdminSelectWidget()
            kwargs["empty_label"] = "共享（所有坐席）"
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
