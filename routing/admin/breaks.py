"""Reasons for breaks, and requests to decide about."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from lingxi.access.permissions import can
from lingxi.admin import ReadOnlyModelAdmin, VisibleFilter, dialog, go
from lingxi.errors import LingxiError
from lingxi.ids import parse_id
from routing import breaks
from routing.admin.parts import SharedAdmin
from routing.models import BreakReason, BreakRequest, BreakRequestState, SkillGroup

PENDING = BreakRequestState.PENDING


def pending_count(request: HttpRequest) -> str:
    """How many requests wait for this person, for the sidebar; empty for none."""
    if not can(request.user, "breaks.approve"):
        return ""
    waiting = BreakRequest.objects.visible_to(request.user).filter(state=PENDING)
    return str(waiting.count() or "")


@admin.register(BreakReason)
class BreakReasonAdmin(SharedAdmin):
    """What agents choose from when they go on a break."""

    list_display = ["name", "needs_approval", "max_minutes", "is_active", "order"]
    search_fields = ["name"]
    search_help_text = "名称"
    fields = ["name", "needs_approval", "max_minutes", "is_active", "order"]

    def relying(self, row: BreakReason) -> QuerySet[SkillGroup]:
        """All: every agent chooses from the same reasons."""
        return SkillGroup.objects.all()


class NoteForm(BaseDialogForm):
    """A word with the decision."""

    note = forms.CharField(
        label="审批意见", max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )


@admin.register(BreakRequest)
class BreakRequestAdmin(ReadOnlyModelAdmin):
    """Requests for a break; those that wait come first."""

    permission = "breaks.approve"
    list_display = ["agent", "reason", "status", "asked_at", "decided_at", "decided_by", "note"]
    list_filter = [("state", ChoicesDropdownFilter), ("agent", VisibleFilter)]
    list_select_related = ["agent", "reason", "decided_by"]
    search_fields = ["agent__name", "reason__name"]
    search_help_text = "坐席或原因"
    readonly_fields = [
        "agent",
        "agent_now",
        "reason",
        "status",
        "asked_at",
        "decided_at",
        "decided_by",
        "note",
    ]
    fields = readonly_fields
    actions = ["approve_chosen", "reject_chosen"]
    actions_detail = ["approve", "reject"]

    def get_ordering(self, request: HttpRequest) -> Any:
        """Those that wait first, the latest first."""
        return [Case(When(state=PENDING, then=Value(0)), default=Value(1)), "-asked_at"]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The buttons are shown while it waits."""
        found = self.get_queryset(request).filter(pk=parse_id(str(object_id))).first()
        waits = found is not None and found.state == PENDING
        return super().get_actions_detail(request, object_id) if waits else []

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the person may decide; there is no request out of their sight."""
        if object_id and self.get_object(request, str(object_id)) is None:
            raise Http404
        return self.allowed(request)

    @display(
        description="状态",
        ordering="state",
        label={
            "待审批": "warning",
            "已同意": "success",
            "已拒绝": "danger",
            "已撤回": "info",
        },
    )
    def status(self, request: BreakRequest) -> str:
        """Where it stands."""
        return request.get_state_display()

    @admin.display(description="坐席现在")
    def agent_now(self, request: BreakRequest) -> str:
        """The status of who asks."""
        return request.agent.get_status_display()

    @action(description="同意所选")
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[BreakRequest]) -> None:
        """Approve several."""
        self._decide(request, list(queryset), True)

    @action(description="拒绝所选")
    def reject_chosen(self, request: HttpRequest, queryset: QuerySet[BreakRequest]) -> None:
        """Reject several."""
        self._decide(request, list(queryset), False)

    @action(
        description="同意",
        url_path="approve",
        permissions=["decide"],
        variant=ActionVariant.PRIMARY,
        dialog={
            **dialog("同意小休", "坐席立即进入小休，不再分配新会话。", "同意"),
            "form_class": NoteForm,
        },
    )
    def approve(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        """Approve one."""
        return self._decide_one(request, form, object_id, True)

    @action(
        description="拒绝",
        url_path="reject",
        permissions=["decide"],
        variant=ActionVariant.DANGER,
        dialog={**dialog("拒绝小休", "坐席的状态不变。", "拒绝"), "form_class": NoteForm},
    )
    def reject(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        """Reject one."""
        return self._decide_one(request, form, object_id, False)

    def _decide_one(
        self, request: HttpRequest, form: forms.Form, object_id: str, approve: bool
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        self._decide(request, [found], approve, form.cleaned_data.get("note", ""))
        return go(request, reverse("admin:routing_breakrequest_changelist"))

    def _decide(
        self, request: HttpRequest, rows: list[BreakRequest], approve: bool, note: str = ""
    ) -> None:
        done = 0
        for row in rows:
            try:
                breaks.decide(row, request.user, approve, note)
                done += 1
            except LingxiError as error:
                self.message_user(request, f"{row}：{error.detail}", messages.ERROR)
        if done:
            word = "同意" if approve else "拒绝"
            self.message_user(request, f"已{word} {done} 项申请", messages.SUCCESS)
