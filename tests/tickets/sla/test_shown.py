"""Clocks in words."""

import datetime as dt

import pytest

from tests.tickets import factories
from tests.tickets.sla.world import FIRST, NEXT, RESOLUTION, at, policy
from tickets import service
from tickets.models import ClockState
from tickets.service import By
from tickets.sla.shown import as_dicts, clocks_of, clocks_of_many, in_english, in_words
from tickets.sla.sweep import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(now, office, type, customer):
    policy(office, name="标准")
    return factories.ticket(type, requester=customer)


def words(ticket):
    return {one.metric: (one.tone, one.words) for one in clocks_of(ticket)}


def test_time_left_is_business_time(ticket, now):
    assert words(ticket) == {
        FIRST: ("ok", "剩余 1小时"),
        RESOLUTION: ("ok", "剩余 8小时"),
    }
    now.is_("10:50:30")
    assert words(ticket)[FIRST] == ("soon", "剩余 9分钟")


def test_late_by_business_time_over_the_weekend(ticket, now):
    now.is_("2026-11-23 09:30")
    assert words(ticket)[FIRST] == ("late", "已超时 7小时30分")
    sweep()
    assert words(ticket)[FIRST] == ("late", "已超时 7小时30分")
    (first, _) = clocks_of(ticket)
    assert first.english == "7 h 30 min late"
    assert first.left == -dt.timedelta(hours=7.5)


def test_paused_met_and_missed(ticket, now, staff):
    now.is_("11:30")
    service.comment(ticket.pk, staff, "您好", is_public=True)
    service.move(ticket.pk, "wait", staff)
    now.is_("15:00")
    assert words(ticket) == {
        FIRST: ("missed", "超时完成，用时 1小时30分"),
        RESOLUTION: ("paused", "已暂停，剩余 6小时30分"),
    }
    service.move(ticket.pk, "resolve", staff)
    assert words(ticket)[RESOLUTION] == ("met", "用时 1小时30分")


def test_of_rounds_the_last_is_shown(ticket, now, staff, customer):
    for _ in range(2):
        service.comment(ticket.pk, staff, "您好", is_public=True)
        service.comment(ticket.pk, By.requester(customer), "还有一个问题")
    shown = {one.metric: one for one in clocks_of(ticket)}
    assert (shown[NEXT].round, shown[NEXT].words) == (2, "剩余 2小时")


def test_without_a_target_there_is_nothing_to_show(now, type):
    assert clocks_of(factories.ticket(type)) == []


def test_the_api_tells_instants_and_seconds(ticket, now):
    now.is_("10:30")
    first, _ = as_dicts(clocks_of(ticket))
    assert first == {
        "metric": "first_response",
        "round": 0,
        "state": ClockState.RUNNING,
        "policy": "标准",
        "target_minutes": 60,
        "due_at": at("11:00"),
        "remaining_seconds": 1800,
        "warned_at": None,
        "breached_at": None,
        "met_at": None,
        "spent_seconds": None,
    }


def test_a_page_of_tickets_takes_the_queries_of_one(ticket, type, django_assert_num_queries):
    tickets = [ticket, *(factories.ticket(type) for _ in range(3))]
    clocks_of(ticket)  # the calendar is known now
    with django_assert_num_queries(2):
        assert len(clocks_of_many(one.pk for one in tickets)) == 4


@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (0.9, "不到1分钟", "under 1 min"),
        (5, "5分钟", "5 min"),
        (60, "1小时", "1 h"),
        (80, "1小时20分", "1 h 20 min"),
        (50 * 60 + 1, "50小时1分", "50 h 1 min"),
    ],
)
def test_durations(minutes, chinese, english):
    time = dt.timedelta(minutes=minutes)
    assert (in_words(time), in_english(time)) == (chinese, english)
