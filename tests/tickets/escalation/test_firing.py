"""Rules fire when they hold, once in an episode, whatever happens to those who sweep."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone

from lingxi.events.models import Event
from routing import schedule
from routing.worktime import WorkTime
from tests import factories as base
from tests.tickets.escalation.world import HOUR, later, rule, ticket
from tests.tickets.factories import TicketTypeFactory
from tickets import service, urging
from tickets.escalation import acting, firing, timers
from tickets.models import (
    ClockState,
    Entry,
    EscalationTimer,
    Metric,
    Priority,
    SlaClock,
    Ticket,
)
from tickets.service import SYSTEM, By

pytestmark = pytest.mark.django_db


def _fired() -> int:
    return Entry.objects.filter(kind="escalated").count()


def test_age_fires_at_its_hour_and_once():
    rule(age_hours=4)
    ticket()
    assert firing.sweep(later(3.9)) == 0
    assert firing.sweep(later(4.1)) == 1
    assert firing.sweep(later(5)) == 0
    assert (_fired(), Ticket.objects.get().tags) == (1, ["久等"])
    event = Event.objects.get(type="ticket.escalated")
    assert event.payload["rule"]["name"] == "久等"


def test_after_a_downtime_it_fires_once():
    rule(age_hours=4)
    ticket()
    assert [firing.sweep(later(1000)), firing.sweep(later(1000))] == [1, 0]


def test_silence_begins_anew_with_every_reply_and_each_silence_fires():
    rule(silence_hours=4)
    made = ticket()
    agent = By.staff(base.UserFactory(role="admin", scope="all"))
    Ticket.objects.filter(pk=made.pk).update(touched_at=timezone.now() - 3 * HOUR)
    service.comment(made.pk, agent, "在处理")
    assert firing.sweep(later(3.9)) == 0
    assert firing.sweep(later(4.1)) == 1
    assert firing.sweep(later(100)) == 0
    service.comment(made.pk, agent, "还在处理")
    assert firing.sweep(later(4.1)) == 1


def test_reopening_is_a_new_episode_and_age_counts_from_there():
    rule(age_hours=4)
    made = ticket()
    assert firing.sweep(later(5)) == 1
    service.move(made.pk, "resolve", SYSTEM)
    assert firing.sweep(later(100)) == 0
    service.move(made.pk, "reopen", SYSTEM)
    Ticket.objects.filter(pk=made.pk).update(tags=[])
    assert firing.sweep(later(3.9)) == 0
    assert firing.sweep(later(4.1)) == 1


def test_a_raised_priority_begins_nothing_anew():
    rule(age_hours=4, to_priority=Priority.URGENT)
    made = ticket()
    firing.sweep(later(5))
    service.edit(made.pk, SYSTEM, {"priority": Priority.LOW})
    assert firing.sweep(later(10)) == 0
    assert _fired() == 1


def test_urges_count():
    rule(urges=2)
    customer = base.CustomerFactory()
    made = ticket(requester=customer)
    urging.urge(made.pk, By.requester(customer))
    assert firing.sweep(later(0.1)) == 0
    urging.urge(made.pk, By.staff(base.UserFactory(role="admin", scope="all")))
    assert firing.sweep(later(0.1)) == 1


def test_all_conditions_of_a_rule_hold_together():
    rule(urges=1, age_hours=4)
    customer = base.CustomerFactory()
    made = ticket(requester=customer)
    assert firing.sweep(later(5)) == 0
    urging.urge(made.pk, By.requester(customer))
    assert firing.sweep(later(3)) == 0
    assert firing.sweep(later(4.1)) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"min_priority": Priority.HIGH},
        {"categories": ["pending"]},
        {"types": True},
        {"groups": True},
    ],
)
def test_a_rule_is_only_for_those_it_says(said):
    other = TicketTypeFactory()
    said = {**said, **({"types": [other]} if "types" in said else {})}
    said = {**said, **({"groups": [other.group]} if "groups" in said else {})}
    rule(age_hours=1, **said)
    ticket()
    assert firing.sweep(later(5)) == 0
    assert not EscalationTimer.objects.exists()


def test_what_comes_to_fit_later_fires_then():
    rule(age_hours=1, min_priority=Priority.HIGH)
    made = ticket()
    service.edit(made.pk, SYSTEM, {"priority": Priority.URGENT})
    assert firing.sweep(later(2)) == 1


def test_nothing_fires_for_what_is_resolved_or_merged():
    rule(age_hours=1)
    done, source = ticket(), ticket()
    service.move(done.pk, "resolve", SYSTEM)
    service.merge(source.pk, ticket(source.type).pk, SYSTEM)
    assert firing.sweep(later(2)) == 1  # the one that it was merged into


def test_the_sla_is_heard_through_its_events():
    rule("预警", sla="warning")
    rule("超时", sla="breached")
    made = ticket()
    assert firing.sweep(later(1)) == 0
    _breach(made)
    event = Event(type="ticket.sla_breached", payload={"ticket_id": str(made.pk)})
    timers.on_sla([event, event])
    assert firing.sweep(later(1)) == 2
    timers.on_sla([event])
    assert firing.sweep(later(1)) == 0
    assert not EscalationTimer.objects.filter(due_at__isnull=False).exists()


def _breach(made):
    """As the sweep of the SLA leaves it."""
    now = timezone.now()
    times = {"started_at": now - HOUR, "since": now - HOUR, "due_at": now - HOUR / 2}
    SlaClock.objects.update_or_create(
        ticket=made,
        metric=Metric.RESOLUTION,
        round=0,
        defaults={
            **times,
            "state": ClockState.BREACHED,
            "target_seconds": 60,
            "elapsed": 0 * HOUR,
            "breached_at": now,
        },
    )
    Ticket.objects.filter(pk=made.pk).update(is_breached=True)


def test_an_event_of_a_ticket_that_is_gone_is_passed_over():
    rule(sla="breached")
    timers.on_sla([Event(type="ticket.sla_breached", payload={"ticket_id": "nonsense"})])
    gone = {"ticket_id": "01936b1e-8f00-7000-8000-00000000000d"}
    timers.on_sla([Event(type="ticket.sla_breached", payload=gone)])
    assert not EscalationTimer.objects.exists()


def test_business_hours_count_when_the_rule_has_a_calendar():
    hours = base.BusinessHoursFactory()
    rule(age_hours=9, calendar=hours)
    made = ticket()
    work = WorkTime(schedule.plan_of(hours))
    assert EscalationTimer.objects.get().due_at == work.add(made.created_at, 9 * HOUR)


def test_a_calendar_that_never_opens_fires_nothing_and_refuses_no_ticket():
    rule(age_hours=1, calendar=base.BusinessHoursFactory(week=""))
    ticket()
    assert firing.sweep(later(1000)) == 0


def test_a_rule_that_was_switched_off_fires_no_more():
    row = rule(age_hours=1)
    ticket()
    row.is_active = False
    row.save()
    assert firing.sweep(later(2)) == 0
    assert firing.sweep(later(2)) == 0
    assert not EscalationTimer.objects.filter(due_at__isnull=False).exists()


def test_the_sweep_asks_nothing_when_nothing_is_due(django_assert_num_queries):
    rule(age_hours=4)
    for _ in range(5):
        ticket()
    with django_assert_num_queries(1):
        firing.sweep()


def test_a_kill_in_the_middle_undoes_it_whole(monkeypatch):
    rule(age_hours=1, to_priority=Priority.URGENT)
    ticket()
    row = EscalationTimer.objects.get()
    with monkeypatch.context() as patch:
        patch.setattr(firing, "act", _act_and_die)
        with pytest.raises(SystemExit):
            firing.fire(row.pk, row.ticket_id, later(2))
    assert (_fired(), Ticket.objects.get().priority) == (0, Priority.NORMAL)
    assert firing.sweep(later(2)) == 1
    assert (_fired(), Ticket.objects.get().priority) == (1, Priority.URGENT)


def _act_and_die(*args):
    acting.act(*args)
    raise SystemExit


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_fire_each_rule_once():
    rule(age_hours=1)
    for _ in range(6):
        ticket()
    at = later(2)

    def sweep(_):
        try:
            return sum(firing.sweep(at) for _ in range(3))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(sweep, range(3))) == 6
    assert _fired() == 6
