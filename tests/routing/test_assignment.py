"""Whoever waits is served as soon as somebody can, and nobody gets more than they can hold."""

import threading
import uuid

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from conversations.actions import close_conversation, open_conversation
from conversations.actors import SYSTEM
from conversations.models import Conversation, State
from conversations.principals import Visitor
from lingxi.errors import AgentUnavailable
from routing import presence
from routing.assignment import Candidate, assign_everywhere, assign_waiting, pick
from routing.models import Agent, AgentStatus, WorkItem
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def arrive(channel):
    """A visitor asks for help."""
    customer = factories.CustomerFactory()
    return open_conversation(Visitor(customer.id, channel.id), {}, {})[0]


@pytest.fixture
def channel():
    return factories.ChannelFactory()


def agent(channel, **kwargs):
    return factories.AgentFactory(groups=[channel.group], **{"ready": True, **kwargs})


# -- the choice, as a pure function --------------------------------------------------------------

candidates = st.lists(
    st.builds(
        Candidate,
        load=st.integers(0, 5),
        ready_since=st.floats(0, 100),
        agent_id=st.uuids(),
        capacity=st.integers(0, 6),
    ),
    max_size=8,
)


@given(st.integers(0, 40), candidates)
def test_the_choice_uses_all_room_and_never_more(count, people):
    room = {one.agent_id: max(0, one.capacity - one.load) for one in people}
    picked = pick(count, people)
    assert len(picked) == min(count, sum(room.values()))
    assert all(picked.count(agent_id) <= room[agent_id] for agent_id in set(picked))


@given(st.integers(1, 40), candidates)
def test_the_choice_levels_the_load(count, people):
    before = {one.agent_id: (one.load, one.capacity) for one in people}
    after = {agent_id: load for agent_id, (load, _) in before.items()}
    for agent_id in pick(count, people):
        smallest = min(load for other, load in after.items() if load < before[other][1])
        assert after[agent_id] == smallest
        after[agent_id] += 1


def test_among_equals_the_longest_ready_goes_first():
    old, new = Candidate(1, 10.0, uuid.uuid4(), 5), Candidate(1, 20.0, uuid.uuid4(), 5)
    assert pick(1, [new, old]) == [old.agent_id]


# -- every cause -----------------------------------------------------------------------------------


def test_an_arrival_goes_to_a_ready_agent(channel):
    one = agent(channel)
    conversation = arrive(channel)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.agent) == (State.SERVING, one)
    assert conversation.accepted_at is not None


@pytest.mark.parametrize("status", [AgentStatus.BUSY, AgentStatus.BREAK, AgentStatus.OFFLINE])
def test_only_the_ready_get_work(channel, status):
    agent(channel, ready=False, status=status, present=True)
    assert Conversation.objects.get(pk=arrive(channel).pk).state == State.QUEUED


def test_who_is_not_connected_gets_no_work(channel):
    agent(channel, ready=False, status=AgentStatus.READY)
    assert Conversation.objects.get(pk=arrive(channel).pk).state == State.QUEUED


def test_becoming_ready_takes_who_waits(channel):
    one = agent(channel, ready=False, status=AgentStatus.BUSY, present=True)
    conversation = arrive(channel)
    presence.set_status(one, AgentStatus.READY)
    assert Conversation.objects.get(pk=conversation.pk).agent == one


def test_coming_back_takes_who_waits(channel):
    one = agent(channel, ready=False, status=AgentStatus.READY)
    conversation = arrive(channel)
    presence.connect(one.id)
    assert Conversation.objects.get(pk=conversation.pk).agent == one


def test_an_end_makes_room_for_the_next(channel):
    one = agent(channel, capacity=1)
    first, second = arrive(channel), arrive(channel)
    assert Conversation.objects.get(pk=second.pk).state == State.QUEUED
    close_conversation(first.id, SYSTEM)
    assert Conversation.objects.get(pk=second.pk).agent == one


def test_more_capacity_takes_who_waits(channel):
    one = agent(channel, capacity=1)
    arrive(channel)
    second = arrive(channel)
    presence.set_capacity(one, 2)
    assert Conversation.objects.get(pk=second.pk).agent == one


