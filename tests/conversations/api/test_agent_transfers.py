"""Transfers and offers over HTTP: made, answered, taken back, and refused to others."""

import datetime as dt

import pytest
from django.utils import timezone

from conversations import actions
from conversations.models import Conversation, Message, Participant
from conversations.principals import Visitor, agent_token
from routing import offers
from routing.models import Agent, WorkItem
from tests.conversations.api.conftest import Caller, refused
from tests.factories import AgentFactory, ChannelFactory, CustomerFactory, SkillGroupFactory

# Constant: xdist wants every worker to collect the same tests.
UNKNOWN_ID = "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11"

pytestmark = pytest.mark.django_db(transaction=True)


def path(conversation, action):
    return f"agent/conversations/{conversation.id}/{action}"


@pytest.fixture
def other(group):
    return AgentFactory(ready=True, groups=[group], name="张三")


@pytest.fixture
def as_other(other):
    return Caller(agent_token(other.user))


@pytest.fixture
def offered(as_agent, served, other):
    """A conversation that is being transferred to `other`."""
    body = {"agent": str(other.id), "note": "懂技术"}
    answer = as_agent.post_json(path(served, "transfer"), body)
    assert (answer.status_code, answer.json()["state"]) == (200, "transferring")
    return served


class TestOffering:
    def test_its_agent_keeps_it_until_somebody_accepts(self, as_agent, agent, offered):
        offered.refresh_from_db()
        assert (offered.agent_id, offered.state) == (agent.id, "transferring")
        text = {"client_msg_id": "still-mine", "kind": "text", "content": {"text": "请稍等"}}
        assert as_agent.post_json(path(offered, "messages"), text).status_code == 201

    def test_to_a_group(self, as_agent, agent, served):
        group = SkillGroupFactory()
        answer = as_agent.post_json(path(served, "transfer"), {"group": str(group.id)})
        assert (answer.status_code, answer.json()["state"]) == (200, "transferring")
        assert answer.json()["group"]["id"] == str(served.group_id), "until it is accepted"
        assert WorkItem.objects.get(state="waiting").group == group

    def test_by_somebody_else(self, as_colleague, agent, served):
        Participant.objects.create(
            conversation=served, agent=Agent.objects.exclude(pk=agent.pk).get()
        )
        body = {"agent": str(agent.id)}
        refused(as_colleague.post_json(path(served, "transfer"), body), 403, "forbidden")

    def test_twice_at_once(self, as_agent, offered, other):
        body = {"agent": str(other.id)}
        refused(as_agent.post_json(path(offered, "transfer"), body), 409, "conflict")

    def test_to_oneself(self, as_agent, agent, served):
        body = {"agent": str(agent.id)}
        refused(as_agent.post_json(path(served, "transfer"), body), 400, "invalid")

    def test_to_somebody_absent(self, as_agent, served):
        other = AgentFactory(status="ready")
        answer = as_agent.post_json(path(served, "transfer"), {"agent": str(other.id)})
        refused(answer, 409, "agent_unavailable")
        assert Conversation.objects.get().state == "serving"

    def test_to_somebody_full(self, as_agent, served, group):
        other = AgentFactory(ready=True, groups=[group], capacity=1)
        visitor = Visitor(CustomerFactory().id, served.channel_id)
        Agent.objects.exclude(pk=other.pk).update(status="busy")
        assert actions.open_conversation(visitor, {}, {})[0].is_open
        answer = as_agent.post_json(path(served, "transfer"), {"agent": str(other.id)})
        refused(answer, 409, "agent_unavailable")
        assert not Message.objects.filter(kind="transfer").exists()

    @pytest.mark.parametrize("field", ["agent", "group"])
    @pytest.mark.parametrize("value", ["x", UNKNOWN_ID])
    def test_to_nobody(self, as_agent, served, field, value):
        refused(as_agent.post_json(path(served, "transfer"), {field: value}), 404, "not_found")

    def test_to_neither_or_both(self, as_agent, agent, served, group):
        both = {"agent": str(agent.id), "group": str(group.id)}
        for body in ({}, both):
            refused(as_agent.post_json(path(served, "transfer"), body), 400, "invalid")

    def test_too_long_a_note(self, as_agent, served, group):
        body = {"group": str(group.id), "note": "长" * 501}
        refused(as_agent.post_json(path(served, "transfer"), body), 413, "too_long")


