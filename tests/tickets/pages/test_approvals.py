"""我的审批, and what is done from there."""

import pytest
from django.urls import reverse

from tests import factories as base
from tests.tickets.approval.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def _as(client, user):
    client.force_login(user)
    return client


def _text(answer):
    return answer.content.decode()


def test_a_supervisor_finds_what_waits_and_approves_it(client, world):
    approval = world.ask(comment="已退货")
    page = _text(_as(client, world.lead).get(reverse("tickets:approvals")))
    assert world.ticket.reference in page
    assert "已退货" in page
    assert "¥200.00" in page
    url = reverse("tickets:approval-decide", args=[approval.pk])
    card = _text(client.post(url, {"decision": "approve"}))
    assert 'data-state="approved"' in card
    assert 'hx-swap-oob="true" hidden' in card
    assert world.now().status == "resolved"


@pytest.mark.parametrize("tab", ["waiting", "asked", "done", "nonsense"])
def test_an_empty_tab_says_so(client, world, tab):
    page = _as(client, world.lead).get(reverse("tickets:approvals"), {"tab": tab})
    assert 'data-testid="approvals-empty"' in _text(page)


def test_from_the_ticket_the_whole_ticket_comes_back(client, world):
    approval = world.ask()
    page = _text(_as(client, world.lead).get(reverse("tickets:ticket", args=[world.ticket.number])))
    assert 'data-testid="ticket-approval"' in page
    url = reverse("tickets:approval-decide", args=[approval.pk])
    said = {"decision": "reject", "reason": "不符合", "on": "ticket"}
    answer = _text(client.post(url, said))
    assert 'class="ticket-main"' in answer
    assert 'data-testid="past-approval"' in answer


def test_a_refusal_needs_a_reason(client, world):
    url = reverse("tickets:approval-decide", args=[world.ask().pk])
    answer = _as(client, world.lead).post(url, {"decision": "reject"})
    assert answer.status_code == 400
    assert "reason" in answer.json()["fields"]


def test_the_asker_is_offered_to_nobody(client, world):
    approval = world.ask()
    deputy = base.UserFactory(role="agent", first_name="赵六")
    url = reverse("tickets:approval-people", args=[approval.pk])
    offered = _text(_as(client, world.lead).get(url))
    assert "赵六" in offered
    for person in (world.asker, world.lead):
        assert f'"user": "{person.pk}"' not in offered
    assert "赵六" not in _text(client.get(url, {"q": "没有这个人"}))
    to = reverse("tickets:approval-delegate", args=[approval.pk])
    assert "赵六" in _text(client.post(to, {"user": deputy.pk, "reason": "休假"}))
    assert client.post(to, {"user": ""}).status_code == 400


def test_the_asker_withdraws(client, world):
    approval = world.ask()
    url = reverse("tickets:approval-withdraw", args=[approval.pk])
    assert 'data-state="withdrawn"' in _text(_as(client, world.asker).post(url))


def test_a_long_list_goes_on(client, world, monkeypatch):
    from tests.tickets import factories
    from tests.tickets.approval.world import ask
    from tickets.pages import approvals

    monkeypatch.setattr(approvals, "PER_PAGE", 1)
    for _ in range(2):
        made = factories.ticket(world.type, assignee=world.agent)
        ask(made, world.asker)
    url = reverse("tickets:approvals")
    assert "?tab=waiting&amp;from=1" in _text(_as(client, world.lead).get(url))
    part = _text(client.get(url, {"from": 1}, headers={"HX-Request": "true"}))
    assert made.reference in part
    assert "<html" not in part
