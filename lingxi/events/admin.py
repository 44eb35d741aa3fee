"""The outbox, to look at, and what subscribers could not take."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, RangeDateTimeFilter
from unfold.decorators import action
from unfold.paginator import InfinitePaginator

from lingxi.admin import ReadOnlyModelAdmin, json_text
from lingxi.events.models import Event, FailedHandling


class RelayedFilter(admin.SimpleListFilter):
    """Waiting or relayed."""

    title = "投递状态"
    parameter_name = "relayed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("no", "待投递"), ("yes", "已投递")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the choice."""
        if self.value() is None:
            return queryset
        return queryset.filter(relayed_at__isnull=self.value() == "no")


@admin.register(Event)
class EventAdmin(ReadOnlyModelAdmin):
    """Domain events, newest first."""

    permission = "events.view"
    list_display = ["position", "type", "occurred_at", "channel", "conversation_id", "relayed"]
    list_filter = [RelayedFilter, ("occurred_at", RangeDateTimeFilter)]
    search_fields = ["type"]
    search_help_text = "事件类型，或完整的事件编号、会话编号"
    id_fields = ("event_id", "conversation_id")
    ordering = ["-position"]
    paginator = InfinitePaginator
    fields = [
        "event_id",
        "type",
        "occurred_at",
        "channel",
        "conversation_id",
        "customer_id",
        "content",
        "relayed_at",
    ]
    readonly_fields = fields

    @admin.display(description="已投递", boolean=True)
    def relayed(self, event: Event) -> bool:
        """Whether every subscriber was offered it."""
        return event.relayed_at is not None

    @admin.display(description="内容（已脱敏）")
    def content(self, event: Event) -> str:
        """The payload, indented."""
        return json_text(event.payload)


@admin.register(FailedHandling)
class FailedHandlingAdmin(ReadOnlyModelAdmin):
    """Events that a subscriber refused; they are tried again by themselves, or now."""

    permission = "events.view"
    list_display = ["subscriber", "event", "attempts", "due_at", "reason"]
    list_filter = [("subscriber", AllValuesCheckboxFilter)]
    list_select_related = ["event"]
    ordering = ["due_at"]
    actions = ["retry_now"]

    @admin.display(description="原因")
    def reason(self, row: FailedHandling) -> str:
        """The beginning of the error."""
        return row.error[:120]

    @action(description="立即重试")
    def retry_now(self, request: HttpRequest, queryset: QuerySet[FailedHandling]) -> None:
        """Make the chosen rows due."""
        count = queryset.update(due_at=timezone.now())
        self.message_user(request, f"{count} 条将立即重试")
