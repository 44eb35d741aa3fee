"""What a visitor who comes back is told at once."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations import actions, returning
from conversations.actors import SYSTEM as SYSTEM_ACTOR
from routing.strategy.keeping import forget_all
from tests.factories import ChannelFactory, ConversationFactory, CustomerFactory
from tests.tickets.factories import TicketTypeFactory, ticket
from tickets import service
from tickets.models import Ticket
from tickets.service import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    return ConversationFactory(state="serving")


def told(conversation):
    return returning.told(conversation.customer_id, conversation.channel_id).get("tickets")


def made(conversation, **more):
    return ticket(requester=conversation.customer, conversation=conversation, **more)


def test_most_visitors_are_told_nothing(conversation):
    ticket(requester=CustomerFactory())
    assert told(conversation) is None


def test_the_ended_conversation_that_tells_of_the_ticket_is_named(conversation):
    made(conversation)
    actions.close_conversation(conversation.pk, SYSTEM_ACTOR)
    found = told(conversation)
    assert (found["active"], found["total"], found["forms"]) == (1, 1, False)
    assert found["conversation"]["id"] == str(conversation.pk)
    assert found["conversation"]["state"] == "closed"


def test_an_open_conversation_comes_first(conversation):
    made(conversation)
    assert told(conversation)["conversation"] is None


def test_old_tickets_that_are_done_are_no_news(conversation):
    one = made(conversation)
    service.move(one.pk, "resolve", SYSTEM)
    actions.close_conversation(conversation.pk, SYSTEM_ACTOR)
    assert told(conversation)["conversation"]
    Ticket.objects.update(updated_at=timezone.now() - dt.timedelta(days=15))
    found = told(conversation)
    assert (found["active"], found["total"], found["conversation"]) == (0, 1, None)


def test_a_conversation_of_another_channel_is_not_named(conversation):
    made(conversation)
    actions.close_conversation(conversation.pk, SYSTEM_ACTOR)
    assert returning.told(conversation.customer_id, ChannelFactory().pk) == {}


def test_forms_are_told_of_where_there_are_any(conversation):
    TicketTypeFactory(is_public=True)
    assert told(conversation) == {"active": 0, "total": 0, "forms": True, "conversation": None}


def test_types_without_a_workflow_are_no_forms(conversation):
    TicketTypeFactory(is_public=True, workflow=False)
    assert told(conversation) is None


def test_it_costs_one_query_for_those_without_tickets(
    conversation, settings, django_assert_num_queries
):
    settings.LINGXI = settings.LINGXI | {"LIVE_KEPT": 60}
    told(conversation)
    with django_assert_num_queries(1):
        told(conversation)
    forget_all()
