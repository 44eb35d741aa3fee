"""时效策略: who is answered how fast, with what it would mean now."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from lingxi.admin import RoleModelAdmin
from lingxi.admin_fields import CommaField
from lingxi.errors import NeverOpen
from routing import schedule
from routing.models import BusinessHours
from routing.worktime import WorkTime
from tickets.models import Priority, SlaPolicy, TicketType
from tickets.models.sla import Metric, WarnUnit
from tickets.sla import clock as clocks
from tickets.sla import policies, recompute
from tickets.sla.shown import ENGLISH, in_words

MOST_LEVELS, MOST_LEVEL = 50, 32


def _types() -> list[tuple[str, str]]:
    return [(one.key, one.name) for one in TicketType.objects.all()]


def work_of(calendar: BusinessHours | None) -> WorkTime:
    """The business time of a calendar as it stands in the database; None is round the clock."""
    return WorkTime(schedule.read_plan(calendar) if calendar is not None else None)


class SlaPolicyForm(forms.ModelForm):
    """A policy that asks for something, in hours that come."""

    types = forms.MultipleChoiceField(
        label="工单类型",
        choices=_types,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="不选表示所有类型。",
    )
    priorities = forms.TypedMultipleChoiceField(
        label="优先级",
        choices=Priority.choices,
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="不选表示所有优先级。",
    )
    levels = CommaField(
        label="客户等级",
        required=False,
        help_text="用逗号分隔，例如：金卡，钻石。留空表示所有客户。",
    )

    class Meta:
        model = SlaPolicy
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which

    def clean_levels(self) -> list[str]:
        """As long as a level may be."""
        levels: list[str] = self.cleaned_data["levels"]
        if len(levels) > MOST_LEVELS or any(len(one) > MOST_LEVEL for one in levels):
            raise forms.ValidationError(f"最多 {MOST_LEVELS} 个，每个最多 {MOST_LEVEL} 字")
        return levels

    def clean_calendar(self) -> BusinessHours | None:
        """Hours that come: in others nothing would ever be due."""
        calendar: BusinessHours | None = self.cleaned_data["calendar"]
        try:
            work_of(calendar).opening(timezone.now())
        except NeverOpen:
            raise forms.ValidationError("该营业时间没有任何营业时段，时效永远不会到期。") from None
        return calendar

    def clean(self) -> dict[str, Any]:
        """A warning that comes after the start of each target."""
        said = super().clean() or {}
        targets = [said[metric] for metric in Metric if said.get(metric)]
        warn = said.get("warn_before")
        if warn and targets and said.get("warn_unit") == WarnUnit.MINUTES and warn >= min(targets):
            self.add_error("warn_before", f"应少于最短的时限（{min(targets)} 分钟）")
        return said


@admin.register(SlaPolicy)
class SlaPolicyAdmin(RoleModelAdmin):
    """Policies in their order. Every edit has all open tickets reckoned anew."""

    permission = "tickets.manage"
    form = SlaPolicyForm
    list_display = ["name", "order", "fits", "asks", "calendar", "is_active", "effect"]
    list_filter = ["is_active"]
    list_select_related = ["calendar"]
    search_fields = ["name"]
    search_help_text = "名称"
    ordering = ["order", "name"]
    readonly_fields = ["preview"]
    fieldsets = [
        (None, {"fields": [("name", "order"), "is_active"]}),
        ("适用于", {"fields": ["types", "priorities", "levels"]}),
        (
            "时限（分钟）",
            {
                "fields": [
                    "calendar",
                    ("first_response", "next_response", "resolution"),
                    ("warn_before", "warn_unit"),
                ]
            },
        ),
        ("现在创建的工单", {"fields": ["preview"]}),
    ]

    class Media:
        css = {"all": ["tickets/admin/sla.css"]}

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With what the list says of each, read once."""
        changes = super().get_changelist_instance(request)
        names, shadowed = dict(_types()), {row.pk: by for row, by in shadows()}
        rows = list(changes.result_list)
        for row in rows:
            row.type_names = [names.get(key, key) for key in row.types]
            row.shadowed_by = shadowed.get(row.pk, "")
        changes.result_list = rows
        return changes

    # -- saving --------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: SlaPolicy, form: Any, change: bool) -> None:
        """Have it take effect, and say what it means for the others."""
        super().save_model(request, obj, form, change)
        self._take_effect(request)
        for row, by in shadows():
            text = f"“{row.name}”不会生效：它适用的工单都先符合“{by}”。请调整顺序或条件。"
            self.message_user(request, text, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: SlaPolicy) -> None:
        """The next one that fits applies."""
        super().delete_model(request, obj)
        self._take_effect(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SlaPolicy]) -> None:
        """The same for several."""
        super().delete_queryset(request, queryset)
        self._take_effect(request)

    def _take_effect(self, request: HttpRequest) -> None:
        policies.forget()
        job = recompute.ask(request.user)
        if job.owner_id == request.user.pk:
            url = reverse("jobs:job", args=[job.pk])
            text = '正在重新计算未完结工单的时效，<a href="{}" class="underline">查看进度</a>。'
            self.message_user(request, format_html(text, url))

    # -- shown ---------------------------------------------------------------------------------

    @admin.display(description="适用于")
    def fits(self, policy: Any) -> str:
        """The conditions in words."""
        priorities = [Priority(one).label for one in policy.priorities]
        named = (("类型", policy.type_names), ("优先级", priorities), ("客户等级", policy.levels))
        said = [f"{name}：{'、'.join(values)}" for name, values in named if values]
        return "；".join(said) or "所有工单"

    @admin.display(description="时限")
    def asks(self, policy: SlaPolicy) -> str:
        """The targets in words."""
        targets = {metric.label: getattr(policy, metric) for metric in Metric}
        said = {label: dt.timedelta(minutes=found) for label, found in targets.items() if found}
        return "，".join(f"{label} {in_words(target)}" for label, target in said.items())

    @admin.display(description="提示")
    def effect(self, policy: Any) -> str:
        """Why it never applies; nothing when it may."""
        return f"不会生效，先符合“{policy.shadowed_by}”" if policy.shadowed_by else "—"

    @admin.display(description="到期时间")
    def preview(self, policy: SlaPolicy | None) -> str:
        """When a ticket that was created now would be due."""
        if policy is None or policy._state.adding:
            return "保存后显示"
        calendar = policy.calendar
        zone = calendar.time_zone if calendar else timezone.get_current_timezone_name()
        context = {"lines": previewed(policy, timezone.now()), "calendar": calendar}
        with timezone.override(ZoneInfo(zone)):
            return render_to_string("tickets/admin/sla/_preview.html", context)


def shadows() -> list[tuple[SlaPolicy, str]]:
    """Active policies that never apply, each with the name of the one that comes before it."""
    rows = list(SlaPolicy.objects.filter(is_active=True))
    compiled = [policies.compiled(row) for row in rows]
    found = []
    for nth, row in enumerate(rows):
        by = policies.shadowed(compiled[nth], compiled[:nth])
        if by is not None:
            found.append((row, by.name))
    return found


def previewed(policy: SlaPolicy, at: dt.datetime) -> list[dict[str, Any]]:
    """Each target of a policy, as it falls for something that begins at `at`."""
    work, compiled = work_of(policy.calendar), policies.compiled(policy)
    zone = (
        ZoneInfo(policy.calendar.time_zone) if policy.calendar else timezone.get_current_timezone()
    )
    lines = []
    for metric in Metric:
        terms = compiled.terms[metric]
        if terms.target is not None:
            clock = clocks.start(at, terms, work)
            lines.append(
                {
                    "label": metric.label,
                    "english": ENGLISH[metric],
                    "target": in_words(terms.target),
                    "due": clock.due_at.astimezone(zone) if clock.due_at else None,
                    "warn": clock.warn_at.astimezone(zone) if clock.warn_at else None,
                }
            )
    return lines
