"""What rules do."""

import pytest

from conversations.models import Notice
from tests import factories as base
from tests.tickets.escalation.world import later, rule, ticket
from tests.tickets.factories import TicketTypeFactory
from tickets import service
from tickets.escalation import firing
from tickets.models import Entry, Priority, SupervisionOrder, Ticket
from tickets.service import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def type():
    return TicketTypeFactory()


@pytest.fixture
def made(type):
    return lambda: ticket(type, assignee=base.AgentFactory(groups=[type.group]))


def _fire():
    assert firing.sweep(later(2)) == 1
    return Entry.objects.get(kind="escalated")


def test_a_priority_is_raised_and_never_lowered(made):
    rule(age_hours=1, to_priority=Priority.HIGH)
    row = made()
    assert _fire().data["actions"] == ["优先级提高到高"]
    row.refresh_from_db()
    assert row.priority == Priority.HIGH


def test_what_is_more_urgent_already_stays_so(made):
    rule(age_hours=1, to_priority=Priority.HIGH)
    row = made()
    service.edit(row.pk, SYSTEM, {"priority": Priority.URGENT})
    assert _fire().data["actions"] == []
    row.refresh_from_db()
    assert row.priority == Priority.URGENT


def test_it_goes_to_another_group(made):
    group = base.SkillGroupFactory()
    rule(age_hours=1, to_group=group)
    row = made()
    _fire()
    row.refresh_from_db()
    assert (row.group, row.assignee) == (group, None)


def test_what_is_impossible_is_said_and_the_rest_is_done(made, monkeypatch):
    from lingxi.errors import Conflict
    from tickets.escalation import acting

    def refuse(*args, **kwargs):
        raise Conflict("不行")

    monkeypatch.setattr(acting, "assign", refuse)
    rule(age_hours=1, to_group=base.SkillGroupFactory(name="二线"), tag="升级")
    row = made()
    assert _fire().data["actions"] == ["未能转派给二线：不行", "添加标签“升级”"]
    row.refresh_from_db()
    assert row.tags == ["升级"]


def test_people_are_told_each_once(made):
    lead = base.UserFactory(role="supervisor", scope="all")
    gone = base.UserFactory(role="admin", is_active=False)
    rule(age_hours=1, notify_assignee=True, notify_supervisors=True, notify_users=[lead, gone])
    row = made()
    _fire()
    told = Notice.objects.filter(text__contains="升级规则")
    assert {one.user for one in told} == {lead, row.assignee.user}
    assert told.count() == 2


def test_it_orders_an_answer(made):
    rule(age_hours=1, order_text="说明进展", order_hours=4)
    row = made()
    _fire()
    order = SupervisionOrder.objects.get()
    assert (order.ticket, order.ordered_by, order.ordered_name) == (row, None, "久等")
    assert list(Ticket.objects.supervised()) == [row]


def test_an_open_order_of_the_same_words_is_enough(made):
    rule("一", age_hours=1, order_text="说明进展", order_hours=4)
    rule("二", age_hours=1, order_text="说明进展", order_hours=4)
    made()
    assert firing.sweep(later(2)) == 2
    assert SupervisionOrder.objects.count() == 1


def test_too_many_tags_keep_nothing_from_being_done(made):
    rule(age_hours=1, tag="升级", to_priority=Priority.HIGH)
    row = made()
    service.edit(row.pk, SYSTEM, {"tags": [f"t{n}" for n in range(20)]})
    assert "未能添加标签" in _fire().data["text"]
    row.refresh_from_db()
    assert row.priority == Priority.HIGH
