"""The page of the floor, and what is done from it."""

import json

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.floor import sharing
from conversations.floor.warnings import millis
from conversations.models import Conversation
from lingxi.access.models import Role, Scope
from routing.models import BreakReason, BreakRequest, WorkItem
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor(floor):
    return floor.supervisor()


def client_of(user):
    client = Client(headers={"accept": "application/json"})
    client.force_login(user)
    return client


def post(user, path, **data):
    response = client_of(user).post(f"/floor/{path}", data)
    return response.status_code, response.json()


def rows_of(user, table):
    """What the page comes with."""
    said = json.loads(client_of(user).get("/floor/").context["floor"])
    return said["tables"][table]["set"]


# -- the page ------------------------------------------------------------------------------------


def test_the_page_comes_with_what_there_is(floor, other, supervisor):
    agent = floor.agent(name="王芳")
    waiting = floor.waiting(30)
    other.agent(name="别组的人")
    response = client_of(supervisor).get("/floor/")
    said = json.loads(response.context["floor"])
    assert [row["id"] for row in said["tables"]["groups"]["set"]] == [str(floor.group.pk)]
    assert [row["id"] for row in said["tables"]["agents"]["set"]] == [str(agent.pk)]
    assert [row["id"] for row in said["tables"]["conversations"]["set"]] == [str(waiting.pk)]
    assert "别组的人" not in response.content.decode()
    assert said["version"] == sharing.current()[0].version


def test_markup_in_a_name_stays_text(floor, supervisor):
    floor.agent(name="</script><b>")
    assert "</script><b>" not in client_of(supervisor).get("/floor/").content.decode()


@pytest.mark.parametrize("role", [Role.AGENT, Role.INSPECTOR, Role.AUDITOR, Role.PARTNER])
def test_only_leaders_see_the_page(role):
    assert client_of(UserFactory(role=role, scope=Scope.ALL)).get("/floor/").status_code == 403


def queries_of_page(user, monkeypatch):
    from lingxi.redis import client as empty

    client = client_of(user)
    empty().flushdb()
    monkeypatch.setattr(sharing, "_last", None)
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/floor/").status_code == 200
    return len(captured)


def test_the_page_takes_as_many_queries_for_3_agents_as_for_300(floor, supervisor, monkeypatch):
    for _ in range(3):
        floor.unanswered(999)
        floor.waiting(300)
    queries_of_page(supervisor, monkeypatch)  # the first one fills caches of the process
    few = queries_of_page(supervisor, monkeypatch)
    users = UserFactory.create_batch(297, password=None)
    for user in users:
        AgentFactory(user=user, ready=True, groups=[floor.group])
    for _ in range(20):
        floor.waiting(300)
    assert queries_of_page(supervisor, monkeypatch) == few


def test_while_the_snapshot_is_fresh_the_page_asks_only_who_one_is(floor, supervisor):
    client = client_of(supervisor)
    client.get("/floor/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/floor/")
    assert len(captured) <= 8


# -- assigning by hand ---------------------------------------------------------------------------


def test_a_waiting_conversation_is_assigned_by_hand(floor, supervisor):
    agent, waiting = floor.agent(), floor.waiting(60)
    status, said = post(supervisor, f"c/{waiting.pk}/assign/", agent=agent.pk)
    waiting.refresh_from_db()
    assert (status, said["state"]) == (200, "serving")
    assert waiting.agent == agent
    entry = LogEntry.objects.get(object_pk=str(waiting.pk), actor=supervisor)
    assert entry.additional_data["supervision"] == "assign"


def test_a_full_agent_may_be_given_one_more_by_hand(floor, supervisor):
    agent = floor.agent(capacity=1)
    floor.conversation("serving", agent)
    assert post(supervisor, f"c/{floor.waiting(9).pk}/assign/", agent=agent.pk)[0] == 200


def test_who_is_on_a_break_is_not_given_any(floor, supervisor):
    agent, waiting = floor.agent(status="break"), floor.waiting(60)
    status, said = post(supervisor, f"c/{waiting.pk}/assign/", agent=agent.pk)
    assert (status, said["code"]) == (409, "agent_unavailable")
    assert Conversation.objects.get(pk=waiting.pk).agent is None


def test_what_somebody_serves_already_is_not_assigned_again(floor, supervisor):
    served = floor.unanswered(9)
    assert post(supervisor, f"c/{served.pk}/assign/", agent=floor.agent().pk)[0] == 409


def test_an_agent_of_another_group_is_refused(floor, other):
    everything = UserFactory(role=Role.SUPERVISOR, scope=Scope.ALL)
    waiting = floor.waiting(60)
    status, said = post(everything, f"c/{waiting.pk}/assign/", agent=other.agent().pk)
    assert (status, list(said["fields"])) == (400, ["agent"])


@pytest.mark.parametrize("agent", ["", "x"])
def test_nobody_is_no_agent(floor, supervisor, agent):
    assert post(supervisor, f"c/{floor.waiting(9).pk}/assign/", agent=agent)[0] == 400


