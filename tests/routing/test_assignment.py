"""Whoever waits is served as soon as somebody can, and nobody gets more than they can hold."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from conversations.actions import (
    assign_conversation,
    claim_conversation,
    close_conversation,
    open_conversation,
)
from conversations.actors import SYSTEM
from conversations.models import Conversation, State
from conversations.principals import Visitor
from lingxi.errors import AgentUnavailable, Forbidden, LingxiError
from routing import presence, queue
from routing.assignment import assign_everywhere, assign_waiting
from routing.models import (
    Agent,
    AgentStatus,
    ChannelCapacity,
    RosterEntry,
    Shift,
    SkillGroup,
    WorkItem,
)
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
    queue.set_priority("conversation", urgent.id, 5)
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


def test_priority_is_a_head_start_that_age_makes_up_for(channel):
    old, urgent = arrive(channel), arrive(channel)
    ago = timezone.now() - dt.timedelta(seconds=5 * channel.group.ageing_seconds + 1)
    WorkItem.objects.filter(item_id=old.id).update(enqueued_at=ago, rank_at=ago)
    queue.set_priority("conversation", urgent.id, 5)
    one = agent(channel, capacity=1)
    assign_waiting(channel.group_id)
    assert Conversation.objects.get(pk=old.pk).agent == one
    assert Conversation.objects.get(pk=urgent.pk).state == State.QUEUED


def test_what_nobody_may_serve_does_not_keep_the_others_waiting(channel):
    for _ in range(5):
        arrive(channel)
    WorkItem.objects.update(min_level=90)
    suitable = arrive(channel)
    one = agent(channel, capacity=3)
    assign_waiting(channel.group_id)
    assert Conversation.objects.get(pk=suitable.pk).agent == one
    assert WorkItem.objects.filter(state="waiting").count() == 5


def test_a_limit_for_one_kind_of_channel_leaves_room_for_others(channel):
    app = factories.ChannelFactory(kind="app", group=channel.group)
    one = agent(channel, capacity=3, ready=False, status="busy", present=True)
    ChannelCapacity.objects.create(agent=one, channel_kind="web", capacity=1)
    web, second, other = arrive(channel), arrive(channel), arrive(app)
    presence.set_status(one, AgentStatus.READY)
    served = set(Conversation.objects.filter(agent=one).values_list("id", flat=True))
    assert served == {web.id, other.id}
    assert Conversation.objects.get(pk=second.pk).state == State.QUEUED


def test_only_some_arrive_at_once_when_an_agent_becomes_ready(channel):
    SkillGroup.objects.filter(pk=channel.group_id).update(burst_limit=2, burst_seconds=10)
    one = agent(channel, capacity=9, ready=False, status="busy", present=True)
    for _ in range(5):
        arrive(channel)
    presence.set_status(one, AgentStatus.READY)
    assert Conversation.objects.filter(agent=one).count() == 2
    assert assign_everywhere() == 0
    WorkItem.objects.filter(agent=one).update(assigned_at=timezone.now() - dt.timedelta(seconds=11))
    assert assign_everywhere() == 2


def test_a_reserved_item_waits_for_its_agent_until_the_time_is_over(channel):
    wanted = agent(channel, ready=False, status="busy", present=True)
    conversation = arrive(channel)
    soon = timezone.now() + dt.timedelta(seconds=60)
    WorkItem.objects.update(preferred_agent=wanted, preferred_until=soon)
    other = agent(channel)
    assert assign_waiting(channel.group_id) == 0
    WorkItem.objects.update(preferred_until=timezone.now())
    assert assign_waiting(channel.group_id) == 1
    assert Conversation.objects.get(pk=conversation.pk).agent == other


def test_the_reserved_agent_gets_it_also_when_others_are_freer(channel):
    agent(channel)
    wanted = agent(channel, ready=False, status="busy", present=True)
    factories.WorkItemFactory(state="assigned", agent=wanted, group=channel.group)
    held = factories.ConversationFactory(channel=channel)
    soon = timezone.now() + dt.timedelta(seconds=60)
    WorkItem.objects.filter(item_id=held.id).update(preferred_agent=wanted, preferred_until=soon)
    presence.set_status(wanted, AgentStatus.READY)
    assert Conversation.objects.get(pk=held.pk).agent == wanted


def test_the_agent_who_served_the_customer_last_comes_first(channel):
    SkillGroup.objects.filter(pk=channel.group_id).update(last_agent_first=True)
    agent(channel)
    known = agent(channel)
    customer = factories.CustomerFactory()
    visitor = Visitor(customer.id, channel.id)
    before = factories.ConversationFactory(
        channel=channel, customer=customer, state="closed", agent=known
    )
    Conversation.objects.filter(pk=before.pk).update(accepted_at=timezone.now())
    factories.WorkItemFactory(state="assigned", agent=known, group=channel.group)
    assert Conversation.objects.get(pk=open_conversation(visitor, {}, {})[0].pk).agent == known


@pytest.mark.parametrize("picking", ["claim", "manual"])
def test_where_people_decide_the_machine_does_not(channel, picking):
    SkillGroup.objects.filter(pk=channel.group_id).update(picking=picking)
    agent(channel)
    conversation = arrive(channel)
    assert assign_everywhere() == 0
    assert Conversation.objects.get(pk=conversation.pk).state == State.QUEUED


def test_nobody_claims_where_the_supervisor_hands_out(channel):
    SkillGroup.objects.filter(pk=channel.group_id).update(picking="manual")
    one = agent(channel)
    conversation = arrive(channel)
    with pytest.raises(Forbidden):
        claim_conversation(conversation.id, one)
    chief = factories.UserFactory(role="supervisor", scope="all")
    assert assign_conversation(conversation.id, one, chief).agent == one


def test_off_shift_is_off(channel):
    SkillGroup.objects.filter(pk=channel.group_id).update(by_roster=True)
    one = agent(channel)
    arrive(channel)
    assert assign_everywhere() == 0
    now = timezone.now()
    shift = Shift.objects.create(name="早班", starts=dt.time(8), ends=dt.time(17))
    RosterEntry.objects.bulk_create(
        [
            RosterEntry(
                agent=one,
                shift=shift,
                date=now.date(),
                starts_at=now - dt.timedelta(hours=1),
                ends_at=now + dt.timedelta(hours=1),
            )
        ]
    )
    assert assign_everywhere() == 1


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
