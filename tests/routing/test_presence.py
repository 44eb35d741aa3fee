"""Leases: who is there, and what happens when they are gone."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations import tasks
from conversations.actions import open_conversation
from conversations.models import Conversation, State
from conversations.principals import Visitor
from lingxi.errors import Invalid
from routing import presence
from routing.models import Agent, AgentStatus, Membership, Presence, StatusPeriod
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def arrive(channel):
    """A visitor asks for help."""
    customer = factories.CustomerFactory()
    return open_conversation(Visitor(customer.id, channel.id), {}, {})[0]


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


def periods(agent):
    rows = StatusPeriod.objects.filter(agent=agent).order_by("started_at", "id")
    return [(row.status, row.reason, row.ended_at is None) for row in rows]


def test_every_change_closes_one_period_and_opens_the_next():
    agent = factories.AgentFactory()
    presence.set_status(agent, AgentStatus.READY)
    presence.set_status(agent, AgentStatus.BREAK, "喝水")
    presence.set_status(agent, AgentStatus.BREAK, "喝水")
    presence.set_status(agent, AgentStatus.BREAK, "开会")
    assert periods(agent) == [
        ("ready", "", False),
        ("break", "喝水", False),
        ("break", "开会", True),
    ]
    first, second, _ = StatusPeriod.objects.filter(agent=agent).order_by("id")
    assert first.ended_at == second.started_at


def test_another_reason_alone_does_not_start_the_status_anew():
    agent = factories.AgentFactory()
    since = presence.set_status(agent, AgentStatus.BREAK, "喝水").status_since
    assert presence.set_status(agent, AgentStatus.BREAK, "开会").status_since == since


def test_becoming_ready_is_the_end_of_the_round_with_a_clean_slate():
    agent = factories.AgentFactory(status=AgentStatus.BREAK, missed=3)
    before = agent.turn_at
    agent = presence.set_status(agent, AgentStatus.READY)
    assert agent.turn_at == agent.ready_since > before
    assert agent.missed == 0


def test_other_changes_leave_the_turn_and_what_was_missed():
    agent = factories.AgentFactory(status=AgentStatus.READY, missed=2)
    before = agent.turn_at
    agent = presence.set_status(agent, AgentStatus.BUSY)
    assert (agent.turn_at, agent.missed) == (before, 2)


@pytest.mark.parametrize(
    ("picking", "own", "after"), [("weighted", 1, 7), ("weighted", 9, 9), ("least_active", 1, 1)]
)
def test_who_was_away_starts_level_with_the_least_of_the_ready(picking, own, after):
    group = factories.SkillGroupFactory(picking=picking)
    back = factories.AgentFactory(status=AgentStatus.BREAK, groups=[group])
    strides = {back: own}
    for status, stride in (("ready", 12), ("ready", 7), ("busy", 3)):
        strides[factories.AgentFactory(status=status, groups=[group])] = stride
    for agent, stride in strides.items():
        Membership.objects.filter(agent=agent).update(stride=stride)
    presence.set_status(back, AgentStatus.READY)
    assert Membership.objects.get(agent=back).stride == after


def test_the_only_one_ready_keeps_the_place_in_the_weights():
    group = factories.SkillGroupFactory(picking="weighted")
    back = factories.AgentFactory(groups=[group])
    Membership.objects.update(stride=4)
    presence.set_status(back, AgentStatus.READY)
    assert Membership.objects.get(agent=back).stride == 4


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
