"""Leases: who is there, and what happens when they are gone."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations import tasks
from conversations.models import Conversation, State
from lingxi.errors import Invalid
from routing import presence
from routing.models import Agent, AgentStatus, Presence
from tests import factories
from tests.routing.test_assignment import arrive

pytestmark = pytest.mark.django_db(transaction=True)


def long_ago(agent):
    """As if the agent's last lease had ended, and the status was set, an hour ago."""
    past = timezone.now() - dt.timedelta(hours=1)
    Presence.objects.filter(agent=agent).update(expires_at=past)
    Agent.objects.filter(pk=agent.pk).update(status_since=past)


def test_a_lease_makes_an_agent_reachable_and_its_end_unreachable():
    agent = factories.AgentFactory(status=AgentStatus.READY)
    lease = presence.connect(agent.id)
    assert agent in Agent.objects.reachable()
    presence.disconnect([lease])
    assert agent not in Agent.objects.reachable()


def test_renewing_brings_an_expired_lease_back():
    agent = factories.AgentFactory()
    lease = presence.connect(agent.id)
    long_ago(agent)
    presence.renew([lease], {lease: agent.id})
    assert agent in Agent.objects.reachable()


def test_an_unknown_status_is_refused():
    with pytest.raises(Invalid):
        presence.set_status(factories.AgentFactory(), "asleep")


@pytest.mark.parametrize("capacity", [0, -1, 201])
def test_a_senseless_capacity_is_refused(capacity):
    with pytest.raises(Invalid):
        presence.set_capacity(factories.AgentFactory(), capacity)


def test_being_ready_again_starts_the_clock_anew_but_saying_it_twice_does_not():
    agent = factories.AgentFactory(status=AgentStatus.BUSY)
    first = presence.set_status(agent, AgentStatus.READY).ready_since
    assert presence.set_status(agent, AgentStatus.READY).ready_since == first


def test_visitors_of_an_agent_who_is_gone_for_good_go_back_to_the_queue():
    channel = factories.ChannelFactory()
    gone = factories.AgentFactory(ready=True, groups=[channel.group])
    conversation = arrive(channel)
    long_ago(gone)
    other = factories.AgentFactory(ready=True, groups=[channel.group])
    tasks.sweep()
    gone.refresh_from_db()
    assert gone.status == AgentStatus.OFFLINE
    assert Conversation.objects.get(pk=conversation.pk).agent == other


def test_a_short_disconnection_changes_nothing():
    channel = factories.ChannelFactory()
    agent = factories.AgentFactory(ready=True, groups=[channel.group])
    conversation = arrive(channel)
    Presence.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=5))
    tasks.sweep()
    agent.refresh_from_db()
    assert agent.status == AgentStatus.READY
    assert Conversation.objects.get(pk=conversation.pk).agent == agent


def test_a_visitor_learns_that_nobody_is_there_and_is_still_served_later():
    channel = factories.ChannelFactory()
    conversation = arrive(channel)
    tasks.sweep()
    assert Conversation.objects.get(pk=conversation.pk).state == State.QUEUED
    Conversation.objects.update(created_at=timezone.now() - dt.timedelta(minutes=5))
    tasks.sweep()
    assert Conversation.objects.get(pk=conversation.pk).state == State.OFFLINE
    agent = factories.AgentFactory(status=AgentStatus.READY, groups=[channel.group])
    presence.connect(agent.id)
    assert Conversation.objects.get(pk=conversation.pk).state == State.SERVING
