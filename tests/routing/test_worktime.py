"""Business time, against an oracle that walks through every minute or every day."""

import datetime as dt
import timeit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lingxi.errors import Invalid, NeverOpen
from routing.schedule import Plan
from routing.worktime import WorkTime

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
TICK = dt.timedelta(microseconds=1)
ZERO = dt.timedelta(0)
NINE_TO_SIX = ((dt.time(9), dt.time(18)),)
ALL_DAY = ((dt.time(0), dt.time(0)),)
OFFICE = Plan(weekly=dict.fromkeys(range(5), NINE_TO_SIX), follow_holidays=True)
ALWAYS = Plan(weekly=dict.fromkeys(range(7), ALL_DAY))
NEVER = Plan(weekly={})


def at(text, zone=SHANGHAI):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


# -- oracles -------------------------------------------------------------------------------------


def by_the_minute(plan, a, b):
    """Open time between whole minutes, by asking the plan about each of them."""
    count = (b - a) // MINUTE
    return sum(plan.is_open(a + n * MINUTE) for n in range(count)) * MINUTE


def by_the_day(plan, a, b):
    """Open time from a ≤ b: what every day's union of stretches adds."""
    total, reached = ZERO, a
    day = a.astimezone(ZoneInfo(plan.time_zone)).date() - 2 * DAY
    while day <= b.astimezone(ZoneInfo(plan.time_zone)).date() + 2 * DAY:
        for start, end in plan.stretches(day):
            first, last = max(start, reached), min(end, b)
            if first < last:
                total, reached = total + (last - first), last
        day += DAY
    return total


# -- what is thrown at it ------------------------------------------------------------------------

