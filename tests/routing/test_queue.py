"""Where a visitor stands, and how long it may take."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations.actions import close_conversation
from conversations.actors import SYSTEM
from routing import queue
from routing.models import WorkItem
from tests import factories
from tests.routing.test_assignment import arrive

pytestmark = pytest.mark.django_db(transaction=True)


def test_positions_count_from_one_and_move_up():
    channel = factories.ChannelFactory()
    first, second, third = (arrive(channel) for _ in range(3))
    places = queue.positions_in("conversation", channel.group_id)
    assert [places[one.id].position for one in (first, second, third)] == [1, 2, 3]
    assert places[third.id].ahead == 2
    close_conversation(first.id, SYSTEM)
    assert queue.position_of("conversation", third.id).position == 2


def test_who_does_not_wait_has_no_position():
    channel = factories.ChannelFactory()
    factories.AgentFactory(ready=True, groups=[channel.group])
    assert queue.position_of("conversation", arrive(channel).id) is None


def test_without_a_pace_no_wait_is_promised():
    conversation = arrive(factories.ChannelFactory())
    assert queue.position_of("conversation", conversation.id).estimated_wait is None


def test_the_estimate_follows_the_recent_pace():
    channel = factories.ChannelFactory()
    agent = factories.AgentFactory()
    now = timezone.now()
    for number in range(10):  # one a minute for ten minutes
        WorkItem.objects.create(
            kind="conversation",
            item_id=factories.CustomerFactory().id,
            group=channel.group,
            agent=agent,
            state="done",
            assigned_at=now - dt.timedelta(minutes=10 - number),
        )
    arrive(channel)
    second = arrive(channel)
    assert queue.position_of("conversation", second.id).estimated_wait == pytest.approx(120, abs=3)