def test_out_of_sight_is_out_of_reach(floor, other, supervisor):
    mine, theirs = floor.waiting(9), other.waiting(9)
    assert post(supervisor, f"c/{theirs.pk}/assign/", agent=floor.agent().pk)[0] == 404
    assert post(supervisor, f"c/{mine.pk}/assign/", agent=other.agent().pk)[0] == 404
    assert post(supervisor, f"c/{theirs.pk}/priority/", priority=5)[0] == 404
    assert post(supervisor, f"agents/{other.agent().pk}/status/", status="break")[0] == 404


# -- priority ------------------------------------------------------------------------------------


def test_priority_moves_a_conversation_ahead_and_is_written_down(floor, supervisor):
    floor.waiting(300)
    late = floor.waiting(5)
    assert post(supervisor, f"c/{late.pk}/priority/", priority=50) == (200, {"priority": 50})
    first = WorkItem.objects.waiting().filter(group=floor.group).first()
    assert first.item_id == late.pk
    entry = LogEntry.objects.get(object_pk=str(late.pk), actor=supervisor)
    assert entry.additional_data == {"supervision": "prioritize", "priority": 50}


@pytest.mark.parametrize("priority", [101, -101, "x", ""])
def test_a_priority_out_of_bounds_is_refused(floor, supervisor, priority):
    assert post(supervisor, f"c/{floor.waiting(9).pk}/priority/", priority=priority)[0] == 400


def test_what_waits_no_more_has_no_priority(floor, supervisor):
    served = floor.unanswered(9)
    assert post(supervisor, f"c/{served.pk}/priority/", priority=5)[0] == 409
    assert not LogEntry.objects.filter(actor=supervisor).exists()


# -- agents --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["break", "offline", "busy"])
def test_a_supervisor_changes_an_agents_status(floor, supervisor, status):
    agent = floor.agent()
    assert post(supervisor, f"agents/{agent.pk}/status/", status=status, reason="开会")[0] == 200
    agent.refresh_from_db()
    assert (agent.status, agent.status_reason) == (status, "开会")
    entry = LogEntry.objects.filter(object_pk=str(agent.pk), actor=supervisor)
    data = entry.values_list("additional_data", flat=True)
    assert {"floor": "status", "from": "ready", "to": status} in list(data)


def test_nobody_is_made_ready_by_another(floor, supervisor):
    agent = floor.agent(status="break")
    assert post(supervisor, f"agents/{agent.pk}/status/", status="ready")[0] == 400


def test_a_break_that_the_agent_must_ask_for_is_not_begun_for_them(floor, supervisor):
    BreakReason.objects.create(name="培训", needs_approval=True)
    agent = floor.agent()
    assert post(supervisor, f"agents/{agent.pk}/status/", status="break", reason="培训")[0] == 403
    assert not BreakRequest.objects.exists()


# -- breaks --------------------------------------------------------------------------------------


@pytest.fixture
def asked(floor):
    reason = BreakReason.objects.create(name="培训", needs_approval=True)
    return BreakRequest.objects.create(agent=floor.agent(), reason=reason)


@pytest.mark.parametrize(
    ("decision", "state", "status"),
    [("approve", "approved", "break"), ("reject", "rejected", "ready")],
)
def test_a_break_is_decided_from_the_floor(asked, supervisor, decision, state, status):
    assert post(supervisor, f"breaks/{asked.pk}/", decision=decision)[0] == 200
    asked.refresh_from_db()
    assert (asked.state, asked.agent.status, asked.decided_by) == (state, status, supervisor)


def test_a_break_is_decided_once(asked, supervisor):
    post(supervisor, f"breaks/{asked.pk}/", decision="approve")
    assert post(supervisor, f"breaks/{asked.pk}/", decision="reject")[0] == 409


def test_a_break_out_of_sight_or_without_an_answer(asked, other, supervisor):
    assert post(other.supervisor(), f"breaks/{asked.pk}/", decision="approve")[0] == 404
    assert post(supervisor, f"breaks/{asked.pk}/", decision="maybe")[0] == 400
    asked.refresh_from_db()
    assert asked.state == "pending"


def test_agents_do_none_of_it(floor, asked):
    agent, waiting = floor.agent(), floor.waiting(9)
    for path in (
        f"c/{waiting.pk}/assign/",
        f"c/{waiting.pk}/priority/",
        f"agents/{agent.pk}/status/",
        f"breaks/{asked.pk}/",
    ):
        assert post(agent.user, path, agent=agent.pk, status="break")[0] == 403


def test_times_go_as_milliseconds(floor, supervisor):
    waiting = floor.waiting(60)
    item = WorkItem.objects.get(item_id=waiting.pk)
    rows = rows_of(supervisor, "conversations")
    assert rows[0]["since"] == millis(item.enqueued_at)


def test_a_group_without_anybody_is_shown(supervisor):
    empty = SkillGroupFactory()
    user = UserFactory(role=Role.ADMIN, scope=Scope.ALL)
    rows = rows_of(user, "groups")
    (row,) = [one for one in rows if one["id"] == str(empty.pk)]
    assert (row["ready"], row["capacity"], row["oldest"]) == (0, 0, None)
