"""Breaks in the workbench and by API: choosing a reason, waiting for approval, taking it back."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from conversations.principals import agent_token
from routing.models import AgentStatus, BreakRequest
from tests.factories import AgentFactory, BreakReasonFactory, UserFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/agent/"


@pytest.fixture
def agent():
    return AgentFactory(status=AgentStatus.BUSY)


@pytest.fixture
def page(agent):
    client = Client()
    client.force_login(agent.user)
    return client


@pytest.fixture
def api(agent):
    return Client(HTTP_AUTHORIZATION=f"Bearer {agent_token(agent.user)}")


@pytest.fixture
def lunch():
    return BreakReasonFactory(name='午休 "长"', needs_approval=True, max_minutes=60)


def put(client, **said):
    return client.put(f"{API}status", said, content_type="application/json").json()


def test_the_switch_offers_the_reasons_in_use(page, lunch):
    BreakReasonFactory(name="喝水")
    BreakReasonFactory(name="旧原因", is_active=False)
    text = page.get("/workbench/status/now/").text
    assert "午休 &quot;长&quot;" in text
    assert "需审批" in text
    assert "60 分钟" in text
    assert "喝水" in text
    assert "旧原因" not in text
    assert text.count("需审批") == 1


def test_a_reason_without_approval_begins_the_break(page, agent):
    BreakReasonFactory(name="喝水")
    text = page.post("/workbench/status/", {"break_for": "喝水"}).text
    assert 'data-status="break"' in text
    assert "小休待审批" not in text
    agent.refresh_from_db()
    assert (agent.status, agent.status_reason) == ("break", "喝水")


def test_a_reason_with_approval_is_shown_as_waiting_and_can_be_taken_back(page, agent, lunch):
    text = page.post("/workbench/status/", {"break_for": lunch.name}).text
    assert 'data-status="busy"' in text
    assert "小休待审批" in text
    text = page.post("/workbench/break/withdraw/").text
    assert "小休待审批" not in text
    assert BreakRequest.objects.get().state == "withdrawn"


def test_taking_back_what_is_decided_shows_how_it_stands(page, agent, lunch):
    BreakRequest.objects.create(agent=agent, reason=lunch, state="approved")
    assert page.post("/workbench/break/withdraw/").status_code == 200
    assert BreakRequest.objects.get().state == "approved"


def test_who_is_no_agent_takes_nothing_back():
    client = Client()
    client.force_login(UserFactory(role="supervisor"))
    assert client.post("/workbench/break/withdraw/").status_code == 403


def test_a_break_counts_up_to_its_limit(page, agent, lunch):
    agent.status, agent.status_reason = "break", lunch.name
    agent.status_since = timezone.now() - dt.timedelta(minutes=5)
    agent.save()
    text = page.get("/workbench/status/now/").text
    assert f'data-since="{round(agent.status_since.timestamp() * 1000)}"' in text
    assert 'data-limit="3600"' in text
    assert "上限 60 分钟" in text


def test_no_clock_runs_without_a_break(page, lunch):
    assert "break-timer" not in page.get("/workbench/status/now/").text


def test_by_api_a_break_that_needs_approval_is_a_request(api, lunch):
    answer = put(api, status="break", reason=lunch.name)
    assert answer["status"] == "busy"
    assert answer["break_request"]["reason"] == lunch.name
    assert answer["break_request"]["state"] == "pending"
    assert api.get(f"{API}status").json() == answer
    back = api.delete(f"{API}break-request").json()
    assert (back["status"], back["break_request"]) == ("busy", None)


def test_by_api_any_other_break_begins(api, lunch):
    answer = put(api, status="break", reason="接孩子")
    assert (answer["status"], answer["break_request"]) == ("break", None)


def test_by_api_a_second_request_is_a_conflict(api, lunch):
    put(api, status="break", reason=lunch.name)
    other = BreakReasonFactory(needs_approval=True)
    assert put(api, status="break", reason=other.name)["code"] == "conflict"
    assert put(api, status="break", reason=lunch.name)["break_request"]["reason"] == lunch.name


def test_the_api_lists_the_reasons_in_use(api, lunch):
    BreakReasonFactory(is_active=False)
    assert api.get(f"{API}break-reasons").json() == [
        {"name": lunch.name, "needs_approval": True, "max_minutes": 60}
    ]
