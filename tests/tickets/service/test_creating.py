"""Making tickets."""

import pytest

from lingxi.errors import Forbidden, Invalid, TooLong
from lingxi.events.models import Event
from tests import factories as base
from tests.tickets import factories
from tickets.models import Entry, Priority, Source, Ticket
from tickets.service import SYSTEM, By, NewTicket, create, edit

pytestmark = pytest.mark.django_db


def test_a_ticket_starts_where_its_workflow_begins_with_a_human_number():
    made = factories.ticket(title="  屏幕   碎了 ")
    assert (made.status, made.category, made.title) == ("new", "new", "屏幕 碎了")
    assert made.reference == f"T{made.number}"
    assert made.number >= 100_001
    assert made.type_version_id == made.type.current_id
    assert list(Entry.objects.values_list("kind", "revision")) == [("created", 1)]
    event = Event.objects.get(type="ticket.created")
    assert event.payload["number"] == made.reference
    assert event.payload["priority"] == "normal"


def test_the_same_cause_makes_one_ticket():
    type = factories.TicketTypeFactory()
    first, is_new = create(_new(type, cause="api:1"), factories.SYSTEM)
    again, is_new_again = create(_new(type, cause="api:1", title="另一个"), factories.SYSTEM)
    assert (is_new, is_new_again) == (True, False)
    assert first.pk == again.pk
    assert Ticket.objects.count() == 1


def test_the_priority_is_the_types_unless_said_otherwise():
    type = factories.TicketTypeFactory(default_priority=Priority.HIGH)
    assert factories.ticket(type).priority == Priority.HIGH
    assert factories.ticket(type, priority=Priority.LOW).priority == Priority.LOW


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"title": "   "}, Invalid),
        ({"title": "长" * 201}, TooLong),
        ({"title": "a\x00b"}, Invalid),
        ({"description": "长" * 20_001}, TooLong),
        ({"tags": ["标" * 41]}, Invalid),
        ({"fields": {"unknown": 1}}, Invalid),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_left(said, error):
    with pytest.raises(error):
        factories.ticket(**said)
    assert not Ticket.objects.exists()
    assert not Event.objects.exists()


def test_events_say_from_which_conversation_a_ticket_came():
    talk = base.ConversationFactory()
    made = factories.ticket(conversation=talk, requester=talk.customer)
    edit(made.pk, SYSTEM, {"title": "换货"})
    about = Event.objects.filter(type__startswith="ticket.").values_list(
        "type", "conversation_id", "channel", "customer_id"
    )
    said = (talk.pk, talk.channel.key, talk.customer_id)
    assert list(about) == [("ticket.created", *said), ("ticket.updated", *said)]


def test_a_type_out_of_use_takes_no_tickets():
    with pytest.raises(Invalid):
        factories.ticket(factories.TicketTypeFactory(is_active=False))


def test_people_without_the_role_make_none():
    auditor = base.UserFactory(role="auditor")
    with pytest.raises(Forbidden):
        factories.ticket(by=By.staff(auditor))


def _new(type, **more):
    return NewTicket(**{"type": type, "title": "退款", "source": Source.API, **more})
