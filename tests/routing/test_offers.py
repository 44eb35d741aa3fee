"""Offers: asked, accepted, declined, not answered; of all that can end one, exactly one does."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from conversations.models import Conversation, InboxEntry, State
from lingxi.errors import AgentUnavailable, Conflict
from lingxi.events.models import Event
from routing import offers, presence
from routing.assignment import assign_everywhere, assign_waiting
from routing.models import Agent, AgentStatus, SkillGroup, WorkItem, WorkState
from tests import factories
from tests.routing.test_assignment import arrive, at_once

pytestmark = pytest.mark.django_db(transaction=True)
KIND = "conversation"


@pytest.fixture
def channel():
    return factories.ChannelFactory(group__offer_seconds=20)


def agent(channel, **kwargs):
    return factories.AgentFactory(groups=[channel.group], **{"ready": True, **kwargs})


def run_out():
    """As if the time to answer were over."""
    past = timezone.now() - dt.timedelta(seconds=1)
    WorkItem.objects.filter(state=WorkState.OFFERED).update(offer_expires_at=past)


def item_of(conversation):
    return WorkItem.objects.get(item_id=conversation.id, state__in=["waiting", "offered"])


def test_the_agent_is_asked_and_the_visitor_waits_on(channel):
    one = agent(channel)
    conversation = arrive(channel)
    item = item_of(conversation)
    assert (item.state, item.agent) == (WorkState.OFFERED, one)
    assert Conversation.objects.get(pk=conversation.pk).state == State.QUEUED
    assert InboxEntry.objects.filter(agent=one, change="offered").exists()


def test_an_offer_counts_as_load(channel):
    agent(channel, capacity=1)
    arrive(channel)
    assert item_of(arrive(channel)).state == WorkState.WAITING


def test_accepting_makes_it_theirs(channel):
    one = agent(channel)
    conversation = arrive(channel)
    offers.accept(KIND, conversation.id, one)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.agent) == (State.SERVING, one)


def test_accepting_twice_is_no_error(channel):
    one = agent(channel)
    conversation = arrive(channel)
    first = offers.accept(KIND, conversation.id, one)
    assert offers.accept(KIND, conversation.id, one) == first


def test_nobody_else_can_accept(channel):
    agent(channel)
    conversation = arrive(channel)
    with pytest.raises(Conflict):
        offers.accept(KIND, conversation.id, agent(channel))


def test_accepting_too_late_is_refused(channel):
    one = agent(channel)
    conversation = arrive(channel)
    run_out()
    with pytest.raises(Conflict):
        offers.accept(KIND, conversation.id, one)


def test_who_is_gone_cannot_accept(channel):
    one = agent(channel)
    conversation = arrive(channel)
    one.presences.all().delete()
    with pytest.raises(AgentUnavailable):
        offers.accept(KIND, conversation.id, one)


def test_a_declined_offer_goes_to_the_next_and_not_back(channel):
    first = agent(channel)
    conversation = arrive(channel)
    second = agent(channel)
    offers.decline(KIND, conversation.id, first)
    assert item_of(conversation).agent == second
    offers.decline(KIND, conversation.id, second)
    assert item_of(conversation).state == WorkState.WAITING


def test_after_a_while_those_who_declined_are_asked_again(channel):
    one = agent(channel)
    conversation = arrive(channel)
    offers.decline(KIND, conversation.id, one)
    offers.expire()
    assert assign_everywhere() == 0
    WorkItem.objects.update(declined_at=timezone.now() - offers.ASK_AGAIN)
    offers.expire()
    assert assign_everywhere() == 1
    assert item_of(conversation).agent == one


def test_a_missed_offer_moves_on_and_is_counted(channel):
    first = agent(channel)
    conversation = arrive(channel)
    second = agent(channel)
    run_out()
    assert offers.expire() == 1
    assert item_of(conversation).agent == second
    assert Agent.objects.get(pk=first.pk).missed == 1
    assert Event.objects.filter(type="agent.missed_offer").count() == 1


def test_an_offer_that_has_time_left_stays(channel):
    agent(channel)
    arrive(channel)
    assert offers.expire() == 0


def test_several_missed_in_a_row_are_a_break(channel):
    SkillGroup.objects.filter(pk=channel.group_id).update(missed_limit=2)
    one = agent(channel, capacity=5)
    for _ in range(2):
        arrive(channel)
    run_out()
    assert offers.expire() == 2
    one.refresh_from_db()
    assert one.status == AgentStatus.BREAK
    assert "未应答" in one.status_reason


@pytest.mark.parametrize("status", [AgentStatus.BREAK, AgentStatus.OFFLINE])
def test_who_leaves_is_not_waited_for(channel, status):
    one = agent(channel)
    conversation = arrive(channel)
    second = agent(channel)
    presence.set_status(one, status)
    assert item_of(conversation).agent == second


def test_an_answer_begins_the_count_anew(channel):
    one = agent(channel)
    Agent.objects.filter(pk=one.pk).update(missed=2)
    offers.accept(KIND, arrive(channel).id, one)
    assert Agent.objects.get(pk=one.pk).missed == 0


def test_who_comes_back_from_an_automatic_break_begins_anew(channel):
    one = agent(channel)
    Agent.objects.filter(pk=one.pk).update(missed=3, status=AgentStatus.BREAK)
    presence.set_status(Agent.objects.get(pk=one.pk), AgentStatus.READY)
    assert Agent.objects.get(pk=one.pk).missed == 0


def test_accepting_and_running_out_at_once_agree(channel):
    """Whoever wins, the item is with one agent or waiting, never both."""
    one = agent(channel)
    for _ in range(4):
        conversation = arrive(channel)
        soon = timezone.now() + dt.timedelta(milliseconds=15)
        WorkItem.objects.filter(item_id=conversation.id).update(offer_expires_at=soon)
        at_once(
            lambda c=conversation: offers.accept(KIND, c.id, one),
            *[offers.expire] * 3,
            lambda c=conversation: offers.decline(KIND, c.id, one),
        )
        held = WorkItem.objects.filter(item_id=conversation.id).exclude(state=WorkState.DONE)
        assert held.count() == 1
        conversation.refresh_from_db()
        assert (conversation.state == State.SERVING) == (held.get().state == WorkState.ASSIGNED)


def test_the_agent_can_be_offered_more_by_hand_only_with_room(channel):
    one = agent(channel, capacity=1)
    served = factories.ConversationFactory(channel=channel, state=State.SERVING)
    with transaction.atomic():
        offers.offer_to(KIND, served.id, one, channel.group, seconds=30)
    other = factories.ConversationFactory(channel=channel, state=State.SERVING)
    with transaction.atomic(), pytest.raises(AgentUnavailable):
        offers.offer_to(KIND, other.id, one, channel.group, seconds=30)


def test_claiming_passes_over_what_is_offered_to_others(channel):
    from conversations.actions import claim_conversation

    agent(channel)
    conversation = arrive(channel)
    with pytest.raises(Conflict):
        claim_conversation(conversation.id, agent(channel))


def test_two_browsers_of_one_agent_accept_once(channel):
    one = agent(channel)
    conversation = arrive(channel)
    assert at_once(*[lambda: offers.accept(KIND, conversation.id, one)] * 3) == []
    assert WorkItem.objects.filter(item_id=conversation.id).count() == 1
    assert assign_waiting(channel.group_id) == 0
