"""The table of states, and a machine that drives real conversations through it."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from conversations import actions, participation, supervision, transfers
from conversations.actors import SYSTEM, Actor
from conversations.models import AuthorType, Conversation, Message, Participant, State
from conversations.principals import Visitor
from conversations.states import TRANSITIONS, Trigger, next_state
from lingxi.errors import ConversationClosed, Forbidden, LingxiError, TransitionNotAllowed
from lingxi.events.models import Event
from routing import offers, presence
from routing.models import Agent, AgentStatus, SkillGroup, WorkItem
from tests import factories


@pytest.mark.parametrize("trigger", Trigger)
def test_nothing_leaves_closed(trigger):
    with pytest.raises(ConversationClosed):
        next_state(State.CLOSED, trigger, AuthorType.SYSTEM)


def test_every_open_state_can_be_closed_by_both_sides():
    for state in set(State) - {State.CLOSED}:
        for by in (AuthorType.VISITOR, AuthorType.AGENT, AuthorType.SYSTEM):
            assert next_state(state, Trigger.CLOSE, by) == State.CLOSED


def test_a_visitor_pulls_nothing_but_the_end_and_the_handoff():
    for (state, trigger), (_, allowed) in TRANSITIONS.items():
        theirs = trigger in (Trigger.CLOSE, Trigger.HANDOFF)
        assert (AuthorType.VISITOR in allowed) == theirs, (state, trigger)


def test_a_transfer_that_comes_to_nothing_leads_back_to_serving():
    offered = next_state(State.SERVING, Trigger.TRANSFER, AuthorType.AGENT)
    assert offered == State.TRANSFERRING
    assert next_state(offered, Trigger.KEEP, AuthorType.SYSTEM) == State.SERVING
    assert next_state(offered, Trigger.ASSIGN, AuthorType.SYSTEM) == State.SERVING


def test_a_step_that_is_not_in_the_table_is_refused():
    with pytest.raises(TransitionNotAllowed):
        next_state(State.QUEUED, Trigger.TRANSFER, AuthorType.AGENT)


def test_a_step_that_is_not_theirs_is_refused():
    with pytest.raises(Forbidden):
        next_state(State.QUEUED, Trigger.ASSIGN, AuthorType.VISITOR)


class Life(RuleBasedStateMachine):
    """Visitors come, agents come and go, everybody does what they may and what they may not."""

    @initialize()
    def people(self):
        """Two groups, three agents with one in both, three visitors."""
        truncate()
        self.groups = [factories.SkillGroupFactory() for _ in range(2)]
        self.channel = factories.ChannelFactory(group=self.groups[0])
        memberships = [[0], [1], [0, 1]]
        self.agents = [
            factories.AgentFactory(
                present=True, capacity=2, groups=[self.groups[number] for number in numbers]
            )
            for numbers in memberships
        ]
        self.supervisor = factories.UserFactory(role="supervisor", scope="all")
        self.visitors = [Visitor(factories.CustomerFactory().id, self.channel.id) for _ in range(3)]

    def try_(self, call, *args, **kwargs):
        """Do it; members of the error family are an answer, anything else is a fault."""
        try:
            call(*args, **kwargs)
        except LingxiError:
            return

    def some(self, number):
        """One of the conversations there are, or None."""
        found = list(Conversation.objects.order_by("created_at"))
        return found[number % len(found)] if found else None

    @rule(number=st.integers(0, 2))
    def arrives(self, number):
        """A visitor asks for help, perhaps again."""
        self.try_(actions.open_conversation, self.visitors[number], {}, {})

    @rule(number=st.integers(0, 2), status=st.sampled_from(AgentStatus.values))
    def changes_status(self, number, status):
        """An agent becomes ready, busy, takes a break or leaves."""
        presence.set_status(self.agents[number], status)

    @rule(number=st.integers(0, 2), capacity=st.integers(1, 3))
    def changes_capacity(self, number, capacity):
        """A supervisor changes how many an agent can hold."""
        presence.set_capacity(self.agents[number], capacity)

    @rule(which=st.integers(0, 9), by=st.sampled_from(["visitor", "agent", "system", "stranger"]))
    def ends(self, which, by):
        """Somebody ends a conversation."""
        if (found := self.some(which)) is None:
            return
        actor = {
            "visitor": Actor.visitor(found.customer_id),
            "agent": Actor.agent(self.agents[0]),
            "system": SYSTEM,
            "stranger": Actor.visitor(self.agents[0].id),
        }[by]
        self.try_(actions.close_conversation, found.id, actor)

    @rule(which=st.integers(0, 9), number=st.integers(0, 2))
    def claims(self, which, number):
        """An agent picks from the queue."""
        if (found := self.some(which)) is not None:
            self.try_(actions.claim_conversation, found.id, self.agents[number])

    @rule(which=st.integers(0, 9), by=st.integers(0, 2), to=st.integers(0, 2))
    def offers_to_agent(self, which, by, to):
        """An agent wants another to take over."""
        if (found := self.some(which)) is not None:
            by, to = self.agents[by], self.agents[to]
            self.try_(transfers.transfer_conversation, found.id, by, to_agent=to, note="请跟进")

    @rule(which=st.integers(0, 9), by=st.integers(0, 2), to=st.integers(0, 1))
    def offers_to_group(self, which, by, to):
        """An agent wants a group to take over."""
        if (found := self.some(which)) is not None:
            by, to = self.agents[by], self.groups[to]
            self.try_(transfers.transfer_conversation, found.id, by, to_group=to)

    @rule(
        which=st.integers(0, 9),
        number=st.integers(0, 2),
        answer=st.sampled_from([transfers.accept, transfers.refuse, transfers.withdraw]),
    )
    def answers_transfer(self, which, number, answer):
        """Somebody accepts, refuses or takes back, whosever it is."""
        if (found := self.some(which)) is not None:
            self.try_(answer, found.id, self.agents[number])

    @rule(which=st.integers(0, 9))
    def lets_transfer_run_out(self, which):
        """Nobody answers in time, and the sweep comes by."""
        if (found := self.some(which)) is not None:
            pending = WorkItem.objects.pending().filter(item_id=found.id, is_transfer=True)
            past = timezone.now() - dt.timedelta(seconds=1)
            pending.update(give_up_at=past, offer_expires_at=past)
            offers.expire()

    @rule(which=st.integers(0, 9))
    def is_taken_over(self, which):
        """A supervisor takes it, whatever is under way."""
        if (found := self.some(which)) is not None:
            self.try_(supervision.take_over, found.id, self.supervisor, "投诉升级")

    @rule(which=st.integers(0, 9), by=st.integers(0, 2), whom=st.integers(0, 2))
    def asks_for_help(self, which, by, whom):
        """An agent invites a colleague."""
        if (found := self.some(which)) is not None:
            self.try_(participation.invite, found.id, self.agents[by], self.agents[whom])

    @rule(which=st.integers(0, 9), act=st.sampled_from(["monitor", "barge_in", "stop"]))
    def is_supervised(self, which, act):
        """A supervisor looks on, speaks up, or leaves again."""
        if (found := self.some(which)) is not None:
            self.try_(getattr(supervision, act), found.id, self.supervisor)

    @rule(which=st.integers(0, 9))
    def loses_agent(self, which):
        """The system takes a conversation back from an agent who is gone."""
        if (found := self.some(which)) is not None:
            self.try_(actions.requeue_conversation, found.id, "agent_gone")

    @rule(which=st.integers(0, 9), score=st.integers(0, 6))
    def rates(self, which, score):
        """The visitor rates, early or late, within or beyond the scale."""
        if (found := self.some(which)) is not None:
            visitor = Visitor(found.customer_id, self.channel.id)
            self.try_(actions.rate_conversation, found.id, visitor, score)

    @invariant()
    def one_open_per_visitor(self):
        """The database holds it; here it is seen."""
        for visitor in getattr(self, "visitors", []):
            assert Conversation.objects.open().filter(customer_id=visitor.customer_id).count() <= 1

    @invariant()
    def state_and_work_agree(self):
        """A served conversation has its agent's work item; a closed one has none open."""
        for found in Conversation.objects.all():
            items = WorkItem.objects.open().filter(item_id=found.id)
            if found.state == State.CLOSED:
                assert not items.exists()
                continue
            held = {item.agent_id for item in items if item.state == "assigned"}
            pending = [item for item in items if item.state != "assigned"]
            assert held == ({found.agent_id} if found.agent_id else set())
            assert len(pending) == int(found.state != State.SERVING)
            assert all(item.is_transfer == bool(held) for item in pending)
            assert (found.agent_id is None) == (found.state in {State.QUEUED, State.OFFLINE})

    @invariant()
    def nobody_waits_while_somebody_could_serve(self):
        """The most reported fault of comparable systems."""
        for item in WorkItem.objects.filter(state="waiting"):
            ready = Agent.objects.filter(groups=item.group, status=AgentStatus.READY).with_load()
            others = ready.exclude(pk__in=item.declined_by).reachable()
            assert all(one.load >= one.capacity for one in others)

    @invariant()
    def one_transfer_is_open_while_it_is_transferred(self):
        """The state and the row of the transfer say the same."""
        for found in Conversation.objects.all():
            count = found.transfers.filter(state="offered").count()
            assert count == int(found.state == State.TRANSFERRING)

    @invariant()
    def nobody_is_left_in_what_has_ended(self):
        """The end sends everybody home."""
        over = Participant.objects.filter(conversation__state=State.CLOSED)
        assert not over.exclude(role="").exists()

    @invariant()
    def the_log_is_dense_in_both_numberings(self):
        """1, 2, 3 … for staff and for the visitor, and the counters say where it ends."""
        for found in Conversation.objects.all():
            rows = Message.objects.filter(conversation=found).order_by("seq")
            seqs = [row.seq for row in rows]
            seen = [row.visitor_seq for row in rows if row.visitor_seq is not None]
            assert seqs == list(range(1, found.last_seq + 1))
            assert seen == list(range(1, found.visitor_seq + 1))

    @invariant()
    def the_last_state_in_the_log_is_the_state(self):
        """What a viewer concludes from the log is what the row says."""
        for found in Conversation.objects.all():
            rows = Message.objects.filter(conversation=found, kind__in=["state", "transfer"])
            assert rows.order_by("seq").last().content["state"] == found.state

    @invariant()
    def the_visitor_hears_nothing_of_offers(self):
        """For them a conversation that is being transferred is being served."""
        seen = Message.objects.filter(visitor_seq__isnull=False)
        assert not seen.filter(kind__in=["transfer", "note", "whisper"]).exists()
        assert not seen.filter(kind="state", content__state=State.TRANSFERRING).exists()

    @invariant()
    def every_end_is_one_event(self):
        """No end without its event, none twice."""
        closed = set(Conversation.objects.filter(state=State.CLOSED).values_list("id", flat=True))
        told = list(
            Event.objects.filter(type="conversation.closed").values_list(
                "conversation_id", flat=True
            )
        )
        assert sorted(told) == sorted(closed)


def truncate():
    """An empty database: every run of the machine begins at the beginning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE conversations_customer, routing_skillgroup, auth_user, events_event CASCADE"
        )


@pytest.mark.django_db(transaction=True)
def test_whatever_people_do_states_log_work_and_events_agree():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert SkillGroup.objects.exists()
