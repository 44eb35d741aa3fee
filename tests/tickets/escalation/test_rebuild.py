"""A rule that is new or edited applies to what is open already."""

import datetime as dt

import pytest

from lingxi.jobs.models import Job
from lingxi.jobs.runner import work_on
from routing.models import OpenInterval
from tests import factories as base
from tests.tickets.escalation.world import later, rule, ticket
from tickets import service
from tickets.escalation import firing, rebuild
from tickets.models import EscalationTimer
from tickets.service import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings, monkeypatch):
    monkeypatch.setattr(rebuild.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(rebuild, "BATCH", 2)


def _work():
    assert work_on(Job.objects.get(state="waiting").pk)


def test_open_tickets_get_their_timers_and_others_none():
    made = [ticket() for _ in range(5)]
    service.move(made[0].pk, "resolve", SYSTEM)
    row = rule(age_hours=1)
    assert not EscalationTimer.objects.exists()
    rebuild.ask(row, base.UserFactory(role="admin", scope="all"))
    _work()
    assert Job.objects.get().result == {"summary": [["已检查的工单", 4]]}
    assert firing.sweep(later(2)) == 4


def test_an_edited_rule_moves_its_timers():
    ticket()
    row = rule(age_hours=10)
    rebuild.ask(row)
    _work()
    row.age_hours = 1
    row.save()
    rebuild.ask(row)
    _work()
    assert firing.sweep(later(2)) == 1


def test_what_has_fired_is_not_fired_again_by_building():
    ticket()
    row = rule(age_hours=1)
    rebuild.ask(row)
    _work()
    assert firing.sweep(later(2)) == 1
    rebuild.ask(row)
    _work()
    assert firing.sweep(later(2)) == 0


def test_a_rule_that_is_gone_has_nothing_to_build():
    ticket()
    row = rule(age_hours=1)
    rebuild.ask(row)
    row.delete()
    _work()
    assert not EscalationTimer.objects.exists()


def test_an_edited_calendar_moves_the_timers_of_its_rules():
    hours = base.BusinessHoursFactory(week="")
    ticket()
    row = rule(age_hours=1, calendar=hours)
    rule("别的", age_hours=1)
    for weekday in (0, 1):  # in two saves
        OpenInterval.objects.create(
            hours=hours, weekday=weekday, opens=dt.time(9), closes=dt.time(18)
        )
    assert Job.objects.get().params == {"rule": str(row.pk)}
    assert not EscalationTimer.objects.exists()
    _work()
    assert EscalationTimer.objects.get().rule == row
