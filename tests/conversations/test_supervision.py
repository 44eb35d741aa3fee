"""协助 and what supervisors do: who may, who hears of it, and what is written down."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from guardian.shortcuts import assign_perm

from conversations import actions, ingest, participation, receipts, supervision, transfers, wire
from conversations.actors import Actor
from conversations.models import Conversation, InboxEntry, Message, Participant, Transfer
from lingxi.errors import (
    AgentUnavailable,
    Conflict,
    ConversationClosed,
    Forbidden,
    Invalid,
    NotFound,
)
from lingxi.ids import new_id
from routing.models import Agent, WorkItem
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group():
    return factories.SkillGroupFactory()


@pytest.fixture
def agent(group):
    return factories.AgentFactory(ready=True, groups=[group], name="李四")


@pytest.fixture
def served(group, agent):
    channel = factories.ChannelFactory(group=group)
    return factories.ConversationFactory(channel=channel, agent=agent, state="serving")


@pytest.fixture
def leader():
    return factories.UserFactory(role="supervisor", scope="all", first_name="王主管")


@pytest.fixture
def helper():
    return factories.AgentFactory(ready=True, groups=[], name="张三")


def say(conversation: Any, agent: Agent, kind: str = "text", words: str = "您好") -> Any:
    content = {"type": "text", "text": words}
    command = ingest.Command(conversation.id, Actor.agent(agent), kind, content, str(new_id()))
    return ingest.send(command)


def audited(conversation: Any) -> list[tuple[str, str]]:
    """(who, what), in order."""
    rows = LogEntry.objects.filter(additional_data__has_key="supervision").order_by("id")
    assert {row.object_pk for row in rows} <= {str(conversation.pk)}
    return [(row.actor.username, row.additional_data["supervision"]) for row in rows]


def seen_by_visitor(conversation: Any) -> list[dict[str, Any]]:
    return wire.read_log(conversation.id, 0, 100, for_visitor=True)


class TestAssisting:
    def test_who_joins_may_write_and_the_visitor_sees_who_it_is(self, served, agent, helper):
        with pytest.raises(Forbidden):
            say(served, helper)
        participation.invite(served.id, agent, helper, "请看看退款")
        say(served, helper, words="我来看看")
        entries = seen_by_visitor(served)
        assert [one["kind"] for one in entries] == ["join", "message"]
        assert entries[0]["content"] == {"agent": {"id": str(helper.id), "name": "张三"}}
        assert [one["seq"] for one in entries] == [1, 2]
        inside = Message.objects.get(kind="join").content
        assert (inside["role"], inside["note"]) == ("assist", "请看看退款")
        served.refresh_from_db()
        assert served.agent == agent

    def test_twice_is_once(self, served, agent, helper):
        for _ in range(2):
            participation.invite(served.id, agent, helper)
        assert Message.objects.filter(kind="join").count() == 1

    @pytest.mark.parametrize("way", ["leave", "remove"])
    def test_after_the_help_it_is_over(self, served, agent, helper, way):
        participation.invite(served.id, agent, helper)
        if way == "leave":
            participation.leave(served.id, helper)
        else:
            participation.remove(served.id, agent, helper)
        with pytest.raises(Forbidden):
            say(served, helper)
        assert [one["kind"] for one in seen_by_visitor(served)] == ["join", "leave"]
        participation.leave(served.id, helper)
        assert Message.objects.filter(kind="leave").count() == 1

    def test_only_who_serves_invites_and_only_who_is_there_comes(self, served, agent, helper):
        with pytest.raises(Forbidden):
            participation.invite(served.id, helper, helper)
        with pytest.raises(Invalid):
            participation.invite(served.id, agent, agent)
        helper.presences.all().delete()
        with pytest.raises(AgentUnavailable):
            participation.invite(served.id, agent, helper)

    def test_the_end_ends_it(self, served, agent, helper):
        participation.invite(served.id, agent, helper)
        actions.close_conversation(served.id, Actor.agent(agent))
        with pytest.raises(ConversationClosed):
            say(served, helper)
        assert Participant.objects.exclude(role="").count() == 0
        with pytest.raises(ConversationClosed):
            participation.invite(served.id, agent, helper)

    def test_a_helper_to_whom_it_is_transferred_serves(self, served, agent, helper):
        participation.invite(served.id, agent, helper)
        transfers.transfer_conversation(served.id, agent, to_agent=helper)
        transfers.accept(served.id, helper)
        assert Participant.objects.get(agent=helper).role == ""
        say(served, helper)

    def test_they_see_what_they_assist_in_whatever_their_groups(self, served, agent, helper):
        assert not Conversation.objects.visible_to(helper.user).exists()
        participation.invite(served.id, agent, helper)
        assert Conversation.objects.visible_to(helper.user).get() == served


class TestMonitoring:
    def test_nobody_notices(self, served, leader):
        supervision.monitor(served.id, leader)
        looker = Agent.objects.get(user=leader)
        assert (looker.status, looker.groups.count()) == ("offline", 0)
        assert not Message.objects.exists()
        say(served, served.agent)
        assert receipts.mark(served.id, Actor.agent(looker), 1, read=True) is None
        assert receipts.of_other_side(served.id, for_visitor=True).read == 0
        with pytest.raises(Forbidden):
            say(served, looker)

    def test_beginning_and_end_are_written_down_and_nothing_else_stays(self, served, leader):
        supervision.monitor(served.id, leader)
        supervision.stop(served.id, leader)
        supervision.stop(served.id, leader)
        who = leader.username
        assert audited(served) == [(who, "monitor"), (who, "stop_monitor")]
        assert not Participant.objects.filter(agent__user=leader).exists()
        assert not Message.objects.exists()


class TestWhispering:
    def test_staff_read_it_and_the_visitor_finds_no_gap(self, served, agent, leader):
        say(served, agent)
        ack = say(served, supervision.agent_for(leader), "whisper", "可以给他打九折")
        say(served, agent)
        assert (ack.seq, ack.visitor_seq) == (2, None)
        assert [one["seq"] for one in seen_by_visitor(served)] == [1, 2]
        assert "九折" not in str(seen_by_visitor(served))
        staff = wire.read_log(served.id, 0, 100, for_visitor=False)
        assert [one["kind"] for one in staff] == ["message", "whisper", "message"]
        assert audited(served) == [(leader.username, "whisper")]
        served.refresh_from_db()
        assert "九折" not in served.last_text
        assert InboxEntry.objects.get(agent=agent).change == "whisper"

    def test_agents_do_not_whisper(self, served, agent, helper):
        for one in (agent, helper):
            with pytest.raises(Forbidden):
                say(served, one, "whisper")
        assert audited(served) == []

    def test_visitors_do_not_whisper(self, served):
        actor = Actor.visitor(served.customer_id)
        command = ingest.Command(served.id, actor, "whisper", {"text": "嘘"}, "w1")
        with pytest.raises(Forbidden):
            ingest.send(command)

    def test_the_same_whisper_again_is_written_down_once(self, served, leader):
        by = Actor.agent(supervision.agent_for(leader))
        content = {"type": "text", "text": "冷静"}
        for _ in range(2):
            ingest.send(ingest.Command(served.id, by, "whisper", dict(content), "same"))
        assert Message.objects.count() == 1
        assert audited(served) == [(leader.username, "whisper")]


class TestBargingIn:
    def test_the_visitor_sees_who_comes_and_goes(self, served, leader, agent):
        supervision.barge_in(served.id, leader)
        supervision.barge_in(served.id, leader)
        say(served, supervision.agent_for(leader))
        supervision.stop(served.id, leader)
        kinds = [one["kind"] for one in seen_by_visitor(served)]
        assert kinds == ["join", "message", "leave"]
        assert "barge_in" not in str(seen_by_visitor(served))
        served.refresh_from_db()
        assert served.agent == agent
        assert (leader.username, "stop_barge_in") in audited(served)
        with pytest.raises(Forbidden):
            say(served, supervision.agent_for(leader))


class TestTakingOver:
    def test_it_is_the_supervisors_whatever_they_hold(self, served, agent, leader):
        boss = supervision.agent_for(leader)
        Agent.objects.filter(pk=boss.pk).update(capacity=1)
        for one in (served, factories.ConversationFactory(state="serving")):
            taken = supervision.take_over(one.id, leader, "投诉升级")
            assert (taken.agent, taken.state) == (boss, "serving")
        item = WorkItem.objects.get(item_id=served.id, state="assigned")
        assert (item.agent, item.explanation["method"]) == (boss, "take_over")
        entry = Message.objects.get(conversation=served, kind="transfer")
        assert entry.content["status"] == "taken_over"
        assert (entry.content["from"]["name"], entry.content["note"]) == ("李四", "投诉升级")
        assert entry.visitor_seq is None
        boss.refresh_from_db()
        assert boss.status == "busy"
        with pytest.raises(Forbidden):
            say(served, agent)
        say(served, boss)

    def test_what_waits(self, group, leader):
        channel = factories.ChannelFactory(group=group)
        waiting = factories.ConversationFactory(channel=channel)
        assert supervision.take_over(waiting.id, leader).agent.user == leader
        assert WorkItem.objects.open().get().state == "assigned"

    def test_an_open_transfer_is_over(self, served, agent, leader, group):
        other = factories.AgentFactory(ready=True, groups=[group])
        transfers.transfer_conversation(served.id, agent, to_agent=other)
        taken = supervision.take_over(served.id, leader)
        assert taken.agent.user == leader
        assert Transfer.objects.get().state == "withdrawn"
        assert WorkItem.objects.open().get().agent == taken.agent
        with pytest.raises(Conflict):
            transfers.accept(served.id, other)

    def test_twice_is_once(self, served, leader):
        for _ in range(2):
            supervision.take_over(served.id, leader)
        assert Message.objects.filter(kind="transfer").count() == 1


class TestForcingTheEnd:
    def test_it_ends_and_the_reason_stays(self, served, leader):
        ended = supervision.force_end(served.id, leader, "辱骂客服")
        assert (ended.state, ended.closed_by) == ("closed", "agent")
        assert "辱骂客服" in Message.objects.get(kind="note").text
        assert "辱骂" not in str(seen_by_visitor(served))
        row = LogEntry.objects.get(additional_data__supervision="force_end")
        assert row.additional_data["reason"] == "辱骂客服"

    def test_twice(self, served, leader):
        supervision.force_end(served.id, leader, "x")
        with pytest.raises(ConversationClosed):
            supervision.force_end(served.id, leader, "x")


ACTS = [
    supervision.monitor,
    supervision.barge_in,
    supervision.take_over,
    lambda pk, user: supervision.force_end(pk, user, "x"),
]


@pytest.mark.parametrize("act", ACTS, ids=["monitor", "barge_in", "take_over", "force_end"])
class TestWhoMayNot:
    def test_agents(self, act, served, helper):
        with pytest.raises(Forbidden):
            act(served.id, helper.user)

    def test_supervisors_of_other_groups(self, act, served):
        user = factories.UserFactory(role="supervisor", scope="group")
        assign_perm("supervise_skillgroup", user, factories.SkillGroupFactory())
        with pytest.raises(NotFound):
            act(served.id, user)

    def test_supervisors_of_nothing_but_their_own(self, act, served):
        user = factories.UserFactory(role="supervisor", scope="own")
        with pytest.raises((Forbidden, NotFound)):
            act(served.id, user)

    def test_readers(self, act, served):
        with pytest.raises(Forbidden):
            act(served.id, factories.UserFactory(role="auditor", scope="all"))

    def test_what_is_refused_leaves_no_trace(self, act, served, leader):
        actions.close_conversation(served.id, Actor.agent(served.agent))
        count = Message.objects.count()
        with pytest.raises(ConversationClosed):
            act(served.id, leader)
        assert Message.objects.count() == count
        assert audited(served) == []
        assert not Agent.objects.filter(user=leader).exists()