times = st.integers(0, 23 * 60 + 59).map(lambda n: dt.time(n // 60, n % 60))


@st.composite
def spans(draw):
    """Up to three opening times of a day, which may touch, overlap or end at midnight."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        one, other = draw(times), draw(st.one_of(times, st.just(dt.time(0))))
        if one != other or other == dt.time(0):
            low, high = sorted((one, other))
            found.append((high, low) if low == dt.time(0) else (low, high))
    return tuple(found)


AROUND = dt.date(2026, 9, 20)
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
# Half of what is drawn lies close to a change of the clock, a holiday's break or a year's end.
CORNERS = ["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-10-08", "2026-12-31"]
moments = st.one_of(
    st.timedeltas(ZERO, 5 * 365 * DAY).map(lambda time: at("2024-01-01", dt.UTC) + time),
    st.builds(
        lambda day, shift: dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC) + shift,
        st.sampled_from(CORNERS),
        st.timedeltas(-2 * DAY, 2 * DAY),
    ),
)
amounts = st.timedeltas(ZERO, 300 * HOUR)


@st.composite
def plans(draw, *, open_weekly=True):
    weekly = {day: draw(spans()) for day in range(7)}
    if open_weekly and not any(weekly.values()):
        weekly[draw(st.integers(0, 6))] = NINE_TO_SIX
    days = st.integers(0, 120).map(lambda n: AROUND + n * DAY)
    special = draw(st.dictionaries(days, spans(), max_size=5))
    return Plan(draw(zones), weekly, special, draw(st.booleans()))


# -- properties ----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(plans(open_weekly=False), moments, st.integers(0, 2 * 24 * 60))
def test_between_is_the_sum_of_the_open_minutes(plan, a, minutes):
    a = a.replace(second=0, microsecond=0)
    b = a + minutes * MINUTE
    assert WorkTime(plan).between(a, b) == by_the_minute(plan, a, b)


@given(plans(open_weekly=False), moments, moments)
def test_between_is_the_sum_of_the_open_stretches(plan, a, b):
    a, b = sorted((a, b))
    assert WorkTime(plan).between(a, b) == by_the_day(plan, a, b)


@given(plans(open_weekly=False), moments, moments, moments)
def test_between_is_additive(plan, a, b, c):
    work = WorkTime(plan)
    assert work.between(a, b) + work.between(b, c) == work.between(a, c)


@given(plans(open_weekly=False), moments, moments)
def test_between_changes_sign_with_the_direction(plan, a, b):
    work = WorkTime(plan)
    assert work.between(a, b) == -work.between(b, a)


@given(plans(open_weekly=False), moments, moments, moments)
def test_between_never_falls_and_never_outruns_the_clock(plan, a, b, c):
    a, b, c = sorted((a, b, c))
    work = WorkTime(plan)
    assert ZERO <= work.between(a, b) <= work.between(a, c) <= c - a


@given(plans(), moments, st.timedeltas(-300 * HOUR, 300 * HOUR))
def test_what_was_added_lies_between(plan, a, time):
    work = WorkTime(plan)
    assert work.between(a, work.add(a, time)) == time


@given(plans(), moments, st.timedeltas(TICK, 300 * HOUR))
def test_add_is_the_first_such_instant(plan, a, time):
    work = WorkTime(plan)
    due = work.add(a, time)
    assert work.between(a, due - TICK) == time - TICK


@given(plans(), moments, st.timedeltas(TICK, 300 * HOUR))
def test_counting_back_is_the_last_such_instant(plan, a, time):
    work = WorkTime(plan)
    assert work.between(work.add(a, -time) + TICK, a) == time - TICK


@given(plans(), moments, moments)
def test_add_undoes_between_in_open_time_and_else_goes_to_the_closing_before(plan, a, b):
    a, b = sorted((a, b))
    work = WorkTime(plan)
    assume(work.between(a, b) > ZERO)
    back = work.add(a, work.between(a, b))
    assert back <= b
    assert work.between(back, b) == ZERO
    if plan.is_open(b - TICK):  # open right up to b
        assert back == b


@given(plans(), moments, amounts, amounts)
def test_adding_twice_is_adding_the_sum(plan, a, one, other):
    work = WorkTime(plan)
    assert work.add(work.add(a, one), other) == work.add(a, one + other)


@given(plans(), moments, moments, amounts, amounts)
def test_add_is_monotone_in_both(plan, a, b, one, other):
    work = WorkTime(plan)
    (a, b), (one, other) = sorted((a, b)), sorted((one, other))
    assert work.add(a, one) <= work.add(a, other)
    assert work.add(a, one) <= work.add(b, one)


@given(plans(), moments, st.timedeltas(HOUR, 100 * HOUR), st.floats(0, 1), amounts)
def test_a_pause_moves_the_due_time_by_the_business_time_in_it(plan, a, target, share, paused):
    work = WorkTime(plan)
    due = work.add(a, target)
    stop = a + (due - a) * share
    resume = stop + paused
    moved = work.add(resume, target - work.between(a, stop))
    assert work.between(a, moved) == target + work.between(stop, resume)


@given(plans(), moments)
def test_nothing_is_open_before_the_opening_and_something_right_after(plan, a):
    work = WorkTime(plan)
    opening = work.opening(a)
    assert plan.is_open(opening)
    assert work.between(a, opening) == ZERO
    assert opening == plan.opening(a)


@given(plans(), moments, moments)
def test_the_order_in_which_years_are_asked_for_makes_no_difference(plan, a, b):
    from routing import worktime

    expected = WorkTime(plan).between(a, b)
    worktime._index_of.cache_clear()
    work = WorkTime(plan)
    work.opening(max(a, b))
    assert work.between(a, b) == expected


@given(moments, st.timedeltas(-300 * DAY, 300 * DAY))
def test_without_a_calendar_it_is_the_clock(a, time):
    work = WorkTime(None)
    assert work.add(a, time) == a + time
    assert work.between(a, a + time) == time
    assert work.opening(a) == a


@given(moments, moments)
def test_a_calendar_open_round_the_clock_is_the_clock_too(a, b):
    for zone in ("Asia/Shanghai", "Europe/Berlin", "America/New_York"):
        plan = Plan(zone, ALWAYS.weekly)
        assert WorkTime(plan).between(a, b) == b - a


# -- days one can check by hand ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-20 10:00", 2, "2026-11-20 12:00"),
        ("2026-11-20 17:00", 2, "2026-11-23 10:00"),  # over the weekend
        ("2026-11-20 16:00", 2, "2026-11-20 18:00"),  # due when it closes, not when it opens
        ("2026-11-21 03:00", 1, "2026-11-23 10:00"),  # begun while closed
        ("2026-09-30 17:00", 2, "2026-10-08 10:00"),  # over the National Day break
        ("2026-10-09 17:00", 2, "2026-10-10 10:00"),  # into a Saturday that is worked
        ("2026-12-31 17:30", 1, "2027-01-04 09:30"),  # over New Year and a weekend
    ],
)
def test_the_office_due(start, hours, due):
    assert WorkTime(OFFICE).add(at(start), hours * HOUR) == at(due)


def test_nothing_added_stays_where_it_is_even_while_closed():
    sunday = at("2026-11-22 12:00")
    assert WorkTime(OFFICE).add(sunday, ZERO) == sunday


def test_counted_back_over_the_weekend():
    assert WorkTime(OFFICE).add(at("2026-11-23 10:00"), -2 * HOUR) == at("2026-11-20 17:00")


def test_special_days_come_before_week_and_holiday():
    noon = ((dt.time(12), dt.time(14)),)
    special = {dt.date(2026, 10, 1): noon, dt.date(2026, 11, 20): ()}
    work = WorkTime(Plan(weekly=OFFICE.weekly, special=special, follow_holidays=True))
    assert work.between(at("2026-10-01 00:00"), at("2026-10-02 00:00")) == 2 * HOUR
    assert work.between(at("2026-11-20 00:00"), at("2026-11-21 00:00")) == ZERO


def test_overlapping_and_touching_times_count_once():
    spans = ((dt.time(9), dt.time(13)), (dt.time(12), dt.time(15)), (dt.time(15), dt.time(18)))
    work = WorkTime(Plan(weekly=dict.fromkeys(range(7), spans)))
    assert work.between(at("2026-11-20 00:00"), at("2026-11-21 00:00")) == 9 * HOUR


def test_a_day_until_midnight_goes_on_into_the_next():
    work = WorkTime(ALWAYS)
    assert work.add(at("2026-12-31 23:30"), HOUR) == at("2027-01-01 00:30")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, "2026-03-29", 23),
        (BERLIN, "2026-10-25", 25),
        (NEW_YORK, "2026-03-08", 23),
        (NEW_YORK, "2026-11-01", 25),
        (SHANGHAI, "2026-03-29", 24),
    ],
)
def test_a_day_of_a_clock_change_has_the_hours_that_pass(zone, day, hours):
    work = WorkTime(Plan(zone.key, ALWAYS.weekly))
    start = at(f"{day} 00:00", zone)
    assert work.between(start, at(f"{day} 12:00", zone) + 12 * HOUR) == hours * HOUR
    assert work.add(start, (hours - 12) * HOUR) == at(f"{day} 12:00", zone)


def test_an_hour_that_a_clock_change_swallows_is_not_worked():
    spans = ((dt.time(2), dt.time(3)),)
    work = WorkTime(Plan("Europe/Berlin", dict.fromkeys(range(7), spans)))
    assert work.add(at("2026-03-28 12:00", BERLIN), HOUR) == at("2026-03-30 03:00", BERLIN)


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", [NEVER, Plan(weekly={}, special={AROUND: ()})])
def test_a_calendar_that_never_opens_is_refused(plan):
    work = WorkTime(plan)
    for ask in (lambda: work.add(at("2026-01-01"), HOUR), lambda: work.opening(at("2026-01-01"))):
        with pytest.raises(NeverOpen) as caught:
            ask()
        assert (caught.value.code, caught.value.number) == ("never_open", 4006)


def test_no_time_passes_in_a_calendar_that_never_opens():
    assert WorkTime(NEVER).between(at("2020-01-01"), at("2030-01-01")) == ZERO


def test_single_days_are_used_up():
    work = WorkTime(Plan(weekly={}, special={AROUND: NINE_TO_SIX}))
    closing = at(f"{AROUND} 18:00")
    assert work.add(at("2020-01-01"), 9 * HOUR) == closing
    with pytest.raises(NeverOpen):
        work.add(at("2020-01-01"), 9 * HOUR + TICK)
    with pytest.raises(NeverOpen):
        work.opening(closing)


@pytest.mark.parametrize("plan", [None, Plan(weekly={0: ((dt.time(9), dt.time(9, 1)),)})])
@pytest.mark.parametrize("time", [dt.timedelta.max, dt.timedelta.min])
def test_more_than_there_will_be_is_refused(plan, time):
    with pytest.raises(NeverOpen):
        WorkTime(plan).add(at("2026-01-01"), time)


@pytest.mark.parametrize("year", [1, 1969, 2200, 9999])
@pytest.mark.parametrize("plan", [None, OFFICE])
def test_years_out_of_reach_are_refused(plan, year):
    with pytest.raises(Invalid):
        WorkTime(plan).between(dt.datetime(year, 6, 1, tzinfo=dt.UTC), at("2026-01-01"))


# -- speed ---------------------------------------------------------------------------------------


def test_ten_years_are_exact():
    start, end = at("2017-03-05 10:30:15"), at("2027-03-05 16:45:30")
    work = WorkTime(OFFICE)
    total = work.between(start, end)
    assert total == by_the_day(OFFICE, start, end)
    assert work.add(start, total) == end  # a Friday in opening hours


def test_ten_years_take_no_longer_than_a_day():
    work, start = WorkTime(OFFICE), at("2017-03-06 10:30")
    far = work.between(start, start + 3650 * DAY)
    near = work.between(start, start + DAY)

    def seconds(time):
        return min(timeit.repeat(lambda: work.add(start, time), number=200, repeat=5)) / 200

    assert seconds(far) < 10 * seconds(near)  # some years to step over, no days


def test_indexes_are_shared_by_equal_plans():
    one, other = WorkTime(OFFICE), WorkTime(Plan(weekly=dict(OFFICE.weekly), follow_holidays=True))
    assert one._index is other._index
