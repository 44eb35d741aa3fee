"""Reasons for breaks, and deciding about requests, in admin."""

import pytest
from django.urls import reverse

from routing import breaks
from routing.models import BreakReason, BreakRequest
from tests.admin_forms import errors_of, filled
from tests.factories import AgentFactory, BreakReasonFactory, BreakRequestFactory, SkillGroupFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/routing/breakrequest/"


@pytest.fixture
def group():
    return SkillGroupFactory()


@pytest.fixture
def request_(group):
    agent = AgentFactory(name="王芳", status="busy", groups=[group])
    return BreakRequestFactory(agent=agent, reason__name="午休")


def decide(client, request, verb, **said):
    url = f"{LIST}{request.pk}/{verb}/"
    return client.post(url, {"_form_submitted": "on", **said}, follow=True)


def test_a_reason_is_added(administrator):
    url = reverse("admin:routing_breakreason_add")
    data = filled(administrator, url, name="午休", needs_approval="on", max_minutes=30)
    assert errors_of(administrator.post(url, data)) == ""
    reason = BreakReason.objects.get()
    assert (reason.needs_approval, reason.max_minutes) == (True, 30)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"max_minutes": "0"}, {"max_minutes": "601"}])
def test_a_senseless_reason_is_refused(administrator, wrong):
    reason = BreakReasonFactory()
    url = reverse("admin:routing_breakreason_change", args=[reason.pk])
    data = filled(administrator, url, **wrong)
    assert errors_of(administrator.post(url, data)) != ""


def test_a_reason_that_was_asked_for_is_kept(administrator, request_):
    url = reverse("admin:routing_breakreason_delete", args=[request_.reason_id])
    administrator.post(url, {"post": "yes"})
    assert BreakReason.objects.exists()


@pytest.mark.parametrize(
    ("verb", "after"), [("approve", ("approved", "break")), ("reject", ("rejected", "busy"))]
)
def test_a_supervisor_decides_with_a_word(supervisor_of, group, request_, verb, after):
    decide(supervisor_of(group), request_, verb, note="好的")
    request_.refresh_from_db()
    request_.agent.refresh_from_db()
    assert (request_.state, request_.agent.status) == after
    assert request_.note == "好的"


def test_asking_first_does_not_decide(supervisor_of, group, request_):
    response = supervisor_of(group).get(f"{LIST}{request_.pk}/approve/")
    assert "审批意见" in response.text
    request_.refresh_from_db()
    assert request_.state == "pending"


def test_several_are_decided_at_once_and_what_went_wrong_is_said(administrator, request_):
    gone = BreakRequestFactory(agent__status="offline")
    chosen = {
        "action": "approve_chosen",
        "_selected_action": [str(request_.pk), str(gone.pk)],
    }
    text = administrator.post(LIST, chosen, follow=True).text
    assert "已同意 1 项申请" in text
    assert "该坐席已离线" in text
    gone.refresh_from_db()
    assert gone.state == "pending"


def test_a_second_decision_is_told_off(supervisor_of, group, request_):
    client = supervisor_of(group)
    decide(client, request_, "approve")
    assert "该申请已同意" in decide(client, request_, "reject").text
    request_.refresh_from_db()
    assert request_.state == "approved"


def test_supervisors_of_other_groups_neither_see_nor_decide(supervisor_of, request_):
    client = supervisor_of(SkillGroupFactory())
    assert "王芳" not in client.get(LIST).text
    decide(client, request_, "approve")
    request_.refresh_from_db()
    assert request_.state == "pending"


def test_the_buttons_go_once_it_is_decided(administrator, request_):
    url = reverse("admin:routing_breakrequest_change", args=[request_.pk])
    assert f"{request_.pk}/approve/" in administrator.get(url).text
    breaks.withdraw(request_)
    assert f"{request_.pk}/approve/" not in administrator.get(url).text


def test_those_that_wait_come_first(administrator, request_):
    BreakRequestFactory(agent__name="李四", state="rejected")
    text = administrator.get(LIST).text
    assert text.index("王芳") < text.index("李四")


def test_the_sidebar_counts_what_waits(administrator, supervisor_of, request_):
    from routing.admin.breaks import pending_count

    def count(client):
        return pending_count(client.get(LIST).wsgi_request)

    assert count(administrator) == "1"
    assert count(supervisor_of(SkillGroupFactory())) == ""
    BreakRequest.objects.update(state="approved")
    assert count(administrator) == ""
