"""All open tickets anew, after somebody edited what they are due by."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lingxi.events.models import Event
from lingxi.jobs import runner
from lingxi.jobs.models import Job
from routing.models import OpenInterval, SpecialDay
from tests import factories as base
from tests.routing.at_once import at_once
from tests.tickets import factories
from tests.tickets.sla.world import FIRST, RESOLUTION, at, clock, policy
from tickets import service
from tickets.models import Priority, SlaClock, SlaPolicy, Ticket
from tickets.service import SYSTEM
from tickets.sla import recompute
from tickets.sla.sweep import sweep

HOUR = dt.timedelta(hours=1)
NINE, NOON = dt.time(9), dt.time(12)


@pytest.fixture(autouse=True)
def no_grace(monkeypatch):
    monkeypatch.setattr(recompute, "GRACE", dt.timedelta(0))


@pytest.fixture
def woken(monkeypatch):
    from lingxi.jobs import tasks

    found = []
    monkeypatch.setattr(tasks.run_job, "delay", found.append)
    return found


def run():
    """Ask for it, and have it done."""
    job = recompute.ask()
    assert runner.work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    return job


def due(ticket):
    return Ticket.objects.get(pk=ticket.pk).due_at


@pytest.mark.django_db
class TestAnEdit:
    @pytest.fixture
    def rule(self, office):
        return policy(office)

    @pytest.fixture
    def ticket(self, now, rule, type):
        return factories.ticket(type)

    def test_other_targets_keep_what_was_used(self, ticket, rule, now):
        now.is_("11:00")
        SlaPolicy.objects.filter(pk=rule.pk).update(first_response=90, resolution=240)
        run()
        assert clock(ticket, FIRST).due_at == at("11:30")
        resolution = clock(ticket, RESOLUTION)
        assert (resolution.due_at, resolution.elapsed) == (at("14:00"), HOUR)
        assert due(ticket) == at("11:30")

    def test_another_calendar_counts_from_the_edit_on(self, ticket, rule, now):
        now.is_("2026-11-23 10:00")
        sweep()
        SlaPolicy.objects.filter(pk=rule.pk).update(calendar=None, resolution=600)
        made = factories.ticket(ticket.type)
        now.is_("2026-11-23 11:00")
        run()
        assert clock(made, RESOLUTION).due_at == at("2026-11-23 20:00")

    def test_a_new_day_off_moves_what_lies_behind_it(self, type, now, office):
        policy(office, first_response=10 * 60)
        made = factories.ticket(type)
        assert clock(made, FIRST).due_at == at("2026-11-23 11:00")
        SpecialDay.objects.create(hours=office, date=dt.date(2026, 11, 23))
        run()
        assert clock(made, FIRST).due_at == at("2026-11-24 11:00")

    def test_what_was_breached_stays_so(self, ticket, rule, now):
        now.is_("11:01")
        sweep()
        SlaPolicy.objects.filter(pk=rule.pk).update(first_response=600)
        run()
        first = clock(ticket, FIRST)
        assert (first.state, first.due_at) == ("breached", at("11:00"))
        assert due(ticket) == at("11:00")

    def test_what_is_late_is_left_to_the_sweep(self, ticket, rule, now):
        now.is_("11:01")
        SlaPolicy.objects.filter(pk=rule.pk).update(first_response=600)
        run()
        sweep()
        assert clock(ticket, FIRST).breached_at == at("11:00")

    def test_a_lower_target_breaches_at_the_edit_and_not_before(self, ticket, rule, now):
        now.is_("10:40")
        SlaPolicy.objects.filter(pk=rule.pk).update(first_response=30)
        run()
        now.is_("10:41")
        sweep()
        assert Event.objects.get(type="ticket.sla_breached").occurred_at == at("10:40")

    def test_without_policies_nothing_is_due(self, ticket, rule):
        rule.delete()
        run()
        assert due(ticket) is None
        assert clock(ticket, FIRST).policy_id is None

    def test_a_policy_for_tickets_that_had_none(self, now, type):
        made = factories.ticket(type)
        now.is_("10:30")
        policy()
        run()
        assert (due(made), clock(made, FIRST).due_at) == (at("11:00"), at("11:00"))

    def test_paused_clocks_learn_of_it_too(self, ticket, rule, staff, now):
        now.is_("12:00")
        service.move(ticket.pk, "hold", staff)
        SlaPolicy.objects.filter(pk=rule.pk).update(resolution=180)
        run()
        now.is_("2026-11-23 09:00")
        service.move(ticket.pk, "resume", staff)
        assert clock(ticket, RESOLUTION).due_at == at("2026-11-23 10:00")

    def test_doing_it_twice_changes_nothing(self, ticket, rule, now):
        now.is_("10:30")
        SlaPolicy.objects.filter(pk=rule.pk).update(resolution=240)
        run()
        once = list(SlaClock.objects.order_by("pk").values())
        run()
        assert list(SlaClock.objects.order_by("pk").values()) == once

    def test_resolved_tickets_are_left_alone(self, ticket, rule, staff):
        service.move(ticket.pk, "resolve", staff)
        before = list(SlaClock.objects.order_by("pk").values())
        SlaPolicy.objects.filter(pk=rule.pk).update(resolution=1, first_response=1)
        assert run().done == 0
        assert list(SlaClock.objects.order_by("pk").values()) == before

    def test_it_says_the_same_as_the_ticket_itself_would(self, rule, type, now, staff, office):
        """Both ways to new terms, the job and an edit of the ticket, agree."""
        policy(office, name="A", order=0, priorities=[Priority.HIGH], resolution=300)
        one, other = factories.ticket(type), factories.ticket(type)
        now.is_("13:00")
        service.edit(one.pk, staff, {"priority": Priority.HIGH})
        Ticket.objects.filter(pk=other.pk).update(priority=Priority.HIGH)
        run()
        told = ("due_at", "warn_at", "elapsed", "since", "policy_id")
        for metric in (FIRST, RESOLUTION):
            assert _some(clock(one, metric), told) == _some(clock(other, metric), told)
        assert due(one) == due(other)


def _some(row, names):
    return {name: getattr(row, name) for name in names}


@pytest.mark.django_db
class TestTheJob:
    def test_batches_show_progress_and_cost_the_same_each(self, type, monkeypatch):
        monkeypatch.setattr(recompute, "BATCH", 4)
        rule = policy()
        for _ in range(10):
            factories.ticket(type)
        SlaPolicy.objects.filter(pk=rule.pk).update(resolution=10)
        with CaptureQueriesContext(connection) as queries:
            job = run()
        assert (job.done, job.total) == (10, 10)
        updates = [one for one in queries if one["sql"].strip().startswith("UPDATE tickets_slacl")]
        assert len(updates) == 3

    def test_killed_it_goes_on_behind_what_was_done(self, type, monkeypatch, now):
        monkeypatch.setattr(recompute, "BATCH", 2)
        rule = policy()
        tickets = [factories.ticket(type) for _ in range(5)]
        now.is_("10:10")
        SlaPolicy.objects.filter(pk=rule.pk).update(resolution=60)
        job, real = recompute.ask(), recompute.batch
        monkeypatch.setattr(recompute, "batch", _dying(real, after=2))
        with pytest.raises(KeyboardInterrupt):
            runner.work_on(job.pk)
        monkeypatch.setattr(recompute, "batch", real)
        now.is_("10:20")
        Job.objects.filter(pk=job.pk).update(beat_at=None)
        assert runner.work_on(job.pk)
        # All by the time at which it began first, as if it had not been killed.
        assert {clock(one, RESOLUTION).since for one in tickets} == {at("10:10")}
        job.refresh_from_db()
        assert (job.done, job.state) == (5, "done")

    def test_many_edits_in_one_form_ask_for_one_job(self, office, woken):
        policy(office)
        with transaction.atomic():
            for day in (5, 6):
                OpenInterval.objects.create(hours=office, weekday=day, opens=NINE, closes=NOON)
            SpecialDay.objects.create(hours=office, date=dt.date(2027, 1, 1))
        assert Job.objects.filter(kind=recompute.KIND).count() == 1

    def test_calendars_that_no_policy_uses_ask_for_none(self, office):
        policy(None)
        SpecialDay.objects.create(hours=office, date=dt.date(2027, 1, 1))
        assert not Job.objects.exists()

    def test_who_asks_sees_the_progress(self, woken):
        lead = base.UserFactory(role="supervisor", scope="all")
        with transaction.atomic():
            assert recompute.ask(lead) == recompute.ask(lead)
            assert recompute.ask().owner is None
        assert list(Job.objects.visible_to(lead).values_list("kind", flat=True)) == [recompute.KIND]


def _dying(real, after):
    calls = []

    def batch(*arguments):
        calls.append(1)
        if len(calls) > after:
            raise KeyboardInterrupt
        return real(*arguments)

    return batch


@pytest.mark.django_db(transaction=True)
def test_tickets_that_change_meanwhile_lose_nothing(type, staff, monkeypatch, woken):
    """Priorities are raised while the job runs: whoever comes second sees the first."""
    monkeypatch.setattr(recompute, "BATCH", 2)
    rule = policy(resolution=480)
    policy(name="A", order=0, priorities=[Priority.HIGH], resolution=120)
    tickets = [factories.ticket(type) for _ in range(8)]
    SlaPolicy.objects.filter(pk=rule.pk).update(resolution=60, order=1)
    job = recompute.ask()

    def work(ticket):
        if ticket is None:
            return runner.work_on(job.pk)
        return service.edit(ticket.pk, SYSTEM, {"priority": Priority.HIGH})

    results = at_once(work, [None, *tickets[::2]])
    assert not [one for one in results if isinstance(one, Exception)]
    for number, ticket in enumerate(tickets):
        resolution = clock(ticket, RESOLUTION)
        minutes = 60 if number % 2 else 120
        assert resolution.target_seconds == minutes * 60
        assert resolution.due_at == resolution.started_at + dt.timedelta(minutes=minutes)
        assert due(ticket) == min(one.due_at for one in ticket.clocks.all())


@pytest.mark.django_db
def test_it_waits_until_nobody_goes_by_the_old_calendar(monkeypatch):
    monkeypatch.setattr(recompute, "GRACE", dt.timedelta(seconds=6))
    slept = []
    monkeypatch.setattr(recompute.time, "sleep", slept.append)
    job = recompute.ask()
    assert runner.work_on(job.pk)
    assert 4 < slept[0] <= 6
    assert timezone.now() - job.created_at < dt.timedelta(seconds=5)
