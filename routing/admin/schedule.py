"""Business hours and shifts."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminColorInputWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTimeWidget,
)

from lingxi.admin import RoleTabularInline
from routing import roster, schedule
from routing.admin.parts import SharedAdmin, kept, swatch
from routing.assignment import rerun_on_commit
from routing.checks import check_intervals
from routing.models import (
    BusinessHours,
    OpenInterval,
    Shift,
    SkillGroup,
    SpecialDay,
)
from routing.models.schedule import Weekday

PREVIEW_DAYS = 14


class IntervalFormSet(BaseInlineFormSet):
    """The week of a calendar."""

    def clean(self) -> None:
        """Refuses a week that never opens, or opens twice at a time."""
        super().clean()
        if any(self.errors):
            return
        intervals = [form.instance for form in kept(self)]
        check_intervals([*intervals, *getattr(self.instance, "quickly_added", ())])


class IntervalInline(RoleTabularInline):
    """Opening times by weekday."""

    model = OpenInterval
    formset = IntervalFormSet
    permission = "routing.manage"
    fields = ["weekday", "opens", "closes"]
    verbose_name_plural = "每周时段"


class SpecialDayInline(RoleTabularInline):
    """Days that differ from the week and the holidays."""

    model = SpecialDay
    permission = "routing.manage"
    fields = ["date", "name", "opens", "closes"]
    verbose_name_plural = "特殊日期（优先于每周时段和节假日；时间留空表示全天休息）"


class BusinessHoursForm(ModelForm):
    """A calendar; the same times can be added to several weekdays at once."""

    time_zone = forms.ChoiceField(
        label="时区",
        initial="Asia/Shanghai",
        choices=lambda: [(name, name) for name in sorted(available_timezones())],
        widget=UnfoldAdminSelect2Widget,
    )
    days = forms.TypedMultipleChoiceField(
        label="星期",
        choices=Weekday.choices,
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    opens = forms.TimeField(label="开始", required=False, widget=UnfoldAdminTimeWidget)
    closes = forms.TimeField(
        label="结束", required=False, widget=UnfoldAdminTimeWidget, help_text="00:00 表示午夜"
    )

    class Meta:
        model = BusinessHours
        fields = ["name", "time_zone", "follow_holidays"]

    def clean(self) -> dict[str, Any]:
        """Remember what is added quickly, to be checked with the rest of the week."""
        said = super().clean() or self.cleaned_data
        self.instance.quickly_added = self._added(said) if said.get("days") else []
        return said

    def _added(self, said: dict[str, Any]) -> list[OpenInterval]:
        opens, closes = said.get("opens"), said.get("closes")
        if opens is None or closes is None:
            raise ValidationError({"opens": "请填写开始和结束时间。"})
        if closes != dt.time(0) and closes <= opens:
            raise ValidationError({"closes": "结束时间必须晚于开始时间。"})
        return [OpenInterval(weekday=day, opens=opens, closes=closes) for day in said["days"]]


@admin.register(BusinessHours)
class BusinessHoursAdmin(SharedAdmin):
    """Calendars of opening times."""

    form = BusinessHoursForm
    inlines = [IntervalInline, SpecialDayInline]
    list_display = ["name", "time_zone", "follow_holidays", "open_now", "used_by"]
    search_fields = ["name"]
    search_help_text = "名称"
    readonly_fields = ["preview"]

    class Media:
        css = {"all": ["routing/schedule/schedule.css"]}

    fieldsets = [
        (None, {"fields": ["name", "time_zone", "follow_holidays"]}),
        (
            "快速添加时段",
            {
                "fields": ["days", ("opens", "closes")],
                "description": "勾选几天并填写时间，保存时为这几天各添加一个时段。",
            },
        ),
        ("今后 14 天", {"fields": ["preview"]}),
    ]

    def relying(self, row: BusinessHours) -> QuerySet[SkillGroup]:
        """The groups that keep these hours."""
        return SkillGroup.objects.filter(business_hours=row)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BusinessHours]:
        """With the number of groups."""
        rows = super().get_queryset(request).annotate(group_count=Count("skillgroup"))
        return rows.prefetch_related("intervals", "special_days")

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Add what was to be added quickly, and look at the queues again: it may be open now."""
        super().save_related(request, form, formsets, change)
        for one in getattr(form.instance, "quickly_added", ()):
            one.hours = form.instance
            one.save()
        schedule.forget(form.instance.pk)
        rerun_on_commit(self.relying(form.instance).values_list("pk", flat=True))

    @admin.display(description="现在", boolean=True)
    def open_now(self, hours: BusinessHours) -> bool:
        """Whether it is open."""
        return schedule.read_plan(hours).is_open(timezone.now())

    @admin.display(description="技能组", ordering="group_count")
    def used_by(self, hours: Any) -> int:
        """How many groups keep these hours."""
        return hours.group_count

    @admin.display(description="营业安排")
    def preview(self, hours: BusinessHours | None) -> str:
        """The coming days, one line each."""
        if hours is None or hours._state.adding:
            return "保存后显示"
        now, plan = timezone.now(), schedule.read_plan(hours)
        today = now.astimezone(ZoneInfo(plan.time_zone)).date()
        days = [today + dt.timedelta(days=n) for n in range(PREVIEW_DAYS)]
        opening = plan.opening(now)
        context = {
            "days": [_preview_of(plan, day) for day in days],
            "is_open": opening == now,
            "opening": opening.astimezone(ZoneInfo(plan.time_zone)) if opening else None,
        }
        return render_to_string("routing/schedule/_preview.html", context)


