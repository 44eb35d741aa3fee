"""The queue, to look at."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from lingxi.admin import ReadOnlyModelAdmin, VisibleFilter, column
from routing import kinds
from routing.models import WorkItem


@admin.register(WorkItem)
class WorkItemAdmin(ReadOnlyModelAdmin):
    """Stays in the queue."""

    scoped_by = "group"
    list_display = [
        "work",
        column("item_id", "对象"),
        column("state", "状态"),
        "group",
        "agent",
        "priority",
        "enqueued_at",
        "assigned_at",
    ]
    readonly_fields = [*list_display, "finished_at", "left_reason", "facts"]
    fields = readonly_fields
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("group", VisibleFilter),
        ("agent", VisibleFilter),
    ]
    list_select_related = ["group", "agent"]
    search_fields = ["left_reason"]
    search_help_text = "离开原因，或完整的会话编号、工单编号（UUID）"
    id_fields = ("item_id", "id")
    ordering = ["-enqueued_at"]

    @admin.display(description="类型", ordering="kind")
    def work(self, item: WorkItem) -> str:
        """What kind of work it is."""
        return kinds.label_of(item.kind)
