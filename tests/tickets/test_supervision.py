"""督办: orders, answers, deadlines."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations.models import Notice
from lingxi.errors import Conflict, Forbidden, Invalid, NotFound
from lingxi.events.models import Event
from tests import factories as base
from tests.tickets import factories
from tickets import service, supervision
from tickets.models import Entry, SupervisionOrder, Ticket
from tickets.service import SYSTEM, By

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def ticket():
    type = factories.TicketTypeFactory()
    return factories.ticket(type, assignee=base.AgentFactory(groups=[type.group]))


@pytest.fixture
def lead():
    return By.staff(base.UserFactory(role="supervisor", scope="all"))


@pytest.fixture
def worker(ticket):
    return By.staff(ticket.assignee.user)


def _order(ticket, by, hours=4):
    return supervision.order(ticket.pk, by, "今天联系客户", timezone.now() + hours * HOUR)


def test_an_order_is_told_and_listed_until_it_is_answered(ticket, lead, worker):
    row = _order(ticket, lead)
    assert Notice.objects.get(user=worker.user, text__contains="督办").text.startswith(lead.name)
    assert list(Ticket.objects.supervised()) == [ticket]
    row = supervision.answer(row.pk, worker, "已联系")
    assert (row.state, row.answered_by) == ("answered", worker.user)
    assert Notice.objects.filter(user=lead.user).exists()
    assert not Ticket.objects.supervised().exists()
    told = Event.objects.filter(type="ticket.supervised").order_by("position")
    assert [one.payload["state"] for one in told] == ["open", "answered"]
    assert Entry.objects.filter(kind="supervised", is_public=False).count() == 2


@pytest.mark.parametrize("transition", ["resolve", "close"])
def test_what_is_supervised_cannot_be_done_with_before_the_answer(ticket, lead, worker, transition):
    row = _order(ticket, lead)
    for by in (worker, lead, SYSTEM):
        with pytest.raises(Conflict, match="督办"):
            service.move(ticket.pk, transition, by)
    service.move(ticket.pk, "start", worker)
    supervision.answer(row.pk, worker, "已联系")
    service.move(ticket.pk, transition, worker)


def test_an_unanswered_order_is_overdue_once_also_after_a_downtime(ticket, lead, worker):
    row = _order(ticket, lead, hours=1)
    assert supervision.sweep() == 0
    late = timezone.now() + 100 * HOUR
    assert [supervision.sweep(late), supervision.sweep(late)] == [1, 0]
    row.refresh_from_db()
    assert (row.overdue_at, row.state) == (late, "open")
    assert Notice.objects.filter(user=lead.user).count() == 1
    assert Event.objects.filter(type="ticket.supervised").count() == 2
    supervision.answer(row.pk, worker, "晚了")


def test_an_answer_in_time_is_never_overdue(ticket, lead, worker):
    supervision.answer(_order(ticket, lead).pk, worker, "好")
    assert supervision.sweep(timezone.now() + 100 * HOUR) == 0


def test_only_who_ordered_takes_it_back(ticket, lead, worker):
    row = _order(ticket, lead)
    other = By.staff(base.UserFactory(role="supervisor", scope="all"))
    for by in (other, worker):
        with pytest.raises(Forbidden):
            supervision.withdraw(row.pk, by)
    assert supervision.withdraw(row.pk, lead).state == "withdrawn"
    with pytest.raises(Conflict):
        supervision.answer(row.pk, worker, "好")


@pytest.mark.parametrize(
    ("text", "hours"), [("", 4), ("  ", 4), ("联系", -1), ("联系", 0), ("联系", 24 * 400)]
)
def test_an_order_needs_words_and_a_deadline_ahead(ticket, lead, text, hours):
    with pytest.raises(Invalid):
        supervision.order(ticket.pk, lead, text, timezone.now() + hours * HOUR)
    assert not SupervisionOrder.objects.exists()


def test_people_without_the_role_or_the_sight_of_it_order_nothing(ticket, worker):
    with pytest.raises(Forbidden):
        _order(ticket, worker)
    elsewhere = By.staff(base.UserFactory(role="supervisor", scope="group"))
    with pytest.raises(NotFound):
        _order(ticket, elsewhere)


def test_an_answer_is_given_by_those_who_see_the_ticket(ticket, lead):
    row = _order(ticket, lead)
    with pytest.raises(NotFound):
        supervision.answer(row.pk, By.staff(base.UserFactory(role="agent")), "好")
    with pytest.raises(Forbidden):
        supervision.answer(row.pk, By.staff(base.UserFactory(role="auditor", scope="all")), "好")


def test_a_resolved_ticket_is_not_supervised(ticket, lead, worker):
    service.move(ticket.pk, "resolve", worker)
    with pytest.raises(Conflict):
        _order(ticket, lead)


def test_an_order_ends_where_its_ticket_is_merged_into_another(ticket, lead):
    row = _order(ticket, lead)
    service.merge(ticket.pk, factories.ticket(ticket.type).pk, lead)
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_without_an_assignee_the_group_is_told(lead):
    type = factories.TicketTypeFactory()
    agents = [base.AgentFactory(groups=[type.group]) for _ in range(2)]
    _order(factories.ticket(type), lead)
    assert set(Notice.objects.values_list("user_id", flat=True)) == {a.user_id for a in agents}
