"""催办: counted, limited, told."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from conversations.models import Notice
from lingxi.errors import Conflict, Forbidden, NotFound, RateLimited
from lingxi.events.models import Event
from tests import factories as base
from tests.tickets import factories
from tickets import service, urging
from tickets.models import Entry, Urge
from tickets.service import By

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return base.CustomerFactory()


@pytest.fixture
def ticket(customer):
    type = factories.TicketTypeFactory()
    agent = base.AgentFactory(groups=[type.group])
    return factories.ticket(type, assignee=agent, requester=customer)


def _age(minutes):
    for row in Urge.objects.all():
        row.created_at -= dt.timedelta(minutes=minutes)
        row.save()


def test_an_urge_is_counted_shown_and_told(ticket, customer):
    urging.urge(ticket.pk, By.requester(customer), "还没人联系我")
    ticket.refresh_from_db()
    assert ticket.urges == 1
    assert Entry.objects.filter(kind="urged", is_public=True).count() == 1
    assert Event.objects.get(type="ticket.urged").payload["count"] == 1
    assert "第 1 次" in Notice.objects.get(text__contains="催办").text


def test_what_colleagues_say_with_it_is_not_for_the_customer(ticket):
    by = By.staff(base.UserFactory(role="supervisor", scope="all"))
    urging.urge(ticket.pk, by, "这个客户难缠，快点")
    assert not Entry.objects.get(kind="urged").is_public


def test_urging_does_not_break_the_silence(ticket, customer):
    before = ticket.touched_at
    urging.urge(ticket.pk, By.requester(customer))
    ticket.refresh_from_db()
    assert ticket.touched_at == before


def test_a_person_has_to_wait_before_urging_again(ticket, customer):
    by = By.requester(customer)
    urging.urge(ticket.pk, by)
    with pytest.raises(RateLimited) as refused:
        urging.urge(ticket.pk, by)
    assert 590 <= refused.value.retry_after <= 600
    _age(10)
    urging.urge(ticket.pk, by)
    assert Urge.objects.count() == 2


def test_a_person_may_only_so_often_a_day(ticket, customer):
    by = By.requester(customer)
    for _ in range(5):
        urging.urge(ticket.pk, by)
        _age(11)
    with pytest.raises(RateLimited) as refused:
        urging.urge(ticket.pk, by)
    assert refused.value.retry_after > 22 * 3600
    _age(24 * 60 - 50)
    urging.urge(ticket.pk, by)


def test_the_limit_is_each_persons_own_and_each_tickets(ticket, customer):
    urging.urge(ticket.pk, By.requester(customer))
    lead = By.staff(base.UserFactory(role="supervisor", scope="all"))
    urging.urge(ticket.pk, lead)
    other = factories.ticket(ticket.type, requester=customer)
    urging.urge(other.pk, By.requester(customer))
    assert Urge.objects.count() == 3


def test_without_an_assignee_the_supervisors_are_told(customer):
    lead = base.UserFactory(role="supervisor", scope="all")
    ticket = factories.ticket(requester=customer)
    urging.urge(ticket.pk, By.requester(customer))
    assert Notice.objects.get(text__contains="催办").user == lead


def test_strangers_and_rules_do_not_urge(ticket):
    with pytest.raises(NotFound):
        urging.urge(ticket.pk, By.requester(base.CustomerFactory()))
    with pytest.raises(NotFound):
        urging.urge(ticket.pk, By.staff(base.UserFactory(role="agent")))
    with pytest.raises(Forbidden):
        urging.urge(ticket.pk, By.rule("自动规则"))


def test_what_is_resolved_needs_no_urging(ticket, customer):
    service.move(ticket.pk, "resolve", service.SYSTEM)
    with pytest.raises(Conflict):
        urging.urge(ticket.pk, By.requester(customer))


@pytest.mark.django_db(transaction=True)
def test_pressing_twice_at_once_counts_once(ticket, customer):
    def press(_):
        try:
            urging.urge(ticket.pk, By.requester(customer))
            return 1
        except RateLimited:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(press, range(3))) == 1
    ticket.refresh_from_db()
    assert ticket.urges == 1
