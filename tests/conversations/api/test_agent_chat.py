"""Agents over HTTP: lists, messages, notes, claim, end, and who may not."""

import uuid

import pytest

from conversations.models import Message, Participant
from conversations.principals import agent_token
from routing.models import WorkItem
from tests.conversations.api.conftest import Caller, refused
from tests.factories import (
    ConversationFactory,
    MessageFactory,
    UserFactory,
)

# Constant: xdist wants every worker to collect the same tests.
UNKNOWN_ID = "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11"

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, MASKED = "13800138000", "138****8000"


def path(conversation, action):
    return f"agent/conversations/{conversation.id}/{action}"


def text(words="您好", **changes):
    body = {"client_msg_id": str(uuid.uuid4()), "kind": "text", "content": {"text": words}}
    return body | changes


class TestWhoMayNot:
    WRITES = ("messages", "notes", "close", "transfer", "claim", "read")

    def test_nobody(self, anyone, served):
        refused(anyone.get_json("agent/conversations"), 401, "not_authenticated")
        for action in self.WRITES:
            answer = anyone.post_json(path(served, action))
            refused(answer, 401, "not_authenticated")

    @pytest.mark.parametrize("action", WRITES)
    def test_agents_of_other_groups(self, as_stranger, served, action):
        bodies = {"messages": text(), "notes": {"text": "x"}, "read": {"seq": 1}}
        answer = as_stranger.post_json(path(served, action), bodies.get(action, {}))
        refused(answer, 404, "not_found")
        assert not Message.objects.exists()

    def test_agents_of_other_groups_do_not_read(self, as_stranger, served):
        refused(as_stranger.get_json(path(served, "events")), 404, "not_found")
        assert as_stranger.get_json("agent/conversations").json() == []

    @pytest.mark.parametrize("role", ["inspector", "auditor"])
    def test_readers_read_only(self, served, role):
        caller = Caller(agent_token(UserFactory(role=role, scope="all")))
        assert caller.get_json(path(served, "events")).status_code == 200
        for action in self.WRITES:
            refused(caller.post_json(path(served, action)), 403, "forbidden")

    @pytest.mark.parametrize("role", ["partner", None])
    def test_others_do_nothing(self, served, role):
        caller = Caller(agent_token(UserFactory(role=role, scope="all")))
        refused(caller.get_json("agent/conversations"), 403, "forbidden")
        refused(caller.get_json(path(served, "events")), 403, "forbidden")

    def test_a_supervisor_who_is_no_agent_cannot_write(self, as_supervisor, served):
        refused(as_supervisor.post_json(path(served, "messages"), text()), 403, "forbidden")

    def test_somebody_who_left(self, as_agent, agent, served):
        agent.user.is_active = False
        agent.user.save()
        refused(as_agent.get_json("agent/conversations"), 401, "not_authenticated")

    def test_a_new_password_ends_tokens(self, as_agent, agent):
        agent.user.set_password("another-password")
        agent.user.save()
        refused(as_agent.get_json("agent/conversations"), 401, "not_authenticated")

    def test_the_log_in_cookie_needs_the_csrf_token(self, agent, served):
        caller = Caller(enforce_csrf_checks=True)
        caller.force_login(agent.user)
        assert caller.get_json("agent/conversations").status_code == 200
        refused(caller.post_json(path(served, "messages"), text()), 403, "forbidden")
        assert not Message.objects.exists()


class TestList:
    def test_it_works(self, as_agent, agent, served, group):
        MessageFactory(conversation=served, content={"type": "text", "text": "在吗"})
        answer = as_agent.get_json("agent/conversations")
        (row,) = answer.json()
        assert answer.status_code == 200
        assert (row["id"], row["state"], row["seq"]) == (str(served.id), "serving", 1)
        assert row["customer"] == {"id": str(served.customer_id), "name": "王芳"}
        assert row["agent"] == {"id": str(agent.id), "name": agent.name}
        assert row["group"] == {"id": str(group.id), "name": group.name}
        assert (row["channel"]["key"], row["last_text"]) == ("shop", "在吗")

    def test_by_state(self, as_agent, served, channel):
        waiting = ConversationFactory(channel=channel)
        for state, expected in (
            ("serving", [served]),
            ("queued", [waiting]),
            ("closed", []),
            ("open", [waiting, served]),
        ):
            rows = as_agent.get_json(f"agent/conversations?state={state}").json()
            assert [row["id"] for row in rows] == [str(one.id) for one in expected]

    def test_mine(self, as_agent, served, channel):
        ConversationFactory(channel=channel)
        rows = as_agent.get_json("agent/conversations?mine=1").json()
        assert [row["id"] for row in rows] == [str(served.id)]

    def test_pages(self, as_agent, channel):
        made = {str(ConversationFactory(channel=channel).id) for _ in range(5)}
        url, seen = "/api/v1/agent/conversations?limit=2", []
        while url:
            answer = as_agent.get(url)
            seen += [row["id"] for row in answer.json()]
            link = answer.get("Link", "")
            url = link.partition("<")[2].partition(">")[0]
        assert len(seen) == 5
        assert set(seen) == made

    def test_numbers_are_masked_for_agents(self, as_agent, as_supervisor, served):
        MessageFactory(conversation=served, content={"type": "text", "text": f"我是 {PHONE}"})
        assert as_agent.get_json("agent/conversations").json()[0]["last_text"] == f"我是 {MASKED}"
        rows = as_supervisor.get_json("agent/conversations").json()
        assert rows[0]["last_text"] == f"我是 {PHONE}"

    def test_the_number_of_queries_is_constant(
        self, as_agent, channel, django_assert_max_num_queries
    ):
        for _ in range(3):
            ConversationFactory(channel=channel, state="serving")
            ConversationFactory(channel=channel)
        with django_assert_max_num_queries(8):
            as_agent.get_json("agent/conversations")

    @pytest.mark.parametrize(
        "query",
        ["state=lost", "limit=x", "limit=-1", "cursor=x", "cursor=eHx5", "cursor=%00", "cursor=é"],
    )
    def test_bad_input(self, as_agent, query):
        refused(as_agent.get_json(f"agent/conversations?{query}"), 400, "invalid")


