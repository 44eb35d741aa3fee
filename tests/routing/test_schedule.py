"""Opening times, Chinese holidays and make-up days, and who is on shift."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import schedule
from routing.schedule import Plan
from tests import factories

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
NINE_TO_SIX = ((dt.time(9), dt.time(18)),)
ALL_DAY = ((dt.time(0), dt.time(0)),)
OFFICE = Plan(weekly=dict.fromkeys(range(5), NINE_TO_SIX), follow_holidays=True)


def at(text, zone=SHANGHAI):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


# -- the calendar --------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-02-14", "2026-10-10", "2026-01-04"])
def test_make_up_days_are_workdays(day):
    date = dt.date.fromisoformat(day)
    assert schedule.is_workday(date)
    assert schedule.is_make_up_day(date)
    assert not schedule.is_holiday(date)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-01", "元旦"),
        ("2026-02-17", "春节"),
        ("2026-04-06", "清明节"),
        ("2026-10-05", "国庆节"),
        ("2026-10-07", "国庆节"),  # a day off that was swapped
        ("2026-10-04", "国庆节"),  # an ordinary Sunday in the middle of the break
        ("2026-06-21", "端午节"),  # and one at its end
    ],
)
def test_every_day_of_a_break_is_a_holiday_and_has_its_name(day, name):
    date = dt.date.fromisoformat(day)
    assert schedule.is_holiday(date)
    assert not schedule.is_workday(date)
    assert schedule.holiday_name(date) == name


def test_an_ordinary_weekend_is_neither_a_holiday_nor_a_workday():
    saturday = dt.date(2026, 11, 21)
    assert not schedule.is_holiday(saturday)
    assert not schedule.is_workday(saturday)
    assert schedule.holiday_name(saturday) == ""


def test_an_ordinary_monday_is_a_workday():
    assert schedule.is_workday(dt.date(2026, 11, 23))


@pytest.mark.parametrize("year", [1, 1900, 2100, 9999])
def test_years_beyond_the_known_have_no_holidays(year):
    assert not schedule.is_holiday(dt.date(year, 10, 1))


# -- opening times -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20 08:59:59", False),
        ("2026-11-20 09:00", True),
        ("2026-11-20 17:59:59", True),
        ("2026-11-20 18:00", False),
        ("2026-11-21 10:00", False),  # Saturday
        ("2026-10-05 10:00", False),  # holiday
        ("2026-10-10 10:00", True),  # a Saturday that is worked
    ],
)
def test_the_office_is_open(moment, expected):
    assert OFFICE.is_open(at(moment)) is expected


def test_holidays_are_only_for_those_who_follow_them():
    shop = Plan(weekly=dict.fromkeys(range(7), NINE_TO_SIX))
    assert shop.is_open(at("2026-10-01 10:00"))
    assert not Plan(weekly=shop.weekly, follow_holidays=True).is_open(at("2026-10-01 10:00"))


def test_a_special_day_comes_before_holiday_and_week():
    special = {dt.date(2026, 10, 1): ((dt.time(12), dt.time(14)),), dt.date(2026, 11, 20): ()}
    plan = Plan(weekly=OFFICE.weekly, special=special, follow_holidays=True)
    assert plan.is_open(at("2026-10-01 13:00"))
    assert not plan.is_open(at("2026-10-01 15:00"))
    assert not plan.is_open(at("2026-11-20 10:00"))


def test_until_midnight_and_on_from_midnight_leaves_no_gap():
    plan = Plan(weekly=dict.fromkeys(range(7), ALL_DAY))
    assert plan.is_open(at("2026-12-31 23:59:59.999999"))
    assert plan.is_open(at("2027-01-01 00:00"))


def test_over_the_year_s_end_it_opens_after_new_year():
    assert OFFICE.opening(at("2026-12-31 18:00")) == at("2027-01-04 09:00")


def test_the_national_day_break_is_skipped_and_the_swapped_saturday_worked():
    assert OFFICE.opening(at("2026-09-30 18:00")) == at("2026-10-08 09:00")
    assert OFFICE.opening(at("2026-10-09 18:00")) == at("2026-10-10 09:00")


def test_the_time_zone_is_the_calendar_s():
    plan = Plan("America/New_York", weekly=dict.fromkeys(range(5), NINE_TO_SIX))
    assert plan.is_open(at("2026-11-20 23:00"))  # 10:00 there
    assert not plan.is_open(at("2026-11-20 10:00"))


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])  # clocks go forward, and back
def test_a_clock_change_leaves_the_hours_of_the_day_alone(day):
    plan = Plan("America/New_York", weekly={6: NINE_TO_SIX})
    assert plan.opening(at(f"{day} 00:00", NEW_YORK)) == at(f"{day} 09:00", NEW_YORK)
    assert not plan.is_open(at(f"{day} 18:00", NEW_YORK))


def test_an_opening_in_the_hour_that_is_skipped_is_the_moment_after_it():
    plan = Plan("America/New_York", weekly={6: ((dt.time(2, 30), dt.time(5)),)})
    assert plan.opening(at("2026-03-08 00:00", NEW_YORK)) == at("2026-03-08 03:30", NEW_YORK)


def test_a_day_lasts_25_hours_when_clocks_go_back():
    plan = Plan("America/New_York", weekly={6: ALL_DAY})
    (start, end) = plan.stretches(dt.date(2026, 11, 1))[0]
    assert end - start == dt.timedelta(hours=25)
    last = end - dt.timedelta(microseconds=1)
    assert plan.is_open(last)
    assert not plan.is_open(end)


def test_what_never_opens_has_no_next_opening():
    assert Plan().opening(at("2026-11-20 10:00")) is None


spans = st.tuples(st.integers(0, 47), st.integers(1, 48)).filter(lambda pair: pair[0] < pair[1])
half_hours = [dt.time(n // 2, 30 * (n % 2)) for n in range(48)] + [dt.time(0)]
plans = st.builds(
    lambda zone, week, holidays: Plan(
        zone,
        {
            day: tuple((half_hours[a], half_hours[b]) for a, b in pairs)
            for day, pairs in week.items()
        },
        {},
        holidays,
    ),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe"]),
    st.dictionaries(st.integers(0, 6), st.lists(spans, max_size=3), max_size=7),
    st.booleans(),
)
moments = st.datetimes(
    dt.datetime(2024, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    dt.datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
)


@given(plans, moments)
def test_the_next_opening_is_open_and_nothing_is_open_before_it(plan, moment):
    opening = plan.opening(moment)
    if plan.is_open(moment):
        assert opening == moment
        return
    if opening is None:
        return
    assert opening > moment
    assert plan.is_open(opening)
    step = dt.timedelta(minutes=30)
    between = moment
    while between < opening:
        assert not plan.is_open(between)
        between += step
    assert not plan.is_open(opening - dt.timedelta(microseconds=1))


# -- as stored -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_calendar_is_open_always():
    now = at("2026-10-01 03:00")
    assert schedule.is_open(None, now)
    assert schedule.next_opening(None, now) == now


@pytest.mark.django_db
def test_a_stored_calendar_opens_as_written():
    hours = factories.BusinessHoursFactory(week="10:00-12:00")
    factories.SpecialDayFactory(
        hours=hours, date=dt.date(2026, 10, 1), opens=dt.time(9), closes=dt.time(11)
    )
    factories.SpecialDayFactory(hours=hours, date=dt.date(2026, 11, 20))
    assert schedule.is_open(hours, at("2026-11-19 10:00"))
    assert schedule.is_open(hours, at("2026-10-01 09:30"))
    assert not schedule.is_open(hours, at("2026-11-20 10:00"))
    assert schedule.next_opening(hours, at("2026-11-19 12:00")) == at("2026-11-23 10:00")


@pytest.mark.django_db
def test_a_calendar_is_read_once_and_again_when_it_changed(django_assert_num_queries):
    hours = factories.BusinessHoursFactory()
    with django_assert_num_queries(2):
        assert schedule.is_open(hours, at("2026-11-20 10:00"))
    with django_assert_num_queries(0):
        assert schedule.is_open(hours, at("2026-11-20 10:00"))
    hours.intervals.all().delete()
    schedule.forget(hours.pk)
    assert not schedule.is_open(hours, at("2026-11-20 10:00"))
