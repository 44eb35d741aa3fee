"""Approvals, orders and urging by API."""

import datetime as dt

import pytest
from django.utils import timezone

from tests import factories as base
from tests.tickets.approval.world import World

pytestmark = pytest.mark.django_db
BASE = "/api/v1/tickets/"


def _post(client, path, body=None):
    return client.post(f"{BASE}{path}", body or {}, content_type="application/json")


def test_an_approver_lists_and_answers(client):
    world = World()
    approval = world.ask(comment="已退货")
    client.force_login(world.lead)
    [found] = client.get(f"{BASE}approvals/").json()
    assert found["id"] == str(approval.pk)
    assert found["ticket"]["fields"] == {"amount": 200}
    assert found["may_decide"]
    answer = _post(client, f"approvals/{approval.pk}/decide", {"decision": "approve"})
    assert answer.json()["state"] == "approved"
    assert client.get(f"{BASE}approvals/").json() == []
    assert len(client.get(f"{BASE}approvals/", {"tab": "done"}).json()) == 1
    assert client.get(f"{BASE}approvals/", {"tab": "all"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"decision": "reject"}, 400),
        ({"decision": "maybe"}, 400),
        ({}, 400),
        ({"decision": "approve", "more": 1}, 400),
    ],
)
def test_what_does_not_fit_is_refused(client, body, status):
    world = World()
    approval = world.ask()
    client.force_login(world.lead)
    assert _post(client, f"approvals/{approval.pk}/decide", body).status_code == status
    approval.refresh_from_db()
    assert approval.state == "pending"


def test_it_is_delegated_by_user_name_and_withdrawn_by_the_asker(client):
    world = World()
    deputy = base.UserFactory(role="agent", username="li")
    approval = world.ask()
    client.force_login(world.lead)
    answer = _post(client, f"approvals/{approval.pk}/delegate", {"user": "li"})
    assert [one["state"] for one in answer.json()["steps"][0]["answers"]] == ["delegated", "asked"]
    assert _post(client, f"approvals/{approval.pk}/delegate", {"user": "nobody"}).status_code in (
        400,
        409,
    )
    client.force_login(deputy)
    assert _post(client, f"approvals/{approval.pk}/withdraw").status_code == 403
    client.force_login(world.asker)
    assert _post(client, f"approvals/{approval.pk}/withdraw").json()["state"] == "withdrawn"


def test_orders_and_urging(client):
    world = World()
    client.force_login(world.lead)
    due = (timezone.now() + dt.timedelta(hours=2)).isoformat()
    path = f"{world.ticket.reference}/orders"
    made = _post(client, path, {"text": "联系客户", "due_at": due}).json()
    assert made["state"] == "open"
    assert (
        _post(client, path, {"text": "联系客户", "due_at": "2020-01-01T00:00:00Z"}).status_code
        == 400
    )
    assert [one["id"] for one in client.get(f"{BASE}{path}").json()] == [made["id"]]
    client.force_login(world.asker)
    assert _post(client, path, {"text": "自己来", "due_at": due}).status_code == 403
    answer = _post(client, f"orders/{made['id']}/answer", {"text": "已联系"})
    assert answer.json()["answer"] == "已联系"
    assert _post(client, f"{world.ticket.reference}/urge").json() == {"urges": 1}
    assert _post(client, f"{world.ticket.reference}/urge").status_code == 429
