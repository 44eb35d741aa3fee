"""Making a ticket by hand, from a conversation and from scratch."""

import pytest

from tests import factories as base
from tests.tickets import factories
from tests.tickets.conftest import client_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(group, agent, customer):
    channel = base.ChannelFactory(group=group)
    row = base.ConversationFactory(channel=channel, state="serving", agent=agent, customer=customer)
    base.MessageFactory(conversation=row, author_type="visitor", content={"text": "杯子裂了要退款"})
    return row


@pytest.fixture
def page(agent):
    return client_of(agent.user)


def test_one_click_fills_the_form_from_the_chat(page, type, talk):
    shown = page.get(f"/tickets/new/form/?dialog&conversation={talk.pk}").content.decode()
    assert "杯子裂了要退款" in shown
    assert "13812345678" not in shown
    assert str(talk.pk) in shown


def test_it_is_made_with_the_chats_customer_and_tied_to_the_chat(page, type, talk, customer, agent):
    said = {"type": "refund", "title": "退款", "conversation": str(talk.pk), "attempt": "a1"}
    answer = page.post("/tickets/new/", said)
    assert answer.status_code == 201
    made = Ticket.objects.get()
    assert answer.json() == {
        "number": made.reference,
        "url": f"/tickets/{made.reference}/",
        "is_new": True,
    }
    assert (made.requester_id, made.created_by_id) == (customer.pk, agent.user.pk)
    assert made.links.get().is_source
    again = page.post("/tickets/new/", said)
    assert (again.status_code, again.json()["is_new"]) == (200, False)
    assert Ticket.objects.count() == 1


def test_open_tickets_of_the_customer_are_pointed_at(page, type, talk, customer):
    earlier = factories.ticket(type, requester=customer)
    shown = page.get(f"/tickets/new/form/?conversation={talk.pk}").content.decode()
    assert earlier.reference in shown


def test_the_right_column_lists_the_customers_tickets(page, type, talk, customer):
    ours = factories.ticket(type, requester=customer)
    factories.ticket(type)
    shown = page.get(f"/tickets/of/{talk.pk}/").content.decode()
    assert ours.reference in shown
    assert shown.count("panel-ticket") == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"type": "refund"}, "title"),
        ({"title": "x"}, "type"),
        ({"type": "no", "title": "x"}, "type"),
    ],
)
def test_what_is_missing_is_named(page, type, said, field):
    answer = page.post("/tickets/new/", said)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not Ticket.objects.exists()


def test_a_conversation_out_of_sight_gives_nothing(type, talk, stranger):
    other = client_of(stranger.user)
    assert other.get(f"/tickets/new/form/?conversation={talk.pk}").status_code == 404
    assert other.get(f"/tickets/of/{talk.pk}/").status_code == 404


def test_without_types_the_page_says_so(page):
    assert "还没有可用的工单类型" in page.get("/tickets/new/").content.decode()
