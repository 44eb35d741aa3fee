"""黑名单: who is kept out, until when."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from conversations import blocklist
from conversations.models import Block, Customer
from lingxi.admin import RoleModelAdmin, dialog, go
from lingxi.errors import LingxiError
from lingxi.ids import parse_id


class InForceFilter(admin.SimpleListFilter):
    """Blocks by whether they still count."""

    title = "是否生效"
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("yes", "生效中"), ("no", "已到期或解除")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The rows of the choice."""
        if self.value() is None:
            return queryset
        current = Block.objects.in_force()
        if self.value() == "yes":
            return queryset.filter(pk__in=current.values("pk"))
        return queryset.exclude(pk__in=current.values("pk"))


class BlockForm(forms.ModelForm):
    """A new block: of a customer by id, or of an IP address."""

    subject = forms.CharField(
        label="客户编号或 IP 地址", max_length=64, widget=UnfoldAdminTextInputWidget
    )
    reason = forms.CharField(label="原因", max_length=200, widget=UnfoldAdminTextInputWidget)
    hours = forms.TypedChoiceField(
        label="时长",
        initial="24",
        choices=[("1", "1 小时"), ("24", "1 天"), ("168", "7 天"), ("", "永久")],
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    customers: Any = None  # those the person may see; the admin page sets it

    class Meta:
        model = Block
        fields = ["reason"]

    def clean_subject(self) -> Any:
        """The customer, or the address as text; `blocklist.block` looks at that."""
        said = self.cleaned_data["subject"].strip()
        wanted = parse_id(said)
        if wanted is None:
            return said
        customer = self.customers.filter(pk=wanted, merged_into=None).first()
        if customer is None:
            raise forms.ValidationError("没有这位客户，或你无权查看")
        return customer

    def clean(self) -> dict[str, Any]:
        """Let the blocklist's own rules speak where the form shows it."""
        said = super().clean() or {}
        subject = said.get("subject")
        if isinstance(subject, str) and not blocklist.normal_address(subject):
            self.add_error("subject", "不是有效的客户编号或 IP 地址")
        elif subject is not None:
            pk = None if isinstance(subject, str) else subject.pk
            if blocklist.is_blocked(pk, subject if isinstance(subject, str) else ""):
                self.add_error("subject", "已在黑名单中")
        return said

    def _post_clean(self) -> None:
        """The row is made by `blocklist.block`, which checks it."""


@admin.register(Block)
class BlockAdmin(RoleModelAdmin):
    """The blocklist. A block is not edited: it is lifted, and perhaps set anew."""

    permission = "customers.block"
    can_delete = False
    list_display = ["subject", "kind", "reason", "created_by", "created_at", "expires_at", "status"]
    list_filter = [
        InForceFilter,
        ("kind", ChoicesDropdownFilter),
        ("expires_at", RangeDateTimeFilter),
    ]
    list_select_related = ["customer", "created_by"]
    search_fields = ["customer__name", "reason", "address"]
    search_help_text = "客户姓名、原因、IP 地址，或完整的客户编号"
    id_fields = ("customer_id",)
    ordering = ["-created_at"]
    paginator = InfinitePaginator
    fields = readonly_fields = [
        *("subject", "kind", "reason", "created_by", "created_at", "expires_at", "lifted_at"),
    ]
    actions_detail = ["lift_block"]

    @admin.display(description="对象")
    def subject(self, block: Block) -> str:
        """Whom or what it keeps out."""
        return str(block)

    @admin.display(description="状态")
    def status(self, block: Block) -> str:
        """Whether it still counts."""
        if block.lifted_at:
            return "已解除"
        return "已到期" if block.expires_at and block.expires_at <= timezone.now() else "生效中"

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form to add one; what is there is only shown."""
        if obj is not None:
            return super().get_form(request, obj, **kwargs)
        customers = Customer.objects.visible_to(request.user)
        return type("BlockForm", (BlockForm,), {"customers": customers})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the page shows."""
        return self.fields if obj else ["subject", "reason", "hours"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of it, once it is there."""
        return self.readonly_fields if obj else []

    def save_model(self, request: HttpRequest, obj: Block, form: Any, change: bool) -> None:
        """Adding goes through the blocklist, which ends what is open."""
        if change:
            return
        said = form.cleaned_data
        row = blocklist.block(said["subject"], said["reason"], said["hours"], request.user)
        obj.pk = row.pk
        obj.refresh_from_db()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is there is only looked at and lifted."""
        return False

    def has_lift_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may use the page and see the block; `blocklist.lift` says the rest."""
        wanted = parse_id(object_id)
        if object_id and not self.get_queryset(request).filter(pk=wanted).exists():
            raise Http404
        return self.allowed(request)

    @action(
        description="解除",
        url_path="lift",
        permissions=["lift"],
        dialog=dialog("解除拉黑", "解除后可以立即重新发起会话。", "解除"),
    )
    def lift_block(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        """Take it back."""
        row = self.get_queryset(request).get(pk=object_id)
        try:
            blocklist.lift(row, request.user)
            messages.success(request, "已解除")
        except LingxiError as error:
            messages.error(request, error.detail)
        return go(request, reverse("admin:conversations_block_changelist"))
