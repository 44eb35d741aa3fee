"""Warnings and breaches: once, at their minute, at the cost of what is due."""

import datetime as dt
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import Notice
from lingxi.events.models import Event
from tests.processes import environment
from tests.routing.at_once import at_once
from tests.tickets import factories
from tests.tickets.sla.world import FIRST, RESOLUTION, at, clock, policy
from tickets.models import Entry, SlaClock, Ticket
from tickets.service.change import locked
from tickets.sla import sweep as sweeping
from tickets.sla.sweep import sweep

PAST = dt.timedelta(days=1)


def told(type="ticket.sla_breached"):
    return Event.objects.filter(type=type).count()


def make_due(*tickets):
    """As if the day was over, for tickets that were made now."""
    SlaClock.objects.filter(ticket__in=tickets).update(
        due_at=timezone.now() - PAST, warn_at=timezone.now() - 2 * PAST
    )


@pytest.mark.django_db
class TestAtTheirMinute:
    @pytest.fixture
    def ticket(self, now, office, type):
        policy(office)
        return factories.ticket(type)

    def test_nothing_is_told_before_its_time(self, ticket, now):
        now.is_("10:48")  # the very instant is not past
        assert sweep() == 0
        assert told("ticket.sla_warning") == 0

    def test_each_is_told_once_with_the_time_it_was_due(self, ticket, now):
        for moment in ("10:49", "10:55", "11:01", "11:05", "16:25", "2026-11-23 08:00"):
            now.is_(moment)
            sweep()
        events = Event.objects.filter(type__startswith="ticket.sla").order_by("position")
        assert [(one.type, one.payload["metric"], one.occurred_at) for one in events] == [
            ("ticket.sla_warning", "first_response", at("10:48")),
            ("ticket.sla_breached", "first_response", at("11:00")),
            ("ticket.sla_warning", "resolution", at("16:24")),
            ("ticket.sla_breached", "resolution", at("18:00")),
        ]
        assert Entry.objects.filter(kind="sla").count() == 4

    def test_after_a_day_without_sweeps_it_is_told_with_its_own_times(self, ticket, now):
        now.is_("2026-11-24 10:00")
        assert sweep() == 1
        times = Event.objects.filter(type="ticket.sla_breached").order_by("occurred_at")
        assert [one.occurred_at for one in times] == [at("11:00"), at("18:00")]
        assert told("ticket.sla_warning") == 2

    def test_a_breach_shows_on_the_ticket_and_makes_no_new_revision(self, ticket, now):
        now.is_("11:01")
        sweep()
        after = Ticket.objects.get(pk=ticket.pk)
        assert (after.is_breached, after.due_at) == (True, at("11:00"))
        assert after.revision == ticket.revision  # nobody who edits is told of a conflict

    def test_the_event_says_what_was_asked(self, ticket, now):
        now.is_("11:01")
        sweep()
        payload = Event.objects.get(type="ticket.sla_breached").payload
        assert payload["number"] == ticket.reference
        assert payload["due_at"] == at("11:00").astimezone(dt.UTC).isoformat()
        assert (payload["target_minutes"], payload["round"]) == (60, 0)
        assert payload["policy"] == clock(ticket, FIRST).policy.name

    def test_a_paused_clock_is_not_due(self, ticket, now, staff):
        from tickets import service

        service.move(ticket.pk, "hold", staff)
        now.is_("2026-11-24 10:00")
        sweep()
        assert clock(ticket, RESOLUTION).state == "paused"

    def test_one_that_fails_does_not_hold_up_the_others(self, ticket, now, type, monkeypatch):
        other = factories.ticket(type)
        real = sweeping.tell

        def tell(firings):
            if any(one.ticket.pk == ticket.pk for one in firings):
                raise RuntimeError("broken")
            real(firings)

        monkeypatch.setattr(sweeping, "tell", tell)
        now.is_("11:01")
        assert sweep() == 1
        assert (clock(ticket, FIRST).state, clock(other, FIRST).state) == ("running", "breached")
        monkeypatch.undo()
        assert sweep(at("11:01")) == 1


@pytest.mark.django_db
def test_it_costs_by_what_is_due_not_by_what_is_open(type):
    policy()
    tickets = [factories.ticket(type) for _ in range(30)]
    make_due(tickets[0])
    few = _rows_touched()
    assert told() == 2
    SlaClock.objects.bulk_create(_many_open(tickets[1]))
    make_due(tickets[2])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_slaclock")
    assert _rows_touched() == few


def _many_open(ticket):
    later = timezone.now() + 100 * PAST
    return [
        SlaClock(
            ticket=ticket,
            metric="next_response",
            round=n,
            started_at=later,
            since=later,
            elapsed=dt.timedelta(0),
            due_at=later,
            warn_at=later,
        )
        for n in range(1, 3001)
    ]


def _rows_touched():
    """Clock rows that PostgreSQL looked at during a sweep, by its own count."""
    with CaptureQueriesContext(connection) as queries:
        sweep()
    asked = [one["sql"] for one in queries if '"tickets_slaclock"' in one["sql"]]
    found = [sql for sql in asked if sql.startswith("SELECT")][:2]
    assert len(found) == 2
    return sum(_examined(sql) for sql in found)


def _examined(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        return _count(cursor.fetchone()[0][0]["Plan"])


def _count(plan):
    own = 0
    if plan.get("Relation Name") == "tickets_slaclock":
        own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    return own + sum(_count(child) for child in plan.get("Plans", []))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture
    def tickets(self, type):
        policy()
        return [factories.ticket(type) for _ in range(6)]

    def test_two_sweeps_tell_everything_once(self, tickets, monkeypatch):
        monkeypatch.setattr(sweeping, "BATCH", 2)
        make_due(*tickets)
        at_once(lambda _: sweep(), range(3))
        sweep()
        assert (told(), told("ticket.sla_warning")) == (12, 12)
        assert Entry.objects.filter(kind="sla").count() == 24

    def test_a_ticket_that_somebody_holds_is_left_to_the_next_sweep(self, tickets):
        from django.db import transaction

        make_due(*tickets)
        with transaction.atomic():
            locked(tickets[0].pk)
            (count,) = at_once(lambda _: sweep(), [None])
        assert count == 5
        assert sweep() == 1

    def test_killed_in_the_middle_nothing_is_lost_or_told_twice(self, tickets):
        make_due(*tickets)
        killed = subprocess.Popen(
            [sys.executable, "-c", SLOW_SWEEP], env=environment(), stdout=subprocess.PIPE
        )
        assert killed.stdout.readline().strip() == b"told"
        killed.send_signal(signal.SIGKILL)
        killed.wait(10)
        killed.stdout.close()
        assert told() == 0  # the batch was undone whole
        _until_free()
        sweep()
        assert (told(), Notice.objects.filter(text__contains="超时").count() > 0) == (12, False)


SLOW_SWEEP = """
import django, time
django.setup()
from tickets.sla import sweep
real = sweep.tell
def tell(firings):
    real(firings)
    print("told", flush=True)
    time.sleep(60)
sweep.tell = tell
sweep.sweep()
"""


def _until_free():
    """Until PostgreSQL has noticed that the killed process is gone."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.1)
