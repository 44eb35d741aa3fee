"""Assisting and supervising over HTTP; what it means is tested with the domain."""

import pytest
from auditlog.models import LogEntry
from guardian.shortcuts import assign_perm

from conversations.models import Message
from conversations.principals import agent_token
from tests.conversations.api.conftest import Caller, refused
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def path(conversation, action):
    return f"agent/conversations/{conversation.id}/{action}"


def text(kind="text"):
    return {"client_msg_id": f"said-{kind}", "kind": kind, "content": {"text": "您好"}}


@pytest.fixture
def colleague(group):
    return AgentFactory(status="busy", present=True, groups=[group], name="李四")


@pytest.fixture
def as_helper(colleague):
    return Caller(agent_token(colleague.user))


class TestAssisting:
    def test_from_invitation_to_leave(self, as_agent, as_helper, colleague, served):
        refused(as_helper.post_json(path(served, "messages"), text()), 404, "not_found")
        body = {"agent": str(colleague.id), "note": "帮忙看看退款"}
        assert as_agent.post_json(path(served, "assist"), body).status_code == 200
        assert as_helper.post_json(path(served, "messages"), text()).status_code == 201
        assert as_helper.post_json(path(served, "leave")).status_code == 200
        again = text() | {"client_msg_id": "afterwards"}
        refused(as_helper.post_json(path(served, "messages"), again), 403, "forbidden")

    def test_who_serves_sends_them_away(self, as_agent, as_helper, colleague, served):
        body = {"agent": str(colleague.id)}
        as_agent.post_json(path(served, "assist"), body)
        refused(as_helper.post_json(path(served, "assist/remove"), body), 403, "forbidden")
        assert as_agent.post_json(path(served, "assist/remove"), body).status_code == 200
        refused(as_helper.post_json(path(served, "messages"), text()), 403, "forbidden")

    def test_a_supervisor_invites_too(self, as_supervisor, colleague, served):
        body = {"agent": str(colleague.id)}
        assert as_supervisor.post_json(path(served, "assist"), body).status_code == 200

    def test_refusals(self, as_agent, agent, served):
        for body in ({}, {"agent": str(agent.id)}):
            refused(as_agent.post_json(path(served, "assist"), body), 400, "invalid")
        away = AgentFactory(status="ready")
        body = {"agent": str(away.id)}
        refused(as_agent.post_json(path(served, "assist"), body), 409, "agent_unavailable")


class TestSupervising:
    @pytest.mark.parametrize(
        ("body", "state"),
        [
            ({"action": "monitor"}, "serving"),
            ({"action": "barge_in"}, "serving"),
            ({"action": "stop"}, "serving"),
            ({"action": "take_over", "reason": "投诉"}, "serving"),
            ({"action": "force_end", "reason": "辱骂"}, "closed"),
        ],
    )
    def test_it_works(self, as_supervisor, served, body, state):
        answer = as_supervisor.post_json(path(served, "supervise"), body)
        assert (answer.status_code, answer.json()["state"]) == (200, state)

    def test_whispering(self, as_supervisor, served):
        said = as_supervisor.post_json(path(served, "messages"), text("whisper"))
        refused(said, 403, "forbidden")  # who is no agent steps in first
        as_supervisor.post_json(path(served, "supervise"), {"action": "monitor"})
        answer = as_supervisor.post_json(path(served, "messages"), text("whisper"))
        assert answer.status_code == 201
        assert Message.objects.get(kind="whisper").visitor_seq is None

    def test_the_visitors_poll_never_carries_it(self, as_supervisor, as_agent, visitor, served):
        as_supervisor.post_json(path(served, "supervise"), {"action": "monitor"})
        as_agent.post_json(path(served, "messages"), text())
        as_supervisor.post_json(path(served, "messages"), text("whisper"))
        found = visitor.get_json(f"visitor/events?conversation={served.id}&after=1&wait=1").json()
        assert (found["events"], found["seq"]) == ([], 1)
        as_agent.post_json(path(served, "messages"), text() | {"client_msg_id": "next"})
        found = visitor.get_json(f"visitor/events?conversation={served.id}&after=0").json()
        assert [(one["seq"], one["kind"]) for one in found["events"]] == [
            (1, "message"),
            (2, "message"),
        ]

    def test_no_visitor_whispers(self, visitor, served):
        body = {"conversation": str(served.id), **text("whisper")}
        refused(visitor.post_json("visitor/messages", body), 400, "invalid")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"action": "delete"},
            {"action": "force_end"},
            {"action": "force_end", "reason": " "},
            {"action": "monitor", "x": 1},
        ],
    )
    def test_what_cannot_be_meant(self, as_supervisor, served, body):
        refused(as_supervisor.post_json(path(served, "supervise"), body), 400, "invalid")
        assert not LogEntry.objects.filter(additional_data__has_key="supervision").exists()

    def test_agents_do_not_supervise(self, as_agent, served):
        body = {"action": "monitor"}
        refused(as_agent.post_json(path(served, "supervise"), body), 403, "forbidden")
        refused(as_agent.post_json(path(served, "messages"), text("whisper")), 403, "forbidden")

    def test_nor_do_supervisors_of_other_groups(self, served):
        user = UserFactory(role="supervisor", scope="group")
        assign_perm("supervise_skillgroup", user, SkillGroupFactory())
        caller = Caller(agent_token(user))
        body = {"action": "take_over"}
        refused(caller.post_json(path(served, "supervise"), body), 404, "not_found")
        refused(caller.post_json(path(served, "messages"), text("whisper")), 404, "not_found")
