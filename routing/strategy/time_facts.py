"""Facts of the calendar, by the clock on the wall."""

import datetime as dt
from typing import Any

from routing import schedule
from routing.strategy.facts import CHOICE, FLAG, MISSING, TIME, Fact, register
from routing.strategy.moment import Moment

_DAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")


class _TimeFact(Fact):
    category = "时间"


@register
class TimeFact(_TimeFact):
    """The time of day."""

    name, label, label_en = "time", "时刻", "Time of day"
    help = "会话或工单进入时的本地时刻，例如 22:00 到 06:00。"
    type = TIME

    def read(self, moment: Moment, subject: str) -> dt.time:
        """Local time."""
        return moment.local.time()


@register
class WeekdayFact(_TimeFact):
    """The day of the week."""

    name, label, label_en = "weekday", "星期", "Day of the week"
    help = "会话或工单进入时是星期几。"
    type = CHOICE
    choices = tuple((str(number), day) for number, day in enumerate(_DAYS))

    def read(self, moment: Moment, subject: str) -> int:
        """As `date.weekday()` counts."""
        return moment.local.weekday()


@register
class HolidayFact(_TimeFact):
    """A public holiday."""

    name, label, label_en = "holiday", "法定节假日", "Public holiday"
    help = "当天是中国法定节假日的放假日（含连休的周末）。"
    type = FLAG

    def read(self, moment: Moment, subject: str) -> bool:
        """By the calendar."""
        return schedule.is_holiday(moment.local.date())


@register
class MakeUpDayFact(_TimeFact):
    """A weekend day that is worked."""

    name, label, label_en = "make_up_day", "调休上班日", "Make-up working day"
    help = "当天是周末，但因调休而上班。"
    type = FLAG

    def read(self, moment: Moment, subject: str) -> bool:
        """By the calendar."""
        return schedule.is_make_up_day(moment.local.date())


@register
class WorkdayFact(_TimeFact):
    """A working day."""

    name, label, label_en = "workday", "工作日", "Working day"
    help = "星期一到星期五中不放假的日子，以及调休上班日。"
    type = FLAG

    def read(self, moment: Moment, subject: str) -> bool:
        """By the calendar."""
        return schedule.is_workday(moment.local.date())


@register
class BusinessHoursFact(_TimeFact):
    """Whether a group is open."""

    name, label, label_en = "business_hours", "在营业时间", "Within business hours"
    help = "技能组此刻在营业时间内；没有设置营业时间的技能组全天营业。"
    type = FLAG
    subject = "group"

    def read(self, moment: Moment, subject: str) -> Any:
        """By the group's calendar."""
        is_open = moment.live.is_open(subject or moment.group_key, moment.at)
        return MISSING if is_open is None else is_open
