"""Tickets and what was said on them, to be looked at; they are worked on in their own pages."""

from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from lingxi.admin import ReadOnlyModelAdmin, VisibleFilter, column
from tickets.models import Comment, Ticket

STAGE, URGENCY = column("category", "阶段"), column("priority", "优先级")
MADE, CHANGED = column("created_at", "创建时间"), column("updated_at", "更新时间")
SAID = column("created_at", "时间")


@admin.register(Ticket)
class TicketAdmin(ReadOnlyModelAdmin):
    """Rows of tickets."""

    permission = "tickets.manage"
    id_fields = ("pk",)
    list_display = ["reference", "title", "type", STAGE, URGENCY, "group", "assignee", MADE]
    list_select_related = ["type", "group", "assignee"]
    list_filter = [("type", VisibleFilter), "category", "priority"]
    search_fields = ["title", "number"]
    search_help_text = "标题或编号"
    ordering = ["-number"]
    fields = readonly_fields = [
        "page",
        "title",
        "type",
        "type_version",
        "fields_version",
        "status",
        STAGE,
        URGENCY,
        "group",
        "assignee",
        "source",
        "revision",
        MADE,
        CHANGED,
    ]

    @admin.display(description="编号", ordering="number")
    def reference(self, ticket: Ticket) -> str:
        """The number as people say it."""
        return ticket.reference

    @admin.display(description="工单")
    def page(self, ticket: Ticket) -> str:
        """The way to the page on which it is worked on."""
        try:
            url = reverse("tickets:ticket", args=[ticket.reference])
        except NoReverseMatch:
            return ticket.reference
        return format_html('<a class="text-link underline" href="{}">{}</a>', url, ticket.reference)


@admin.register(Comment)
class CommentAdmin(ReadOnlyModelAdmin):
    """What was said."""

    permission = "tickets.manage"
    id_fields = ("pk", "ticket_id")
    list_display = ["of", "excerpt", "actor_name", "is_public", SAID]
    list_select_related = ["ticket"]
    list_filter = ["is_public"]
    ordering = ["-created_at"]
    fields = readonly_fields = ["of", "text", "actor_name", "is_public", SAID]

    @admin.display(description="工单")
    def of(self, comment: Comment) -> str:
        """The ticket's number."""
        return comment.ticket.reference

    @admin.display(description="内容")
    def excerpt(self, comment: Comment) -> str:
        """Its beginning."""
        return str(comment)