class TestEvents:
    def test_it_works(self, as_agent, served):
        MessageFactory(conversation=served)
        MessageFactory(conversation=served, kind="note", author_type="agent")
        body = as_agent.get_json(path(served, "events")).json()
        assert [(one["seq"], one["kind"]) for one in body["events"]] == [
            (1, "message"),
            (2, "note"),
        ]
        assert (body["seq"], body["epoch"]) == (2, 1)
        rest = as_agent.get_json(path(served, "events") + "?after=1").json()["events"]
        assert [one["seq"] for one in rest] == [2]

    def test_numbers_are_masked_for_agents(self, as_agent, as_supervisor, served):
        MessageFactory(conversation=served, content={"type": "text", "text": PHONE})
        for caller, expected in ((as_agent, MASKED), (as_supervisor, PHONE)):
            (event,) = caller.get_json(path(served, "events")).json()["events"]
            assert event["content"]["text"] == expected

    def test_bad_input(self, as_agent, served):
        refused(as_agent.get_json(path(served, "events") + "?after=x"), 400, "invalid")
        refused(as_agent.get_json("agent/conversations/x/events"), 404, "not_found")


class TestMessages:
    def test_it_works(self, as_agent, agent, served):
        answer = as_agent.post_json(path(served, "messages"), text())
        assert answer.status_code == 201
        row = Message.objects.get(pk=answer.json()["message_id"])
        assert (row.text, row.author_type, row.author_id) == ("您好", "agent", agent.id)

    def test_again_and_conflict(self, as_agent, served):
        body = text()
        codes = [as_agent.post_json(path(served, "messages"), body).status_code for _ in range(2)]
        assert codes == [201, 200]
        body["content"] = {"text": "别的"}
        refused(as_agent.post_json(path(served, "messages"), body), 409, "conflict")

    def test_only_who_serves_it(self, as_agent, as_colleague, waiting):
        for caller in (as_agent, as_colleague):
            refused(caller.post_json(path(waiting, "messages"), text()), 403, "forbidden")

    def test_after_the_end(self, as_agent, customer, channel, agent):
        closed = ConversationFactory(
            customer=customer, channel=channel, agent=agent, state="closed"
        )
        answer = as_agent.post_json(path(closed, "messages"), text())
        refused(answer, 409, "conversation_closed")

    @pytest.mark.parametrize(
        "changes",
        [{"kind": "html"}, {"kind": []}, {"content": {}}, {"client_msg_id": 5}, {"x": 1}],
        ids=str,
    )
    def test_bad_input(self, as_agent, served, changes):
        answer = as_agent.post_json(path(served, "messages"), text(**changes))
        refused(answer, 400, "invalid")


class TestNotes:
    def test_it_works(self, as_agent, served):
        answer = as_agent.post_json(path(served, "notes"), {"text": "客户很急"})
        row = Message.objects.get()
        assert answer.status_code == 201
        assert (row.kind, row.text, row.visitor_seq) == ("note", "客户很急", None)

    def test_the_visitor_sees_none(self, as_agent, visitor, served):
        as_agent.post_json(path(served, "notes"), {"text": "客户很急"})
        body = visitor.get_json(f"visitor/events?conversation={served.id}").json()
        assert (body["events"], body["seq"]) == ([], 0)

    @pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 1}, {"text": "\x00"}], ids=str)
    def test_bad_input(self, as_agent, served, body):
        refused(as_agent.post_json(path(served, "notes"), body), 400, "invalid")


class TestReading:
    def test_it_works(self, as_agent, agent, served):
        MessageFactory(conversation=served)
        assert as_agent.post_json(path(served, "read"), {"seq": 1}).status_code == 200
        assert Participant.objects.get(agent=agent).read_seq == 1


class TestClosing:
    def test_it_works(self, as_agent, served):
        answer = as_agent.post_json(path(served, "close"))
        assert (answer.status_code, answer.json()["state"]) == (200, "closed")
        assert WorkItem.objects.get().state == "done"

    def test_twice(self, as_agent, served):
        as_agent.post_json(path(served, "close"))
        refused(as_agent.post_json(path(served, "close")), 409, "conversation_closed")


class TestClaiming:
    def test_it_works(self, as_agent, agent, waiting):
        answer = as_agent.post_json(path(waiting, "claim"))
        assert (answer.status_code, answer.json()["state"]) == (200, "serving")
        assert answer.json()["agent"]["id"] == str(agent.id)

    def test_too_late(self, as_agent, as_colleague, waiting):
        as_agent.post_json(path(waiting, "claim"))
        answer = as_colleague.post_json(path(waiting, "claim"))
        assert answer.status_code in {404, 409}
        waiting.refresh_from_db()
        assert waiting.state == "serving"

    def test_beyond_ones_capacity(self, as_agent, agent, served, channel):
        agent.capacity = 1
        agent.save()
        answer = as_agent.post_json(path(ConversationFactory(channel=channel), "claim"))
        refused(answer, 409, "agent_unavailable")
