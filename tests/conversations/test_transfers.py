"""转接: how it begins, every way it ends, and that of those who race exactly one wins."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from conversations import actions, transfers
from conversations.actors import SYSTEM, Actor
from conversations.models import Conversation, InboxEntry, Message, Transfer
from conversations.offered import offered_to
from lingxi.errors import AgentUnavailable, Conflict, ConversationClosed, Forbidden
from lingxi.events.models import Event
from routing import offers, presence
from routing.models import AgentStatus, WorkItem
from tests import factories
from tests.routing.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group():
    return factories.SkillGroupFactory(name="售前")


@pytest.fixture
def giver(group):
    return factories.AgentFactory(ready=True, groups=[group], name="李四", capacity=1)


@pytest.fixture
def receiver(group):
    return factories.AgentFactory(ready=True, groups=[group], name="张三", capacity=2)


@pytest.fixture
def served(group, giver):
    channel = factories.ChannelFactory(group=group)
    return factories.ConversationFactory(channel=channel, agent=giver, state="serving")


@pytest.fixture
def offered(served, giver, receiver):
    """Being transferred from the giver to the receiver."""
    return transfers.transfer_conversation(served.id, giver, to_agent=receiver, note="要发票")


def steps(conversation: Conversation) -> list[tuple[str, str]]:
    """(status, state) of each entry the transfers left in the log."""
    rows = Message.objects.filter(conversation=conversation, kind="transfer").order_by("seq")
    return [(row.content["status"], row.content["state"]) for row in rows]


def run_out(conversation: Conversation) -> int:
    """The time is up, and the sweep comes by."""
    past = timezone.now() - dt.timedelta(seconds=1)
    pending = WorkItem.objects.pending().filter(item_id=conversation.id)
    pending.update(give_up_at=past, offer_expires_at=past)
    return offers.expire()


class TestToAnAgent:
    def test_the_offer_takes_room_of_both(self, offered, giver, receiver):
        assert (offered.state, offered.agent) == ("transferring", giver)
        loads = {one.agent_id for one in WorkItem.objects.held()}
        assert loads == {giver.id, receiver.id}
        transfer = Transfer.objects.get()
        assert 29 <= (transfer.expires_at - timezone.now()).total_seconds() <= 30

    def test_accepted(self, offered, giver, receiver, served):
        taken = transfers.accept(offered.id, receiver)
        assert (taken.state, taken.agent) == ("serving", receiver)
        assert steps(served) == [("offered", "transferring"), ("accepted", "serving")]
        transfer = Transfer.objects.get()
        assert (transfer.state, transfer.accepted_by) == ("accepted", receiver)
        item = WorkItem.objects.get(state="assigned")
        assert item.agent == receiver
        before = WorkItem.objects.get(state="done")
        assert (before.agent, before.left_reason) == (giver, "transferred")

    def test_refused(self, offered, giver, receiver, served):
        kept = transfers.refuse(offered.id, receiver, "开会")
        assert (kept.state, kept.agent) == ("serving", giver)
        assert steps(served)[-1] == ("refused", "serving")
        assert not WorkItem.objects.pending().exists()
        assert transfers.refuse(offered.id, receiver).state == "serving", "twice is no error"

    def test_timed_out(self, offered, giver, served):
        assert run_out(served) == 1
        served.refresh_from_db()
        assert (served.state, served.agent) == ("serving", giver)
        assert steps(served)[-1] == ("timed_out", "serving")
        assert run_out(served) == 0

    def test_withdrawn(self, offered, giver, receiver, served):
        assert transfers.withdraw(offered.id, giver).state == "serving"
        assert steps(served)[-1] == ("withdrawn", "serving")
        assert transfers.withdraw(offered.id, giver).state == "serving", "twice is no error"
        with pytest.raises(Conflict):
            transfers.accept(offered.id, receiver)

    def test_ended_with_the_conversation(self, offered, served, receiver):
        actions.close_conversation(served.id, Actor.visitor(served.customer_id))
        assert Transfer.objects.get().state == "ended"
        assert steps(served)[-1] == ("ended", "closed")
        assert not WorkItem.objects.open().exists()
        with pytest.raises(Conflict):
            transfers.accept(served.id, receiver)

    def test_withdrawn_when_its_agent_is_gone(self, offered, served, receiver):
        presence.set_status(receiver, AgentStatus.BUSY)
        presence.set_status(served.agent, AgentStatus.OFFLINE)
        actions.requeue_conversation(served.id, "agent_gone")
        assert Transfer.objects.get().state == "withdrawn"
        assert Message.objects.filter(kind="transfer").latest("seq").author_type == "system"
        served.refresh_from_db()
        assert (served.state, served.agent) == ("queued", None)
        assert WorkItem.objects.open().get().state == "waiting"

    def test_refused_by_who_goes_offline(self, offered, served, receiver, giver):
        presence.set_status(receiver, AgentStatus.OFFLINE)
        served.refresh_from_db()
        assert (served.state, served.agent) == ("serving", giver)
        assert Transfer.objects.get().state == "refused"

    def test_after_it_came_to_nothing_it_can_be_offered_again(self, offered, giver, receiver):
        transfers.refuse(offered.id, receiver)
        assert transfers.transfer_conversation(offered.id, giver, to_agent=receiver)
        assert transfers.accept(offered.id, receiver).agent == receiver
        assert [one.state for one in Transfer.objects.all()] == ["refused", "accepted"]

    def test_only_who_was_asked_answers(self, offered, giver, group):
        somebody = factories.AgentFactory(ready=True, groups=[group])
        for answer in (transfers.accept, transfers.refuse):
            with pytest.raises(Forbidden):
                answer(offered.id, somebody)
        with pytest.raises(Forbidden):
            transfers.withdraw(offered.id, somebody)

    def test_not_what_has_ended(self, served, giver, receiver):
        actions.close_conversation(served.id, SYSTEM)
        with pytest.raises(ConversationClosed):
            transfers.transfer_conversation(served.id, giver, to_agent=receiver)

    def test_a_receiver_who_left_meanwhile_cannot_accept(self, offered, receiver):
        receiver.presences.all().delete()
        with pytest.raises(AgentUnavailable):
            transfers.accept(offered.id, receiver)
        assert Transfer.objects.get().state == "offered"


class TestToAGroup:
    @pytest.fixture
    def other_group(self):
        return factories.SkillGroupFactory(name="售后", transfer_seconds=60)

    def test_whoever_gets_it_by_assignment_has_accepted(self, served, giver, other_group):
        receiver = factories.AgentFactory(ready=True, groups=[other_group])
        transfers.transfer_conversation(served.id, giver, to_group=other_group, note="退货")
        served.refresh_from_db()
        assert (served.state, served.agent, served.group) == ("serving", receiver, other_group)
        assert Transfer.objects.get().accepted_by == receiver
        assert steps(served) == [("offered", "transferring"), ("accepted", "serving")]

    def test_it_waits_in_front_while_its_agent_goes_on(self, served, giver, other_group):
        found = transfers.transfer_conversation(served.id, giver, to_group=other_group)
        assert (found.state, found.agent, found.group) == ("transferring", giver, served.group)
        item = WorkItem.objects.get(state="waiting")
        assert (item.group, item.priority) == (other_group, transfers.TRANSFER_PRIORITY)
        late = item.give_up_at - timezone.now()
        assert 59 <= late.total_seconds() <= 60

    def test_never_back_to_the_one_who_gives_it(self, served, giver, group):
        giver.capacity = 5
        giver.save()
        found = transfers.transfer_conversation(served.id, giver, to_group=group)
        presence.set_status(giver, AgentStatus.BUSY)
        presence.set_status(giver, AgentStatus.READY)
        found.refresh_from_db()
        assert found.state == "transferring"

    def test_taken_by_hand(self, served, giver, other_group):
        receiver = factories.AgentFactory(status="busy", present=True, groups=[other_group])
        transfers.transfer_conversation(served.id, giver, to_group=other_group)
        assert transfers.accept(served.id, receiver).agent == receiver
        assert transfers.accept(served.id, receiver).agent == receiver, "twice is no error"

    def test_a_group_that_asks_its_agents(self, served, giver, other_group):
        other_group.offer_seconds = 10
        other_group.save()
        first, second = (
            factories.AgentFactory(ready=True, groups=[other_group], name=name) for name in "甲乙"
        )
        transfers.transfer_conversation(served.id, giver, to_group=other_group, note="退货")
        asked = WorkItem.objects.get(state="offered").agent
        other = second if asked == first else first
        with pytest.raises(Conflict):
            transfers.accept(served.id, other)
        (card,) = offered_to(asked.user, asked)
        assert (card.kind, card.giver, card.note) == ("queue", "李四", "退货")
        offers.decline(transfers.KIND, served.id, asked)
        assert Transfer.objects.get().state == "offered", "the next one is asked"
        assert WorkItem.objects.get(state="offered").agent == other
        assert transfers.accept(served.id, other).agent == other
        assert Transfer.objects.get().accepted_by == other

    def test_not_by_others(self, served, giver, receiver, other_group):
        transfers.transfer_conversation(served.id, giver, to_group=other_group)
        with pytest.raises(Forbidden):
            transfers.accept(served.id, receiver)
        with pytest.raises(Forbidden):
            actions.claim_conversation(served.id, receiver)

    def test_nobody_took_it(self, served, giver, other_group):
        transfers.transfer_conversation(served.id, giver, to_group=other_group)
        assert run_out(served) == 1
        served.refresh_from_db()
        assert (served.state, served.agent, served.group) == ("serving", giver, giver.groups.get())


class TestWhoHears:
    def test_the_visitor_hears_nothing_until_somebody_else_serves(self, offered, receiver):
        seen = Message.objects.filter(conversation=offered, visitor_seq__isnull=False)
        assert list(seen) == []
        transfers.accept(offered.id, receiver)
        assert [row.kind for row in seen.order_by("seq")] == ["assignment", "state"]
        assert [row.visitor_seq for row in seen.order_by("seq")] == [1, 2]

    def test_the_agents_inboxes(self, offered, giver, receiver):
        transfers.refuse(offered.id, receiver)
        told = {one: list(self.changes(one)) for one in (giver, receiver)}
        assert told[giver] == ["transferred", "transfer_ended"]
        assert told[receiver][0] == "transfer_offered"
        assert "transfer_ended" in told[receiver]

    @staticmethod
    def changes(agent: Any) -> Any:
        rows = InboxEntry.objects.filter(agent=agent).order_by("seq")
        return rows.values_list("change", flat=True)

    def test_partners(self, offered, receiver):
        transfers.accept(offered.id, receiver)
        types = Event.objects.filter(conversation_id=offered.id).order_by("position")
        assert [one.type for one in types if "transfer" in one.type] == [
            "conversation.transfer_offered",
            "conversation.transferred",
        ]
        payload = types.get(type="conversation.transferred").payload
        assert (payload["from"]["name"], payload["to"]["name"]) == ("李四", "张三")


def run_at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make the calls in threads that start together; what each returned or raised."""
    return at_once(lambda call: call(), calls)


