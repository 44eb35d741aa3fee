"""The form for planning many days at once."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from routing import schedule
from routing.models import Agent, Shift
from routing.models.schedule import Weekday

LONGEST = 92  # days


class PlanForm(forms.Form):
    """Which agents work which shift on which days."""

    agents = forms.ModelMultipleChoiceField(
        label="坐席",
        queryset=Agent.objects.none(),
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="可多选。",
    )
    shift = forms.ModelChoiceField(
        label="班次", queryset=Shift.objects.all(), widget=UnfoldAdminSelectWidget
    )
    first = forms.DateField(label="从", widget=UnfoldAdminDateWidget)
    last = forms.DateField(label="到", widget=UnfoldAdminDateWidget)
    days = forms.TypedMultipleChoiceField(
        label="星期",
        choices=Weekday.choices,
        coerce=int,
        initial=list(range(5)),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    follow_holidays = forms.BooleanField(
        label="遵循法定节假日",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text="跳过节假日；调休上班日按星期一处理。",
    )

    def __init__(self, *args: Any, agents: QuerySet[Agent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["agents"]
        choice.queryset = agents

    def clean(self) -> dict[str, Any]:
        """Refuses stretches that are backwards, too long, or hold no chosen day."""
        said = super().clean() or self.cleaned_data
        first, last = said.get("first"), said.get("last")
        if first and last and not first <= last < first + dt.timedelta(days=LONGEST):
            self.add_error("last", f"结束日期不能早于开始日期，最多一次排 {LONGEST} 天。")
        elif not self.errors and not self.dates():
            self.add_error("days", "所选范围内没有这样的日期。")
        return said

    def dates(self) -> list[dt.date]:
        """The days that were meant; the form must be valid."""
        said = self.cleaned_data
        count = (said["last"] - said["first"]).days + 1
        every = [said["first"] + dt.timedelta(days=number) for number in range(count)]
        return [date for date in every if self._is_meant(date)]

    def _is_meant(self, date: dt.date) -> bool:
        days = self.cleaned_data["days"]
        if not self.cleaned_data["follow_holidays"]:
            return date.weekday() in days
        if schedule.is_make_up_day(date):
            return Weekday.MONDAY in days
        return date.weekday() in days and not schedule.is_holiday(date)
