"""Nobody is left where nobody can serve: chains of other groups, the bot, a message left."""

import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Conversation, State
from lingxi.events.models import Event
from routing import overflow
from routing.models import BusinessHours, OverflowStep, SkillGroup, WorkItem
from routing.overflow import Situation, due_step
from tests import factories
from tests.routing.test_assignment import arrive

steps = st.lists(
    st.builds(
        OverflowStep,
        when=st.sampled_from(["waited", "queue_length", "closed", "nobody_online"]),
        limit=st.integers(0, 100),
        then=st.just("offline"),
    ),
    max_size=5,
)
situations = st.builds(
    Situation,
    waited=st.floats(0, 200),
    ahead=st.integers(0, 200),
    is_open=st.booleans(),
    anybody_online=st.booleans(),
)


@given(steps, situations)
def test_the_first_step_that_holds_is_taken(chain, now):
    taken = due_step(chain, now)
    before = chain[: chain.index(taken)] if taken else chain
    assert all(due_step([one], now) is None for one in before)


@pytest.fixture
def channel():
    return factories.ChannelFactory()


def step(channel, when, limit=0, *, then="group", target=None):
    return OverflowStep.objects.create(
        group=channel.group, when=when, limit=limit, then=then, target=target
    )


def waited(conversation, seconds):
    """As if it had come earlier."""
    ago = timezone.now() - dt.timedelta(seconds=seconds)
    WorkItem.objects.filter(item_id=conversation.id).update(enqueued_at=ago, rank_at=ago)


pytestmark = pytest.mark.django_db(transaction=True)


def test_waiting_too_long_leads_to_the_next_group(channel):
    second = factories.SkillGroupFactory()
    step(channel, "waited", 30, target=second)
    early, late = arrive(channel), arrive(channel)
    waited(early, 31)
    assert overflow.flow_over() == 1
    one = factories.AgentFactory(groups=[second], ready=True)
    early.refresh_from_db()
    assert early.group == second
    assert Conversation.objects.get(pk=late.pk).group == channel.group
    assert Event.objects.filter(type="conversation.overflowed").count() == 1
    from routing.assignment import assign_everywhere

    assert assign_everywhere() == 1
    assert Conversation.objects.get(pk=early.pk).agent == one


def test_who_flows_over_keeps_their_place_in_time(channel):
    second = factories.SkillGroupFactory()
    step(channel, "waited", 30, target=second)
    other = arrive(factories.ChannelFactory(group=second))
    waited(other, 10)
    early = arrive(channel)
    waited(early, 40)
    overflow.flow_over()
    queue = WorkItem.objects.waiting().filter(group=second)
    assert [item.item_id for item in queue] == [early.id, other.id]


def test_a_queue_too_long_is_not_entered(channel):
    second = factories.SkillGroupFactory()
    step(channel, "queue_length", 2, target=second)
    arrived = [arrive(channel) for _ in range(4)]
    groups = [Conversation.objects.get(pk=one.pk).group for one in arrived]
    assert groups == [channel.group, channel.group, second, second]


def test_outside_business_hours_a_message_can_be_left_at_once(channel):
    closed = BusinessHours.objects.create(name="从不营业")
    SkillGroup.objects.filter(pk=channel.group_id).update(business_hours=closed)
    step(channel, "closed", then="offline")
    conversation = Conversation.objects.get(pk=arrive(channel).pk)
    assert conversation.state == State.OFFLINE
    assert not WorkItem.objects.pending().exists()
    said = conversation.messages.filter(kind="message").get()
    assert "留下" in said.text


def test_left_to_the_bot_it_waits_for_nobody(channel):
    step(channel, "waited", 5, then="bot")
    conversation = arrive(channel)
    waited(conversation, 6)
    assert overflow.flow_over() == 1
    conversation.refresh_from_db()
    assert (conversation.state, conversation.with_bot) == (State.SERVING, True)


def test_with_nobody_online_the_chain_is_taken(channel):
    second = factories.SkillGroupFactory()
    step(channel, "nobody_online", 10, target=second)
    conversation = arrive(channel)
    waited(conversation, 11)
    online = factories.AgentFactory(groups=[channel.group], status="busy", present=True)
    assert overflow.flow_over() == 0
    online.presences.all().delete()
    assert overflow.flow_over() == 1


def test_a_cycle_that_slipped_through_ends(channel):
    second = factories.SkillGroupFactory()
    step(channel, "waited", 0, target=second)
    OverflowStep.objects.create(
        group=second, when="waited", limit=0, then="group", target=channel.group
    )
    arrive(channel)
    for _ in range(overflow.MOST_HOPS + 5):
        overflow.flow_over()
    item = WorkItem.objects.waiting().get()
    assert item.hops == overflow.MOST_HOPS


def test_a_transfer_does_not_flow_over(channel):
    step(channel, "waited", 0, then="offline")
    factories.WorkItemFactory(group=channel.group, is_transfer=True)
    assert overflow.flow_over() == 0
