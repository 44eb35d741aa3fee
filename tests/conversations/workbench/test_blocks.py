"""拉黑 from the customer's panel."""

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse

from conversations import blocklist
from conversations.models import Block
from tests.factories import AgentFactory, CustomerFactory, ParticipantFactory, UserFactory

pytestmark = pytest.mark.django_db


def url_of(name, customer):
    return reverse(f"workbench:{name}", args=[customer.id])


def test_it_works(page, serving):
    customer = serving.customer
    assert "拉黑客户" in page.get(url_of("block", customer)).text
    answer = page.post(url_of("block", customer), {"reason": "辱骂客服", "hours": "24"})
    assert "已拉黑" in answer.text
    assert blocklist.is_blocked(customer.id)
    serving.refresh_from_db()
    assert serving.state == "closed"


def test_it_is_written_down_who_did_it(page, serving, agent):
    page.post(url_of("block", serving.customer), {"reason": "辱骂客服", "hours": ""})
    page.post(url_of("unblock", serving.customer))
    row = Block.objects.get()
    assert (row.expires_at, row.lifted_at is None) == (None, False)
    entries = LogEntry.objects.get_for_object(row).order_by("id")
    assert [entry.actor for entry in entries] == [agent.user] * 2


def test_the_panel_shows_the_block_and_who_may_lift_it(page, serving, agent):
    blocklist.block(serving.customer, "辱骂客服", 24, agent.user)
    url = reverse("workbench:conversation", args=[serving.id])
    assert "辱骂客服" in page.get(url).text
    assert 'data-testid="unblock"' in page.get(url).text
    colleague = AgentFactory(groups=[serving.group])
    ParticipantFactory(conversation=serving, agent=colleague)
    other = Client()
    other.force_login(colleague.user)
    assert "辱骂客服" in other.get(url).text
    assert 'data-testid="unblock"' not in other.get(url).text
    assert other.post(url_of("unblock", serving.customer)).status_code == 403
    assert blocklist.is_blocked(serving.customer.id)


@pytest.mark.parametrize("said", [{}, {"reason": ""}, {"reason": "x", "hours": "2"}])
def test_nonsense_is_refused(page, serving, said):
    assert page.post(url_of("block", serving.customer), said).status_code == 400
    assert not Block.objects.exists()


def test_a_customer_out_of_sight_does_not_exist(page):
    stranger = CustomerFactory()
    for name in ("block", "unblock"):
        assert page.post(url_of(name, stranger), {"reason": "x"}).status_code == 404


def test_readers_may_not(serving):
    client = Client()
    client.force_login(UserFactory(role="inspector", scope="all"))
    assert client.post(url_of("block", serving.customer), {"reason": "x"}).status_code == 403
