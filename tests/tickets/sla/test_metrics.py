"""sla_compliance: met ÷ (met + breached)."""

import pytest

from tests.tickets import factories
from tests.tickets.sla.world import FIRST, at, policy
from tickets import service
from tickets.models import SlaClock
from tickets.sla.metrics import compliance
from tickets.sla.sweep import sweep

pytestmark = pytest.mark.django_db


def firsts():
    return SlaClock.objects.filter(metric=FIRST)


def test_met_and_breached_are_counted_and_nothing_else(now, office, type, staff):
    policy(office)
    met, late, running, closed = (factories.ticket(type) for _ in range(4))
    service.comment(met.pk, staff, "您好", is_public=True)
    service.move(closed.pk, "close", staff)
    now.is_("11:30")
    service.comment(late.pk, staff, "抱歉", is_public=True)  # met, but late
    found = compliance(firsts())
    assert (found.met, found.breached, found.rate) == (1, 1, 0.5)
    sweep()
    assert compliance(firsts()).breached == 2  # the one that still runs is late too
    assert running.pk


def test_without_decisions_there_is_no_rate(now, type):
    factories.ticket(type)  # no policy: nothing to keep
    assert compliance(SlaClock.objects.all()).rate is None


def test_tickets_without_a_target_keep_nothing(now, type, staff):
    made = factories.ticket(type)
    service.move(made.pk, "resolve", staff)
    assert compliance(SlaClock.objects.all()).met == 0


def test_a_decision_belongs_to_its_time(now, type, staff):
    policy()
    service.comment(factories.ticket(type).pk, staff, "您好", is_public=True)
    late = factories.ticket(type)
    now.is_("12:30")
    service.comment(late.pk, staff, "抱歉", is_public=True)
    before, after = compliance(firsts(), until=at("11:00")), compliance(firsts(), since=at("11:00"))
    assert (before.met, before.breached) == (1, 0)
    assert (after.met, after.breached) == (0, 1)
