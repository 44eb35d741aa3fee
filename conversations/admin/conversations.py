"""Conversations and their log, to look at.

The log is written by `conversations.ingest` alone, so nothing here adds to it or takes from it.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.utils.html import format_html
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)
from unfold.paginator import InfinitePaginator

from conversations.models import (
    Conversation,
    Message,
    Participant,
)
from lingxi.admin import (
    ReadOnlyModelAdmin,
    RoleTabularInline,
    VisibleFilter,
    column,
)


class ParticipantInline(RoleTabularInline):
    """Who took part."""

    model = Participant
    read_only = True
    fields = readonly_fields = [
        column("agent", "坐席"),
        column("received_seq", "已收到"),
        column("read_seq", "已读"),
        column("joined_at", "加入时间"),
    ]


class MessageInline(RoleTabularInline):
    """The log, a page at a time."""

    model = Message
    read_only = True
    per_page = 50
    ordering = ["seq"]
    fields = readonly_fields = [
        column("seq", "序号"),
        column("created_at", "时间"),
        column("kind", "种类"),
        column("author_type", "来自"),
        "words",
    ]
    verbose_name_plural = "消息"

    @admin.display(description="内容")
    def words(self, message: Message) -> str:
        """Its words."""
        return message.text or message.content.get("name") or "—"


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyModelAdmin):
    """Conversations; they are led in the workbench and searched in the archive."""

    permission = "conversations.view"
    inlines = [ParticipantInline, MessageInline]
    list_display = [
        column("customer", "客户"),
        "state",
        column("channel", "渠道"),
        "group",
        "agent",
        "last_text",
        "created_at",
    ]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("channel", VisibleFilter),
        ("group", VisibleFilter),
        ("agent", VisibleFilter),
        ("created_at", RangeDateTimeFilter),
    ]
    list_select_related = ["customer", "channel", "group", "agent"]
    search_fields = ["customer__name", "customer__phone"]
    search_help_text = "客户姓名、电话，或完整的会话编号；按内容查找请到会话存档"
    id_fields = ("id", "customer_id")
    ordering = ["-created_at"]
    paginator = InfinitePaginator
    fieldsets: Any = [
        (
            None,
            {
                "fields": [
                    *(column("customer", "客户"), column("channel", "渠道")),
                    *("state", "group", "agent", "transcript"),
                ]
            },
        ),
        (
            "时间",
            {
                "fields": [
                    *("created_at", column("first_visitor_message_at", "访客首条消息")),
                    *("accepted_at", "first_reply_at", "waiting_since", "closed_at"),
                    column("closed_by", "结束方"),
                ]
            },
        ),
        ("来访", {"fields": [column("context", "来访信息"), column("fields", "自定义字段")]}),
    ]
    readonly_fields = flatten_fieldsets(fieldsets)

    @admin.display(description="会话记录")
    def transcript(self, conversation: Conversation) -> str:
        """Where the whole of it can be read."""
        return format_html(
            '<a class="text-primary-600 underline" href="/archive/{}/">在会话存档中打开</a>',
            conversation.pk,
        )


@admin.register(Message)
class MessageAdmin(ReadOnlyModelAdmin):
    """Entries of all logs, newest first."""

    permission = "conversations.view"
    list_display = [
        column("created_at", "时间"),
        column("conversation_id", "会话编号"),
        column("seq", "序号"),
        column("kind", "种类"),
        column("author_type", "来自"),
        "words",
    ]
    readonly_fields = [*list_display, column("content", "全部内容")]
    fields = readonly_fields
    list_filter = [("kind", ChoicesDropdownFilter), ("author_type", ChoicesDropdownFilter)]
    search_fields = ["client_msg_id"]
    search_help_text = "完整的会话编号、消息编号；按内容查找请到会话存档"
    id_fields = ("conversation_id", "id")
    ordering = ["-id"]
    paginator = InfinitePaginator

    @admin.display(description="内容")
    def words(self, message: Message) -> str:
        """Its words."""
        return (message.text or message.content.get("name") or "—")[:80]
