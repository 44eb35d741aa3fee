"""营业时间, holidays, shifts and rosters. Times of day are local to the calendar's time zone."""

import datetime as dt
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lingxi.ids import new_id
from routing.models.agents import Agent
from routing.querysets import RosterEntryQuerySet


class BusinessHours(models.Model):
    """A weekly plan of opening times, with holidays and single days that differ."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    time_zone = models.CharField("时区", max_length=40, default="Asia/Shanghai")
    follow_holidays = models.BooleanField(
        "遵循中国法定节假日",
        default=True,
        help_text="法定节假日休息；调休上班日按星期一的时间营业。",
    )

    class Meta:
        verbose_name = "营业时间"
        verbose_name_plural = "营业时间"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Only time zones that exist."""
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": "没有这个时区，例如 Asia/Shanghai。"})


class Weekday(models.IntegerChoices):
    """Days of the week as `date.weekday()` counts them."""

    MONDAY = 0, "星期一"
    TUESDAY = 1, "星期二"
    WEDNESDAY = 2, "星期三"
    THURSDAY = 3, "星期四"
    FRIDAY = 4, "星期五"
    SATURDAY = 5, "星期六"
    SUNDAY = 6, "星期日"


class OpenInterval(models.Model):
    """Open on a weekday from `opens` to `closes`; 00:00 as the end means midnight."""

    id = models.BigAutoField(primary_key=True)
    hours = models.ForeignKey(BusinessHours, on_delete=models.CASCADE, related_name="intervals")
    weekday = models.PositiveSmallIntegerField("星期", choices=Weekday.choices)
    opens = models.TimeField("开始")
    closes = models.TimeField("结束")

    class Meta:
        verbose_name = "时段"
        verbose_name_plural = "时段"
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes="00:00") | Q(opens__lt=F("closes")),
                name="open_interval_forward",
                violation_error_message="结束时间必须晚于开始时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class SpecialDay(models.Model):
    """A day that differs from the plan: closed, or open at other times."""

    id = models.BigAutoField(primary_key=True)
    hours = models.ForeignKey(BusinessHours, on_delete=models.CASCADE, related_name="special_days")
    date = models.DateField("日期")
    name = models.CharField("说明", max_length=40, blank=True)
    opens = models.TimeField("开始", null=True, blank=True, help_text="留空表示全天休息。")
    closes = models.TimeField("结束", null=True, blank=True)

    class Meta:
        verbose_name = "特殊日期"
        verbose_name_plural = "特殊日期"
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["hours", "date"], name="special_day_once"),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False, closes="00:00")
                | Q(opens__isnull=False, closes__isnull=False, opens__lt=F("closes")),
                name="special_day_forward",
                violation_error_message="请同时填写开始和结束，且结束晚于开始；或都留空。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Shift(models.Model):
    """班次: planned hours. An end at or before the start lies on the next day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    starts = models.TimeField("开始")
    ends = models.TimeField("结束", help_text="不晚于开始时间的，视为次日。")
    color = models.CharField("颜色", max_length=7, default="#0e7a67")

    class Meta:
        verbose_name = "班次"
        verbose_name_plural = "班次"
        ordering = ["starts", "name"]

    def __str__(self) -> str:
        return f"{self.name} {self.starts:%H:%M}–{self.ends:%H:%M}"

    def times_on(self, date: dt.date) -> tuple[dt.datetime, dt.datetime]:
        """When the shift of a day begins and ends, in the product's time zone."""
        last = date + dt.timedelta(days=1) if self.ends <= self.starts else date
        zone = timezone.get_default_timezone()
        return (
            dt.datetime.combine(date, self.starts, tzinfo=zone),
            dt.datetime.combine(last, self.ends, tzinfo=zone),
        )


class RosterEntry(models.Model):
    """排班: an agent works a shift on a day. `starts_at` and `ends_at` follow from both."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, related_name="roster", verbose_name="坐席"
    )
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, verbose_name="班次")
    date = models.DateField("日期")
    starts_at = models.DateTimeField("开始", editable=False)
    ends_at = models.DateTimeField("结束", editable=False)

    objects = RosterEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "排班"
        verbose_name_plural = "排班"
        ordering = ["date", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "date", "shift"], name="roster_entry_once"),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="roster_entry_forward"
            ),
        ]
        indexes = [models.Index(fields=["agent", "starts_at"], name="roster_entry_time")]

    def __str__(self) -> str:
        return f"{self.agent} {self.date} {self.shift.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves with the times that follow from shift and date."""
        self.place()
        super().save(*args, **kwargs)

    def place(self) -> None:
        """Set `starts_at` and `ends_at` by shift and date."""
        self.starts_at, self.ends_at = self.shift.times_on(self.date)
