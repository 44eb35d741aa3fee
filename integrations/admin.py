"""Endpoints, deliveries, dead letters."""

from typing import Any

import orjson
from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from integrations import catalogue
from integrations.models import Delivery, Endpoint
from integrations.webhooks.actions import redeliver, rotate_secret, send_test_event
from lingxi.admin import ReadOnlyModelAdmin, RoleModelAdmin, VisibleFilter, dialog

State = Delivery.State


def go(request: HttpRequest, name: str, *args: Any) -> HttpResponse:
    """To another page, from a form in a dialog or a plain one."""
    url = reverse(f"admin:integrations_{name}", args=args)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)


class EndpointForm(forms.ModelForm):
    """An endpoint, with its types to tick."""

    event_types = forms.MultipleChoiceField(
        label="事件类型",
        choices=catalogue.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="不选表示全部，也包括以后新增的类型。",
    )

    class Meta:
        model = Endpoint
        fields = ["name", "url", "event_types", "is_active", "timeout_seconds", "max_in_flight"]


@admin.register(Endpoint)
class EndpointAdmin(RoleModelAdmin):
    """Where events go."""

    permission = "webhooks.manage"
    form = EndpointForm
    list_display = ["name", "url", "types", "active", "dead_letters", "created_at"]
    list_filter = ["is_active"]
    search_fields = ["name", "url"]
    id_fields = ("id",)
    readonly_fields = ["disabled_reason", "created_at", "updated_at"]
    fields = [*EndpointForm.Meta.fields, *readonly_fields]
    actions_detail = ["send_test", "new_secret", "show_deliveries"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        """With the number of dead letters; a subquery on an index of dead letters only."""
        dead = (
            Delivery.objects.dead()
            .filter(endpoint=OuterRef("pk"))
            .order_by()
            .values("endpoint")
            .annotate(count=Count("pk"))
            .values("count")
        )
        return super().get_queryset(request).annotate(dead_count=Coalesce(Subquery(dead), 0))

    def save_model(
        self, request: HttpRequest, obj: Endpoint, form: forms.Form, change: bool
    ) -> None:
        """Saves; a new endpoint's secret is shown now and not again."""
        if obj.is_active:
            obj.disabled_reason = ""
        super().save_model(request, obj, form, change)
        if not change:
            self._show_secret(request, obj.secret)

    def _show_secret(self, request: HttpRequest, secret: str) -> None:
        self.message_user(
            request,
            format_html("签名密钥（只显示这一次，请立即保存）：<code>{}</code>", secret),
            messages.WARNING,
        )

    def _endpoint(self, request: HttpRequest, object_id: str) -> Endpoint:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    @display(description="事件类型")
    def types(self, endpoint: Endpoint) -> str:
        """Which types it gets."""
        return "、".join(endpoint.event_types) or "全部"

    @display(description="状态", label={"启用": "success", "停用": "danger"})
    def active(self, endpoint: Endpoint) -> str:
        """On or off."""
        return "启用" if endpoint.is_active else "停用"

    @display(description="死信", ordering="dead_count")
    def dead_letters(self, endpoint: Any) -> str | SafeString:
        """How many, with a link to them."""
        if not endpoint.dead_count:
            return "0"
        url = reverse("admin:integrations_delivery_changelist")
        return format_html(
            '<a class="text-red-600 dark:text-red-400" '
            'href="{}?endpoint__id__exact={}&state__exact=dead">{}</a>',
            url,
            endpoint.pk,
            endpoint.dead_count,
        )

    @action(
        description="发送测试事件",
        url_path="test",
        permissions=["change"],
        dialog=dialog("发送测试事件", "向该端点发送一条 webhook.test 事件。", "发送"),
    )
    def send_test(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        """Queue a test event and show how it fares."""
        endpoint = self._endpoint(request, object_id)
        delivery = send_test_event(endpoint)
        note = "" if endpoint.is_active else "端点已停用，启用后才会发出。"
        self.message_user(request, f"测试事件已排入发送队列。{note}", messages.SUCCESS)
        return go(request, "delivery_change", delivery.pk)

    @action(
        description="更换密钥",
        url_path="new-secret",
        permissions=["change"],
        variant=ActionVariant.DANGER,
        dialog=dialog("更换密钥", "旧密钥立即失效，接收方须换用新密钥。", "更换"),
    )
    def new_secret(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        """Replace the secret and show the new one once."""
        endpoint = self._endpoint(request, object_id)
        secret = rotate_secret(endpoint)
        self.log_change(request, endpoint, "更换了签名密钥")
        self._show_secret(request, secret)
        return go(request, "endpoint_change", endpoint.pk)

    @action(description="投递记录", url_path="deliveries", permissions=["view"])
    def show_deliveries(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The deliveries of this endpoint."""
        endpoint = self._endpoint(request, object_id)
        url = reverse("admin:integrations_delivery_changelist")
        return redirect(f"{url}?endpoint__id__exact={endpoint.pk}")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyModelAdmin):
    """Deliveries, newest first. Dead letters are those in state 死信."""

    permission = "webhooks.manage"
    list_display = [
        "event_type",
        "endpoint",
        "state_label",
        "attempts",
        "last_status",
        "reason",
        "created_at",
        "next_attempt",
    ]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("endpoint", VisibleFilter),
        ("created_at", RangeDateTimeFilter),
    ]
    list_select_related = ["endpoint"]
    search_fields = ["event_type"]
    search_help_text = "事件类型，或完整的事件编号、会话编号"
    id_fields = ("event_id", "conversation_id")
    ordering = ["-id"]
    paginator = InfinitePaginator
    actions = ["redeliver_chosen"]
    actions_detail = ["redeliver_one"]
    fields = [
        "endpoint",
        "event_type",
        "event_id",
        "conversation_id",
        "state_label",
        "attempts",
        "last_status",
        "last_error",
        "answer",
        "created_at",
        "next_attempt",
        "delivered_at",
        "content",
    ]
    readonly_fields = fields

    @display(
        description="状态",
        ordering="state",
        label={
            State.PENDING.label: "info",
            State.SENDING.label: "info",
            State.DELIVERED.label: "success",
            State.FAILED.label: "warning",
            State.DEAD.label: "danger",
        },
    )
    def state_label(self, delivery: Delivery) -> str:
        """The state in colour."""
        return delivery.get_state_display()

    @display(description="失败原因")
    def reason(self, delivery: Delivery) -> str:
        """The beginning of the error."""
        return delivery.last_error[:60]

    @display(description="下次发送", ordering="next_attempt_at")
    def next_attempt(self, delivery: Delivery) -> Any:
        """When it is sent next, if it is."""
        waiting = delivery.state in {State.PENDING, State.FAILED}
        return delivery.next_attempt_at if waiting else None

    @display(description="响应（前 4 kB）")
    def answer(self, delivery: Delivery) -> str:
        """What the receiver said."""
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', delivery.last_response)

    @display(description="内容（原样发送，已脱敏）")
    def content(self, delivery: Delivery) -> str:
        """What is sent, indented to be read."""
        text = orjson.dumps(orjson.loads(delivery.body), option=orjson.OPT_INDENT_2).decode()
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', text)

    @action(description="重新投递", permissions=["view"])
    def redeliver_chosen(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send the chosen ones again."""
        count = redeliver(queryset)
        self.message_user(request, f"{count} 条已重新排入发送队列", messages.SUCCESS)

    @action(
        description="重新投递",
        url_path="redeliver",
        permissions=["view"],
        dialog=dialog("重新投递", "以同一事件编号和内容重新发送。", "重新投递"),
    )
    def redeliver_one(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        """Send this one again."""
        chosen = self.get_queryset(request).filter(pk=object_id)
        if not chosen.exists():
            raise Http404
        if redeliver(chosen):
            self.message_user(request, "已重新排入发送队列", messages.SUCCESS)
        else:
            self.message_user(request, "正在发送中，请稍后再看", messages.WARNING)
        return go(request, "delivery_change", object_id)
