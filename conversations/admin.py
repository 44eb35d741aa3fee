"""Channels, customers and quick replies to edit; conversations and their log to look at.

The log is written by `conversations.ingest` alone, so nothing here adds to it or takes from it.
Whoever may use the admin may see sensitive values, so nothing is masked.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth import get_user_model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RangeNumericFilter,
)
from unfold.decorators import action
from unfold.paginator import InfinitePaginator
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminSelectWidget,
)

from conversations.models import (
    Channel,
    Conversation,
    Customer,
    Identity,
    Message,
    PageView,
    Participant,
    QuickReply,
    Rating,
)
from lingxi.access.permissions import can
from lingxi.admin import (
    ReadOnlyModelAdmin,
    RoleModelAdmin,
    RoleTabularInline,
    VisibleFilter,
    column,
)
from lingxi.admin_fields import CommaField, LinesField


class ChannelForm(ModelForm):
    """A channel, with its origins as lines."""

    allowed_origins = LinesField(
        label="允许的网站",
        required=False,
        help_text="每行一个，例如 https://shop.example.com；留空表示不限制。",
    )

    class Meta:
        model = Channel
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which
        widgets = {
            "brand_color": UnfoldAdminColorInputWidget,
            "identity_secret": UnfoldAdminPasswordToggleWidget(render_value=True),
        }


@admin.register(Channel)
class ChannelAdmin(RoleModelAdmin):
    """Channels."""

    form = ChannelForm
    list_display = ["shown", "key", "kind", "group", "is_active"]
    list_filter = [("kind", ChoicesDropdownFilter), ("group", VisibleFilter), "is_active"]
    list_select_related = ["group"]
    search_fields = ["name", "key"]
    search_help_text = "名称或接入标识"
    prepopulated_fields = {"key": ["name"]}
    readonly_fields = ["snippet"]
    fieldsets = [
        (None, {"fields": ["name", "key", "kind", "group", "is_active"]}),
        (
            "外观",
            {
                "fields": ["title", "brand_color", "greeting"],
                "description": "访客看到的聊天窗口；保存后，新打开的页面立即生效。",
            },
        ),
        (
            "安全",
            {
                "fields": ["allowed_origins", "identity_secret"],
                "description": "只有列出的网站可以使用本渠道；签名密钥只应保存在您的服务器上。",
            },
        ),
        ("接入代码", {"fields": ["snippet"]}),
    ]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A key in use on websites does not follow the name."""
        return {} if obj else self.prepopulated_fields

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Channel | None:
        """The channel, knowing under which address we were reached."""
        channel = super().get_object(request, *args, **kwargs)
        if channel is not None:
            channel.base_url = request.build_absolute_uri("/")
        return channel

    @admin.display(description="名称", ordering="name")
    def shown(self, channel: Channel) -> str:
        """The name in the channel's colour."""
        return format_html(
            '<span style="display:inline-block;width:.7em;height:.7em;border-radius:50%;'
            'margin-right:.5em;background:{}"></span>{}',
            channel.brand_color,
            channel.name,
        )

    @admin.display(description="放到网页 </body> 之前")
    def snippet(self, channel: Any) -> str:
        """The tag that puts the widget on a page; a click copies it."""
        if channel is None or channel._state.adding:
            return "保存后显示"
        source = f"{channel.base_url}widget.js"
        tag = f'<script async src="{source}" data-channel="{channel.key}"></script>'
        return format_html(
            '<textarea readonly rows="2" cols="90" title="点击即复制" '
            'class="font-mono border rounded-default p-2 w-full dark:bg-base-900" '
            "onclick=\"this.select();document.execCommand('copy')\">{}</textarea>"
            '<p class="mt-1 text-xs">点击即复制</p>',
            tag,
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


class CustomerForm(ModelForm):
    """A customer, with tags as a list."""

    tags = CommaField(label="标签", required=False, help_text="用逗号分隔")

    class Meta:
        model = Customer
        fields = ["name", "phone", "email", "level", "tags", "remark"]


class IdentityInline(RoleTabularInline):
    """By what the customer is recognised."""

    model = Identity
    read_only = True
    fields = readonly_fields = ["kind", "value", "verified", column("created_at", "时间")]
    verbose_name_plural = "身份映射"


class PageViewInline(RoleTabularInline):
    """Where the customer has been."""

    model = PageView
    read_only = True
    per_page = 20
    ordering = ["-viewed_at"]
    fields = readonly_fields = ["viewed_at", "title", "url", "referrer"]
    verbose_name_plural = "浏览轨迹"


@admin.register(Customer)
class CustomerAdmin(RoleModelAdmin):
    """Customers. They come by themselves, and stay with their conversations."""

    permission = "customers.edit"
    can_add = False
    can_delete = False
    form = CustomerForm
    inlines = [IdentityInline, PageViewInline]
    list_display = ["display_name", "phone", "level", "tag_list", "last_seen_at"]
    list_filter = [("last_seen_at", RangeDateTimeFilter)]
    search_fields = ["name", "phone", "email", "identities__value"]
    search_help_text = "姓名、电话、邮箱、会员号，或完整的客户编号"
    id_fields = ("id",)
    ordering = ["-last_seen_at"]
    paginator = InfinitePaginator
    readonly_fields = ["merged_into", "created_at", "last_seen_at"]
    actions_detail = ["merge_customer"]
    fieldsets = [
        (None, {"fields": ["name", "phone", "email"]}),
        ("业务", {"fields": ["level", "tags", "remark"]}),
        ("系统", {"fields": ["merged_into", "created_at", "last_seen_at"]}),
    ]

    def has_merge_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whether the person may make one customer of two."""
        return can(request.user, "customers.merge")

    @action(description="合并客户", url_path="merge", permissions=["merge"], icon="merge")
    def merge_customer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the page where the other one is chosen and both are compared."""
        return redirect("workbench:merge", object_id)

    @admin.display(description="姓名", ordering="name")
    def display_name(self, customer: Customer) -> str:
        """The name or its stand-in."""
        return customer.display_name

    @admin.display(description="标签")
    def tag_list(self, customer: Customer) -> str:
        """The tags in one line."""
        return "、".join(map(str, customer.tags)) or "—"


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
