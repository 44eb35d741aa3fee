"""What visitors said of the service."""

from django.contrib import admin
from unfold.contrib.filters.admin import (
    RangeDateTimeFilter,
    RangeNumericFilter,
)

from conversations.models import (
    Rating,
)
from lingxi.admin import (
    ReadOnlyModelAdmin,
    VisibleFilter,
    column,
)


@admin.register(Rating)
class RatingAdmin(ReadOnlyModelAdmin):
    """What visitors said of the service."""

    permission = "conversations.view"
    scoped_by = "conversation"
    list_display = [
        column("created_at", "时间"),
        "score",
        "resolved",
        column("agent", "坐席"),
        "comment",
    ]
    readonly_fields = [*list_display, column("conversation", "会话")]
    fields = readonly_fields
    list_filter = [
        ("score", RangeNumericFilter),
        "resolved",
        ("agent", VisibleFilter),
        ("created_at", RangeDateTimeFilter),
    ]
    list_select_related = ["agent"]
    search_fields = ["comment"]
    search_help_text = "评价内容"
    ordering = ["-created_at"]
