"""Tickets of visitors who wait too long for a human."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations.models import Conversation
from tests.factories import ChannelFactory, ConversationFactory, MessageFactory
from tests.tickets.automation.conftest import rule
from tickets.automation import waiting
from tickets.models import RuleFiring, Ticket

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def since(conversation, minutes, **more):
    at = NOW - dt.timedelta(minutes=minutes)
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=at, **more)


def test_it_works_once(conversation):
    rule("unanswered", minutes=10)
    MessageFactory(conversation=conversation, content={"type": "text", "text": "包裹丢了"})
    since(conversation, 10)
    assert waiting.sweep(NOW) == 1
    one = Ticket.objects.get()
    assert (one.source, one.title) == ("unanswered", "包裹丢了")
    assert waiting.sweep(NOW + dt.timedelta(hours=1)) == 0
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("minutes", "more"),
    [(9, {}), (99, {"with_bot": True}), (99, {"state": "closed"})],
    ids=["not yet", "the bot serves", "over"],
)
def test_not_when(conversation, minutes, more):
    rule("unanswered", minutes=10)
    since(conversation, minutes, **more)
    assert waiting.sweep(NOW) == 0


def test_who_waits_in_the_queue_counts_too(group):
    rule("unanswered", minutes=10)
    since(ConversationFactory(channel__group=group), 11)
    assert waiting.sweep(NOW) == 1


def test_only_where_the_rule_holds(conversation):
    rule("unanswered", minutes=10, channels=[ChannelFactory()])
    since(conversation, 11)
    assert waiting.sweep(NOW) == 0


def test_answered_in_the_last_moment(conversation, monkeypatch):
    rule("unanswered", minutes=10)
    since(conversation, 11)
    found = waiting.due

    def answered(*args):
        pks = found(*args)
        Conversation.objects.update(waiting_since=None)
        return pks

    monkeypatch.setattr(waiting, "due", answered)
    assert waiting.sweep(NOW) == 0
    assert not RuleFiring.objects.exists()


def test_what_it_has_done_costs_nothing_more(group, django_assert_num_queries):
    rule("unanswered", minutes=10)
    for _ in range(5):
        since(ConversationFactory(channel__group=group), 30)
    assert waiting.sweep(NOW) == 5
    with django_assert_num_queries(4):  # the rules with where they hold, and what is due
        waiting.sweep(NOW)