def _preview_of(plan: schedule.Plan, day: dt.date) -> dict[str, Any]:
    spans = plan.spans(day)
    follows = plan.follow_holidays and day not in plan.special
    note = ""
    if day in plan.special:
        note = "特殊日期"
    elif follows and schedule.is_holiday(day):
        note = schedule.holiday_name(day)
    elif follows and schedule.is_make_up_day(day):
        note = "调休上班"
    return {
        "date": day,
        "weekday": Weekday(day.weekday()).label,
        "spans": [(opens, None if closes == dt.time(0) else closes) for opens, closes in spans],
        "note": note,
    }


class ShiftForm(ModelForm):
    """A shift, whose new hours must leave nobody with two at once."""

    class Meta:
        model = Shift
        fields = ["name", "starts", "ends", "color"]
        widgets = {"color": UnfoldAdminColorInputWidget}

    def clean(self) -> dict[str, Any]:
        """Refuses hours that make shifts overlap that are planned already."""
        said = super().clean() or self.cleaned_data
        if not self.errors and {"starts", "ends"} & set(self.changed_data):
            self.instance.starts, self.instance.ends = said["starts"], said["ends"]
            if not self.instance._state.adding:
                roster.check_moved(self.instance)
        return said


@admin.register(Shift)
class ShiftAdmin(SharedAdmin):
    """Shifts. What is planned from today on moves with their hours."""

    form = ShiftForm
    list_display = ["shown", "starts", "ends", "next_day"]
    search_fields = ["name"]
    search_help_text = "名称"

    def relying(self, row: Shift) -> QuerySet[SkillGroup]:
        """The groups of those who work it."""
        return SkillGroup.objects.filter(agents__roster__shift=row)

    def save_model(self, request: HttpRequest, obj: Shift, form: ModelForm, change: bool) -> None:
        """Save, and move what is planned."""
        super().save_model(request, obj, form, change)
        if change:
            roster.move(obj)

    @admin.display(description="名称", ordering="name")
    def shown(self, shift: Shift) -> str:
        """The name in the shift's colour."""
        return swatch(shift.color, shift.name)

    @admin.display(description="跨天", boolean=True)
    def next_day(self, shift: Shift) -> bool:
        """Whether it ends on the day after."""
        return shift.ends <= shift.starts
