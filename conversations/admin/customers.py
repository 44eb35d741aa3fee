"""Customers, with what they are recognised by and where they have been."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.contrib.filters.admin import (
    RangeDateTimeFilter,
)
from unfold.decorators import action
from unfold.paginator import InfinitePaginator

from conversations.models import (
    Customer,
    Identity,
    PageView,
)
from lingxi.access.permissions import can
from lingxi.admin import (
    RoleModelAdmin,
    RoleTabularInline,
    column,
)
from lingxi.admin_fields import CommaField


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