def test_joining_a_group_takes_who_waits_there(channel):
    one = factories.AgentFactory(ready=True)
    conversation = arrive(channel)
    one.groups.add(channel.group)
    assert Conversation.objects.get(pk=conversation.pk).agent == one


def test_the_sweep_finds_what_a_killed_process_left(channel):
    conversation = arrive(channel)
    one = agent(channel)  # no cause was told: as if the process died before it could
    assert assign_everywhere() == 1
    assert Conversation.objects.get(pk=conversation.pk).agent == one


def test_first_come_first_served_within_a_priority(channel):
    first, second = arrive(channel), arrive(channel)
    urgent = arrive(channel)
    WorkItem.objects.filter(item_id=urgent.id).update(priority=5)
    one = agent(channel, capacity=2)
    assign_waiting(channel.group_id)
    served = set(Conversation.objects.filter(agent=one).values_list("id", flat=True))
    assert served == {urgent.id, first.id}
    assert Conversation.objects.get(pk=second.pk).state == State.QUEUED


def test_hundreds_wait_and_one_call_assigns_them_all(channel):
    for _ in range(3):
        agent(channel, capacity=100)
    for _ in range(5):
        arrive(channel)
    assert not WorkItem.objects.filter(state="waiting").exists()


def test_a_named_agent_who_is_full_is_refused(channel):
    from conversations.actions import claim_conversation

    one = agent(channel, capacity=1)
    arrive(channel)
    waiting = arrive(channel)
    with pytest.raises(AgentUnavailable):
        claim_conversation(waiting.id, one)


# -- several at once ------------------------------------------------------------------------------


def at_once(*calls):
    """Run the calls in threads that start together; what each raised."""
    barrier, raised = threading.Barrier(len(calls)), []

    def run(call):
        barrier.wait()
        try:
            call()
        except Exception as exc:
            raised.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def check_invariants():
    """No agent above capacity, nobody served by two, nobody waiting while an agent has room."""
    for one in Agent.objects.with_load():
        assert one.load <= one.capacity
    for conversation in Conversation.objects.filter(state=State.SERVING):
        item = WorkItem.objects.get(item_id=conversation.id, state="assigned")
        assert item.agent_id == conversation.agent_id
    for item in WorkItem.objects.filter(state="waiting"):
        idle = [
            one
            for one in Agent.objects.filter(groups=item.group, status="ready")
            .reachable(timezone.now())
            .with_load()
            if one.load < one.capacity
        ]
        assert not idle, f"{item} waits though {idle} could serve"


def test_parallel_assigners_give_each_conversation_once(channel):
    for _ in range(12):
        arrive(channel)
    for _ in range(3):
        agent(channel, capacity=3)
    assert at_once(*[lambda: assign_waiting(channel.group_id)] * 6) == []
    assert Conversation.objects.filter(state=State.SERVING).count() == 9
    check_invariants()


def test_arrivals_and_ends_and_claims_at_once_leave_nobody_forgotten(channel):
    from conversations.actions import claim_conversation
    from lingxi.errors import LingxiError

    agents = [agent(channel, capacity=2) for _ in range(3)]
    first = [arrive(channel) for _ in range(9)]
    customers = [factories.CustomerFactory() for _ in range(6)]
    calls = [
        *(lambda one=one: close_conversation(one.id, SYSTEM) for one in first[:4]),
        *(
            lambda who=who: open_conversation(Visitor(who.id, channel.id), {}, {})
            for who in customers
        ),
        *(lambda a=a: claim_conversation(first[8].id, a) for a in agents),
        lambda: presence.set_capacity(agents[0], 4),
    ]
    raised = at_once(*calls)
    assert all(isinstance(exc, LingxiError) for exc in raised), raised
    check_invariants()
    assert Conversation.objects.filter(state=State.SERVING).count() == 8


def test_one_visitor_in_two_tabs_gets_one_conversation(channel):
    customer = factories.CustomerFactory()
    visitor = Visitor(customer.id, channel.id)
    assert at_once(*[lambda: open_conversation(visitor, {}, {})] * 6) == []
    assert Conversation.objects.filter(customer=customer).count() == 1
