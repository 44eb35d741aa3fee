"""Channels: the entries by which visitors come."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
)
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminPasswordToggleWidget,
)

from conversations.models import (
    Channel,
)
from lingxi.admin import (
    RoleModelAdmin,
    VisibleFilter,
)
from lingxi.admin_fields import LinesField


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
