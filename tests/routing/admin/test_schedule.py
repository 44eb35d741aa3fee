"""Business hours, shifts and the roster in admin: what is saved, shown and refused."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from routing import schedule
from routing.models import BusinessHours, RosterEntry, Shift
from tests.admin_forms import add_row, errors_of, filled
from tests.factories import (
    AgentFactory,
    BusinessHoursFactory,
    RosterEntryFactory,
    ShiftFactory,
    SkillGroupFactory,
    SpecialDayFactory,
)
from tests.routing.at_once import at_once

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 23)


def page(row, name="change"):
    return reverse(f"admin:routing_{row._meta.model_name}_{name}", args=[row.pk])


def save(client, row, data):
    return errors_of(client.post(page(row), data))


# -- business hours ------------------------------------------------------------------------------


def new_hours(client, **changes):
    url = reverse("admin:routing_businesshours_add")
    data = filled(client, url, name="客服时间", **changes)
    return errors_of(client.post(url, data))


def test_a_week_can_be_added_at_once(administrator):
    assert new_hours(administrator, days=["0", "1", "5"], opens="09:00", closes="00:00") == ""
    hours = BusinessHours.objects.get()
    found = hours.intervals.values_list("weekday", "opens", "closes")
    assert list(found) == [(day, dt.time(9), dt.time(0)) for day in (0, 1, 5)]


def test_hours_that_never_open_are_refused(administrator):
    assert "永远不会营业" in new_hours(administrator)
    hours = BusinessHoursFactory()
    data = filled(administrator, page(hours))
    gone = {f"intervals-{n}-DELETE": "on" for n in range(5)}
    assert "永远不会营业" in save(administrator, hours, data | gone)


@pytest.mark.parametrize(
    ("opens", "closes", "word"),
    [("", "18:00", "开始和结束"), ("18:00", "09:00", "晚于"), ("09:00", "09:00", "晚于")],
)
def test_times_that_make_no_sense_are_refused(administrator, opens, closes, word):
    assert word in new_hours(administrator, days=["0"], opens=opens, closes=closes)


def test_an_interval_that_ends_before_it_starts_is_refused(administrator):
    hours = BusinessHoursFactory()
    data = filled(administrator, page(hours), **{"intervals-0-closes": "08:00"})
    assert "晚于开始" in save(administrator, hours, data)


@pytest.mark.parametrize(("opens", "fits"), [("17:59", False), ("18:00", True)])
def test_intervals_that_overlap_are_refused_and_neighbours_are_not(administrator, opens, fits):
    hours = BusinessHoursFactory(week="09:00-18:00")
    data = filled(administrator, page(hours))
    data = add_row(data, "intervals", weekday=0, opens=opens, closes="00:00")
    answer = save(administrator, hours, data)
    assert answer == "" if fits else "时段重叠" in answer


def test_nothing_follows_an_interval_that_lasts_until_midnight(administrator):
    hours = BusinessHoursFactory(week="09:00-00:00")
    data = add_row(
        filled(administrator, page(hours)), "intervals", weekday=0, opens="22:00", closes="23:00"
    )
    assert "时段重叠" in save(administrator, hours, data)


def test_what_is_added_quickly_must_fit_too(administrator):
    hours = BusinessHoursFactory()
    data = filled(administrator, page(hours), days=["0"], opens="10:00", closes="11:00")
    assert "时段重叠" in save(administrator, hours, data)


def test_a_time_zone_that_there_is_not_is_refused(administrator):
    answer = new_hours(
        administrator, time_zone="Asia/Beijing", days=["0"], opens="09:00", closes="18:00"
    )
    assert answer != ""


@pytest.mark.parametrize(
    ("opens", "closes", "fits"),
    [("", "", True), ("10:00", "12:00", True), ("10:00", "", False), ("12:00", "10:00", False)],
)
def test_a_special_day_is_closed_or_has_both_its_times(administrator, opens, closes, fits):
    hours = BusinessHoursFactory()
    data = add_row(
        filled(administrator, page(hours)),
        "special_days",
        date="2026-12-31",
        name="盘点",
        opens=opens,
        closes=closes,
    )
    assert (save(administrator, hours, data) == "") is fits


def test_the_same_special_day_twice_is_refused(administrator):
    day = SpecialDayFactory()
    data = filled(administrator, page(day.hours))
    again = add_row(data, "special_days", date=str(day.date), name="", opens="", closes="")
    assert save(administrator, day.hours, again) != ""


def test_a_change_counts_at_once(administrator):
    hours = BusinessHoursFactory()
    noon = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
    assert schedule.is_open(hours, noon)
    data = filled(administrator, page(hours), **{"intervals-4-DELETE": "on"})
    assert save(administrator, hours, data) == ""
    assert not schedule.is_open(hours, noon)


def test_the_preview_shows_fourteen_days_with_their_reasons(administrator, monkeypatch):
    hours = BusinessHoursFactory()
    SpecialDayFactory(hours=hours, date=dt.date(2026, 10, 9), name="盘点")
    now = dt.datetime(2026, 9, 28, 2, tzinfo=dt.UTC)
    monkeypatch.setattr("routing.admin.schedule.timezone.now", lambda: now)
    text = administrator.get(page(hours)).text
    assert text.count("<li") >= 14
    for word in ("营业中", "国庆节", "调休上班", "特殊日期", "09:00–18:00"):
        assert word in text, word


def test_hours_in_use_are_not_deleted(administrator):
    hours = BusinessHoursFactory()
    SkillGroupFactory(business_hours=hours, name="售前")
    answer = administrator.post(page(hours, "delete"), {"post": "yes"})
    assert "售前" in answer.text
    assert BusinessHours.objects.exists()


def test_hours_of_groups_out_of_sight_are_not_changed(supervisor_of):
    mine, hours = SkillGroupFactory(), BusinessHoursFactory()
    client = supervisor_of(mine)
    data = filled(client, page(hours), name="改名")
    other = SkillGroupFactory(business_hours=hours)
    assert client.post(page(hours), data).status_code == 403
    other.delete()
    assert save(client, hours, data) == ""


# -- shifts --------------------------------------------------------------------------------------


def test_a_shift_over_midnight(administrator):
    url = reverse("admin:routing_shift_add")
    data = filled(administrator, url, name="夜班", starts="22:00", ends="06:00")
    assert errors_of(administrator.post(url, data)) == ""
    start, end = Shift.objects.get().times_on(MONDAY)
    assert end - start == dt.timedelta(hours=8)


def future(days=1):
    return timezone.localdate() + dt.timedelta(days=days)


def test_what_is_planned_moves_with_the_hours_of_its_shift_and_the_past_stays(administrator):
    shift = ShiftFactory()
    past = RosterEntryFactory(shift=shift, date=future(-30))
    planned = RosterEntryFactory(shift=shift, date=future(3))
    before = past.starts_at, planned.starts_at
    assert save(administrator, shift, filled(administrator, page(shift), starts="10:00")) == ""
    past.refresh_from_db()
    planned.refresh_from_db()
    assert past.starts_at == before[0]
    assert planned.starts_at == before[1] + dt.timedelta(hours=1)


def test_hours_that_would_make_two_shifts_overlap_are_refused(administrator):
    morning, evening = ShiftFactory(), ShiftFactory(starts=dt.time(18), ends=dt.time(23))
    entry = RosterEntryFactory(shift=morning, date=future())
    RosterEntryFactory(shift=evening, date=future(), agent=entry.agent)
    answer = save(administrator, morning, filled(administrator, page(morning), ends="18:30"))
    assert "重叠" in answer
    assert entry.agent.name in answer


def test_a_shift_that_is_planned_is_not_deleted(administrator):
    entry = RosterEntryFactory()
    administrator.post(page(entry.shift, "delete"), {"post": "yes"})
    assert Shift.objects.exists()


# -- single entries ------------------------------------------------------------------------------


def enter(client, agent, shift, date):
    url = reverse("admin:routing_rosterentry_add")
    data = {"agent": agent.pk, "shift": shift.pk, "date": str(date)}
    return errors_of(client.post(url, data))


def test_an_entry_has_the_times_of_its_shift(administrator):
    agent, shift = AgentFactory(), ShiftFactory()
    assert enter(administrator, agent, shift, MONDAY) == ""
    entry = RosterEntry.objects.get()
    assert (entry.starts_at, entry.ends_at) == shift.times_on(MONDAY)


@pytest.mark.parametrize(
    ("day", "starts", "ends", "fits"),
    [
        (0, "12:00", "20:00", False),
        (0, "18:00", "22:00", True),  # begins when the other ends
        (-1, "20:00", "09:30", False),  # from the evening before
        (-1, "20:00", "09:00", True),
        (0, "00:00", "00:00", False),  # a whole day
    ],
)
def test_two_shifts_at_once_are_refused_also_over_midnight(administrator, day, starts, ends, fits):
    entry = RosterEntryFactory(date=MONDAY)  # 09:00 to 18:00
    shift = ShiftFactory(starts=dt.time.fromisoformat(starts), ends=dt.time.fromisoformat(ends))
    answer = enter(administrator, entry.agent, shift, MONDAY + dt.timedelta(days=day))
    assert answer == "" if fits else "与已有班次重叠" in answer


def test_an_entry_is_not_in_its_own_way(administrator):
    entry = RosterEntryFactory(date=MONDAY)
    shift = ShiftFactory(starts=dt.time(10), ends=dt.time(19))
    assert save(administrator, entry, filled(administrator, page(entry), shift=shift.pk)) == ""
    entry.refresh_from_db()
    assert (entry.starts_at, entry.ends_at) == shift.times_on(MONDAY)


def test_agents_out_of_sight_are_not_planned(supervisor_of):
    stranger = AgentFactory(groups=[SkillGroupFactory()])
    client = supervisor_of(SkillGroupFactory())
    assert enter(client, stranger, ShiftFactory(), MONDAY) != ""
    assert not RosterEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_supervisors_planning_at_once_make_no_overlap(administrator):
    agent = AgentFactory()
    shifts = [ShiftFactory(), ShiftFactory(starts=dt.time(10), ends=dt.time(19))]
    answers = at_once(lambda shift: enter(administrator, agent, shift, MONDAY), shifts)
    assert sorted("重叠" in answer for answer in answers) == [False, True]
    assert RosterEntry.objects.count() == 1


# -- many at once --------------------------------------------------------------------------------

PLAN = "/admin/routing/rosterentry/plan/"
WEEK = "/admin/routing/rosterentry/week/"


def plan(client, agents, shift, first=MONDAY, last=MONDAY, **changes):
    data = {
        "agents": [agent.pk for agent in agents],
        "shift": shift.pk if shift else "",
        "first": str(first),
        "last": str(last),
        "days": ["0", "1", "2", "3", "4"],
        "follow_holidays": "on",
        **changes,
    }
    return client.post(PLAN, {name: value for name, value in data.items() if value is not None})


def days_of(agent):
    return [f"{date:%m-%d}" for date in agent.roster.values_list("date", flat=True)]


def test_agents_are_planned_for_workdays(administrator):
    agents = [AgentFactory(), AgentFactory()]
    last = MONDAY + dt.timedelta(days=6)
    assert plan(administrator, agents, ShiftFactory(), last=last).status_code == 302
    assert days_of(agents[0]) == ["11-23", "11-24", "11-25", "11-26", "11-27"]
    assert days_of(agents[0]) == days_of(agents[1])


def test_holidays_are_left_out_and_make_up_days_are_mondays(administrator):
    agent, shift = AgentFactory(), ShiftFactory()
    first, last = dt.date(2026, 9, 30), dt.date(2026, 10, 11)
    plan(administrator, [agent], shift, first, last)
    assert days_of(agent) == ["09-30", "10-08", "10-09", "10-10"]


def test_holidays_are_worked_where_they_are_not_followed(administrator):
    agent = AgentFactory()
    first, last = dt.date(2026, 10, 1), dt.date(2026, 10, 3)
    plan(administrator, [agent], ShiftFactory(), first, last, follow_holidays=None)
    assert days_of(agent) == ["10-01", "10-02"]


def test_planning_again_changes_nothing(administrator):
    agent, shift = AgentFactory(), ShiftFactory()
    for _ in range(2):
        assert plan(administrator, [agent], shift).status_code == 302
    assert RosterEntry.objects.count() == 1


def test_one_overlap_refuses_all_and_names_it(administrator):
    busy, free = AgentFactory(name="王芳"), AgentFactory()
    RosterEntryFactory(agent=busy, date=MONDAY, shift__starts=dt.time(12), shift__ends=dt.time(20))
    response = plan(administrator, [busy, free], ShiftFactory(name="早班"))
    assert "王芳 11-23 早班" in response.text
    assert RosterEntry.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"last": "2026-11-22"},
        {"last": "2027-11-22"},
        {"days": []},
        {"days": ["6"]},
        {"days": ["9"]},
        {"agents": []},
        {"shift": ""},
        {"first": "x"},
    ],
)
def test_senseless_plans_are_refused(administrator, changes):
    said = {"agents": [AgentFactory()], "shift": ShiftFactory(), **changes}
    assert plan(administrator, **said).status_code == 200
    assert not RosterEntry.objects.exists()


def test_agents_out_of_sight_are_not_in_the_form(supervisor_of):
    stranger = AgentFactory(name="外人", groups=[SkillGroupFactory()])
    client = supervisor_of(SkillGroupFactory())
    assert "外人" not in client.get(PLAN).text
    assert plan(client, [stranger], ShiftFactory()).status_code == 200
    assert not RosterEntry.objects.exists()


def copy(client, monday=MONDAY, **said):
    return client.post(f"{WEEK}copy/", {"from": str(monday), **said}, follow=True)


def test_last_week_again(administrator):
    entry = RosterEntryFactory(date=MONDAY - dt.timedelta(days=3))
    RosterEntryFactory(date=MONDAY - dt.timedelta(days=8))
    assert "已复制 1 个班次" in copy(administrator).text
    new = RosterEntry.objects.get(date__gte=MONDAY)
    assert (new.agent, new.shift) == (entry.agent, entry.shift)
    assert new.starts_at - entry.starts_at == dt.timedelta(days=7)
    copy(administrator)
    assert RosterEntry.objects.count() == 3


def test_last_week_again_leaves_out_what_overlaps(administrator):
    entry = RosterEntryFactory(date=MONDAY - dt.timedelta(days=7))
    RosterEntryFactory(
        agent=entry.agent, date=MONDAY, shift__starts=dt.time(8), shift__ends=dt.time(10)
    )
    assert "1 个与本周已有班次重叠" in copy(administrator).text
    assert RosterEntry.objects.count() == 2


def test_last_week_again_of_nothing(administrator):
    assert "没有可以复制" in copy(administrator).text


def test_last_week_again_of_one_group(administrator):
    mine = SkillGroupFactory()
    for groups in ([mine], []):
        RosterEntryFactory(agent__groups=groups, date=MONDAY - dt.timedelta(days=7))
    copy(administrator, group=str(mine.pk))
    assert RosterEntry.objects.get(date=MONDAY).agent.groups.get() == mine


def test_last_week_again_leaves_agents_out_of_sight_alone(supervisor_of):
    RosterEntryFactory(agent__groups=[SkillGroupFactory()], date=MONDAY - dt.timedelta(days=7))
    copy(supervisor_of(SkillGroupFactory()))
    assert RosterEntry.objects.count() == 1


def test_the_week_shows_agents_days_and_holidays(administrator):
    entry = RosterEntryFactory(
        agent__name="王芳", shift__name="早班", shift__color="#ff8800", date=dt.date(2026, 10, 8)
    )
    page = administrator.get(WEEK, {"from": "2026-10-07"})
    for word in ("王芳", "早班", "#ff8800", "国庆节", "调休上班", "2026-10-05 起"):
        assert word in page.text, word
    assert reverse("admin:routing_rosterentry_change", args=[entry.pk]) in page.text


@pytest.mark.parametrize("date", ["", "x", "9999-12-31", "0001-01-01"])
def test_a_week_that_there_is_not_is_this_one(administrator, date):
    assert administrator.get(WEEK, {"from": date}).status_code == 200


def test_the_week_takes_the_same_number_of_queries_for_all(administrator):
    def look():
        with CaptureQueriesContext(connection) as seen:
            administrator.get(WEEK, {"from": str(MONDAY)})
        return len(seen)

    RosterEntryFactory(date=MONDAY)
    look()
    few = look()
    for _ in range(5):
        RosterEntryFactory(date=MONDAY)
    assert look() == few


def test_the_week_hides_agents_out_of_sight(supervisor_of):
    mine, other = SkillGroupFactory(), SkillGroupFactory()
    AgentFactory(name="我组", groups=[mine])
    RosterEntryFactory(agent__name="别组", agent__groups=[other], date=MONDAY)
    text = supervisor_of(mine).get(WEEK, {"from": str(MONDAY), "group": str(other.pk)}).text
    assert "我组" in text
    assert "别组" not in text