class TestAnswering:
    def test_the_receiver_sees_what_is_offered(self, as_other, as_colleague, offered):
        found = as_other.get_json("agent/offers").json()
        assert [(one["kind"], one["conversation"], one["note"]) for one in found] == [
            ("transfer", str(offered.id), "懂技术")
        ]
        assert found[0]["customer"]["name"] == "王芳"
        assert as_colleague.get_json("agent/offers").json() == []

    def test_accepting(self, as_other, as_agent, offered, other):
        answer = as_other.post_json(path(offered, "transfer/accept"))
        assert (answer.status_code, answer.json()["agent"]["id"]) == (200, str(other.id))
        assert answer.json()["state"] == "serving"
        again = as_other.post_json(path(offered, "transfer/accept"))
        assert again.status_code == 200, "the first answer may have got lost"
        assert as_other.get_json("agent/offers").json() == []
        refused(as_agent.post_json(path(offered, "transfer/withdraw")), 409, "conflict")

    def test_refusing_with_a_reason(self, as_other, as_agent, agent, offered):
        body = {"reason": "正在开会"}
        answer = as_other.post_json(path(offered, "transfer/refuse"), body)
        assert (answer.status_code, answer.json()["state"]) == (200, "serving")
        assert answer.json()["agent"]["id"] == str(agent.id)
        entry = Message.objects.filter(kind="transfer").latest("seq")
        assert (entry.content["status"], entry.content["reason"]) == ("refused", "正在开会")
        refused(as_other.post_json(path(offered, "transfer/accept")), 409, "conflict")

    def test_withdrawing(self, as_other, as_agent, offered):
        answer = as_agent.post_json(path(offered, "transfer/withdraw"))
        assert (answer.status_code, answer.json()["state"]) == (200, "serving")
        assert as_agent.post_json(path(offered, "transfer/withdraw")).status_code == 200
        refused(as_other.post_json(path(offered, "transfer/accept")), 409, "conflict")
        refused(as_other.post_json(path(offered, "transfer/refuse")), 409, "conflict")

    def test_too_late(self, as_other, offered):
        past = timezone.now() - dt.timedelta(seconds=1)
        WorkItem.objects.filter(state="offered").update(offer_expires_at=past, give_up_at=past)
        refused(as_other.post_json(path(offered, "transfer/accept")), 409, "conflict")
        assert offers.expire() == 1
        offered.refresh_from_db()
        assert offered.state == "serving"

    @pytest.mark.parametrize("act", ["accept", "refuse"])
    def test_who_was_not_asked(self, as_colleague, offered, act):
        refused(as_colleague.post_json(path(offered, f"transfer/{act}")), 404, "not_found")

    def test_who_gives_it_cannot_take_it_himself(self, as_agent, offered):
        refused(as_agent.post_json(path(offered, "transfer/accept")), 403, "forbidden")

    def test_nobody_withdraws_what_is_not_his(self, as_other, offered):
        refused(as_other.post_json(path(offered, "transfer/withdraw")), 403, "forbidden")


class TestOffersOfTheQueue:
    @pytest.fixture
    def asked(self):
        """A conversation that the queue asks an agent to take."""
        group = SkillGroupFactory(offer_seconds=20)
        agent = AgentFactory(ready=True, groups=[group])
        visitor = Visitor(CustomerFactory().id, ChannelFactory(group=group).id)
        conversation, _ = actions.open_conversation(visitor, {}, {})
        conversation.caller, conversation.asked_agent = Caller(agent_token(agent.user)), agent
        return conversation

    def test_accepting(self, asked):
        (offer,) = asked.caller.get_json("agent/offers").json()
        assert (offer["kind"], offer["conversation"]) == ("queue", str(asked.id))
        answer = asked.caller.post_json(path(asked, "offer/accept"))
        assert (answer.status_code, answer.json()["state"]) == (200, "serving")
        assert asked.caller.post_json(path(asked, "offer/accept")).status_code == 200

    def test_declining(self, asked):
        answer = asked.caller.post_json(path(asked, "offer/decline"))
        assert (answer.status_code, answer.json()["state"]) == (200, "queued")
        assert WorkItem.objects.get().declined_by == [asked.asked_agent.id]
        refused(asked.caller.post_json(path(asked, "offer/decline")), 409, "conflict")

    def test_by_somebody_else(self, asked):
        colleague = AgentFactory(ready=True, groups=[asked.group], capacity=1)
        caller = Caller(agent_token(colleague.user))
        for act in ("accept", "decline"):
            refused(caller.post_json(path(asked, f"offer/{act}")), 409, "conflict")
