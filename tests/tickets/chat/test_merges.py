"""Tickets of a customer who became another."""

import pytest

from conversations import customers
from tests.factories import ConversationFactory, CustomerFactory
from tests.tickets.chat.told import events, relay, texts
from tests.tickets.factories import ticket
from tickets import service
from tickets.chat import merges
from tickets.models import Ticket
from tickets.service import SYSTEM

pytestmark = pytest.mark.django_db


def test_their_tickets_go_over_and_go_on_being_told():
    conversation = ConversationFactory(state="serving")
    source, target = conversation.customer, CustomerFactory(name="李雷")
    one = ticket(requester=source, conversation=conversation)
    others = ticket(requester=CustomerFactory())
    relay()
    customers.merge(source, target)
    relay()
    one.refresh_from_db()
    assert one.requester == target
    assert one.entries.last().data["changes"]["requester"]["to"] == "李雷"
    others.refresh_from_db()
    assert others.requester != target
    service.move(one.pk, "resolve", SYSTEM)
    relay()
    assert len(texts(conversation)) == 3


def test_told_twice_nothing_more_happens():
    source, target = CustomerFactory(), CustomerFactory()
    one = ticket(requester=source)
    customers.merge(source, target)
    merges.take(events("customer.merged"))
    revision = Ticket.objects.get(pk=one.pk).revision
    merges.take(events("customer.merged"))
    assert Ticket.objects.get(pk=one.pk).revision == revision


def test_who_became_a_third_meanwhile_is_followed():
    first, second, third = (CustomerFactory() for _ in range(3))
    one = ticket(requester=first)
    customers.merge(first, second)
    customers.merge(second, third)
    merges.take(events("customer.merged"))
    one.refresh_from_db()
    assert one.requester == third
