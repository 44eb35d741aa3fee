"""排班: the list, the week at a glance, planning many days at once, and last week again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action

from lingxi.admin import RoleModelAdmin, VisibleFilter
from lingxi.errors import Invalid
from lingxi.ids import parse_id
from routing import roster, schedule
from routing.admin.parts import swatch
from routing.admin.roster_form import PlanForm
from routing.models import Agent, RosterEntry, SkillGroup
from routing.models.schedule import Weekday

SHOWN = 200  # agents on one page of a week
DAY = dt.timedelta(days=1)


@dataclass
class Day:
    """A column of the week. `note` names a holiday or a make-up day."""

    date: dt.date
    weekday: str
    note: str
    is_off: bool
    is_today: bool
    working: int = 0


@dataclass
class Cell:
    """What an agent works on a day."""

    day: Day
    entries: list[RosterEntry] = field(default_factory=list)


class RosterEntryForm(ModelForm):
    """An entry, for an agent who is free then."""

    class Meta:
        model = RosterEntry
        fields = ["agent", "shift", "date"]

    def clean(self) -> dict[str, Any]:
        """Refuses two shifts at once."""
        said = super().clean() or self.cleaned_data
        if not self.errors:
            entry = RosterEntry(
                pk=self.instance.pk, agent=said["agent"], shift=said["shift"], date=said["date"]
            )
            roster.check_free(entry)
        return said


@admin.register(RosterEntry)
class RosterEntryAdmin(RoleModelAdmin):
    """Who works when."""

    permission = "routing.manage"
    form = RosterEntryForm
    list_display = ["agent", "date", "shift_shown", "starts_at", "ends_at"]
    list_filter = [("agent", VisibleFilter), ("shift", VisibleFilter), ("date", RangeDateFilter)]
    list_select_related = ["agent", "shift"]
    search_fields = ["agent__name", "shift__name"]
    search_help_text = "坐席或班次"
    date_hierarchy = "date"
    ordering = ["-date", "starts_at"]
    autocomplete_fields = ["agent"]
    fields = ["agent", "shift", "date"]
    actions_list = ["week", "plan"]

    def get_urls(self) -> list[URLPattern]:
        """Ours before the standard ones, whose last takes any path."""
        copy = self.admin_site.admin_view(self.copy)
        return [path("week/copy/", copy, name="routing_rosterentry_copy"), *super().get_urls()]

    @admin.display(description="班次", ordering="shift")
    def shift_shown(self, entry: RosterEntry) -> str:
        """The shift in its colour."""
        return swatch(entry.shift.color, entry.shift.name)

    # -- the week ----------------------------------------------------------------------------

    @action(description="周视图", url_path="week", icon="calendar_view_week")
    def week(self, request: HttpRequest) -> HttpResponseBase:
        """Agents × days; `?from=` a day of the week, `?group=` one group only."""
        self._guard(request)
        monday, group = _monday(request.GET.get("from", "")), self._group(request, request.GET)
        agents = list(self._agents(request, group)[: SHOWN + 1])
        days = _days(monday)
        context = {
            "title": "排班周视图",
            "days": days,
            "rows": _rows(agents[:SHOWN], days),
            "more": len(agents) > SHOWN,
            "groups": SkillGroup.objects.visible_to(request.user),
            "group": group,
            "monday": monday,
            "before": _link("week", monday - roster.WEEK, group),
            "after": _link("week", monday + roster.WEEK, group),
            "this_week": _link("week", _monday(""), group),
        }
        return self._page(request, "week", context)

    def copy(self, request: HttpRequest) -> HttpResponseBase:
        """Last week again, for the agents in sight."""
        self._guard(request, change=True)
        if request.method != "POST":
            return redirect("admin:routing_rosterentry_week")
        monday, group = _monday(request.POST.get("from", "")), self._group(request, request.POST)
        copied, clashing = roster.copy_week(self._agents(request, group), monday)
        if clashing:
            text = f"已复制 {copied} 个班次；{clashing} 个与本周已有班次重叠，未复制。"
            self.message_user(request, text, messages.WARNING)
        elif copied:
            self.message_user(request, f"已复制 {copied} 个班次。", messages.SUCCESS)
        else:
            self.message_user(request, "上周没有可以复制的班次。", messages.WARNING)
        return redirect(_link("week", monday, group))

    @action(description="批量排班", url_path="plan", icon="edit_calendar")
    def plan(self, request: HttpRequest) -> HttpResponseBase:
        """Many agents on many days."""
        self._guard(request, change=True)
        agents = self._agents(request, None)
        form = PlanForm(request.POST or None, agents=agents, initial=_first_choices(request))
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                new = roster.plan(said["agents"], said["shift"], form.dates())
            except Invalid as error:
                form.add_error(None, error.detail)
            else:
                text = f"已排 {len(new)} 个班次。" if new else "所选班次都已存在。"
                self.message_user(request, text, messages.SUCCESS)
                return redirect(_link("week", roster.monday_of(said["first"]), None))
        return self._page(request, "plan", {"title": "批量排班", "form": form})

    def _guard(self, request: HttpRequest, change: bool = False) -> None:
        may = self.has_add_permission if change else self.has_view_permission
        if not may(request):
            raise PermissionDenied

    def _agents(self, request: HttpRequest, group: SkillGroup | None) -> QuerySet[Agent]:
        agents = Agent.objects.visible_to(request.user).filter(user__is_active=True)
        if group is not None:
            agents = agents.filter(groups=group)
        return agents.order_by("name", "pk")

    def _group(self, request: HttpRequest, said: Any) -> SkillGroup | None:
        wanted = parse_id(said.get("group", ""))
        groups = SkillGroup.objects.visible_to(request.user)
        return groups.filter(pk=wanted).first() if wanted else None

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponseBase:
        around = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"routing/schedule/{name}.html", {**around, **context})


def _monday(text: str) -> dt.date:
    """The Monday of the week of the date in `text`; of this week when it is none."""
    try:
        date = dt.date.fromisoformat(text)
        return roster.monday_of(date) if 1970 < date.year < 2100 else _monday("")
    except ValueError:
        return roster.monday_of(timezone.localdate())


def _days(monday: dt.date) -> list[Day]:
    found, today = [], timezone.localdate()
    for number in range(7):
        date = monday + number * DAY
        note = schedule.holiday_name(date)
        if schedule.is_make_up_day(date):
            note = "调休上班"
        label = Weekday(number).label.removeprefix("星期")
        off = not schedule.is_workday(date)
        found.append(Day(date, f"周{label}", note, off, date == today))
    return found


def _rows(agents: Iterable[Agent], days: list[Day]) -> list[tuple[Agent, list[Cell]]]:
    agents = list(agents)
    entries: dict[Any, list[RosterEntry]] = defaultdict(list)
    found = RosterEntry.objects.filter(
        agent__in=agents, date__gte=days[0].date, date__lte=days[-1].date
    )
    for entry in found.select_related("shift").order_by("starts_at"):
        entries[entry.agent_id, entry.date].append(entry)
    rows = []
    for agent in agents:
        cells = [Cell(day, entries[agent.pk, day.date]) for day in days]
        for cell in cells:
            cell.day.working += bool(cell.entries)
        rows.append((agent, cells))
    return rows


def _first_choices(request: HttpRequest) -> dict[str, Any]:
    first = _monday(request.GET.get("from", ""))
    return {"first": first, "last": first + 6 * DAY}


def _link(page: str, monday: dt.date, group: SkillGroup | None) -> str:
    asked = {"from": monday.isoformat()} | ({"group": str(group.pk)} if group else {})
    return f"{reverse(f'admin:routing_rosterentry_{page}')}?{urlencode(asked)}"