class TestRaces:
    @pytest.mark.parametrize("turn", range(4))
    def test_of_accept_withdraw_and_the_clock_one_wins(self, turn, offered, giver, receiver):
        WorkItem.objects.filter(state="offered").update(
            give_up_at=timezone.now() - dt.timedelta(seconds=1)
        )
        calls = [
            lambda: transfers.accept(offered.id, receiver),
            lambda: transfers.withdraw(offered.id, giver),
            offers.expire,
        ]
        run_at_once(*calls[turn % 3 :], *calls[: turn % 3])
        assert [status for status, _ in steps(offered)].count("offered") == 1
        assert len(steps(offered)) == 2, "it ended once"
        offered.refresh_from_db()
        state = Transfer.objects.get().state
        assert offered.state == "serving"
        assert offered.agent == (receiver if state == "accepted" else giver)
        held = WorkItem.objects.held().get()
        assert held.agent == offered.agent

    def test_a_whole_group_reaches_for_it(self, served, giver):
        group = factories.SkillGroupFactory()
        people = [
            factories.AgentFactory(status="busy", present=True, groups=[group]) for _ in range(4)
        ]
        transfers.transfer_conversation(served.id, giver, to_group=group)
        results = run_at_once(*[lambda one=one: transfers.accept(served.id, one) for one in people])
        won = [one for one in results if isinstance(one, Conversation)]
        assert len(won) == 1
        served.refresh_from_db()
        assert served.agent == won[0].agent
        assert WorkItem.objects.held().count() == 1

    def test_the_same_click_twice(self, offered, receiver):
        results = run_at_once(*[lambda: transfers.accept(offered.id, receiver)] * 3)
        assert [one.agent for one in results] == [receiver] * 3
        assert [status for status, _ in steps(offered)] == ["offered", "accepted"]

    def test_two_offers_run_at_once(self, served, giver, receiver, group):
        other = factories.AgentFactory(ready=True, groups=[group])
        results = run_at_once(
            lambda: transfers.transfer_conversation(served.id, giver, to_agent=receiver),
            lambda: transfers.transfer_conversation(served.id, giver, to_agent=other),
        )
        assert sum(isinstance(one, Conflict) for one in results) == 1
        assert Transfer.objects.get().state == "offered"

    def test_the_end_and_the_acceptance(self, offered, receiver):
        run_at_once(
            lambda: transfers.accept(offered.id, receiver),
            lambda: actions.close_conversation(offered.id, SYSTEM),
        )
        offered.refresh_from_db()
        assert offered.state == "closed"
        assert not WorkItem.objects.open().exists()
        assert Transfer.objects.get().state in {"accepted", "ended"}
