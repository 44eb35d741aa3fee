"""督办 and 催办 from the page of a ticket."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories as base
from tests.tickets import factories
from tickets.models import SupervisionOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    type = factories.TicketTypeFactory()
    return factories.ticket(type, assignee=base.AgentFactory(groups=[type.group]))


@pytest.fixture
def lead(client):
    user = base.UserFactory(role="supervisor", scope="all")
    client.force_login(user)
    return user


def _due(hours=3):
    at = timezone.localtime(timezone.now() + dt.timedelta(hours=hours))
    return at.strftime("%Y-%m-%dT%H:%M")


def test_a_leader_orders_and_the_assignee_answers(client, ticket, lead):
    url = reverse("tickets:supervise", args=[ticket.number])
    assert 'name="due_at"' in client.get(url).content.decode()
    page = client.post(url, {"text": "今天联系客户", "due_at": _due()}).content.decode()
    assert "今天联系客户" in page
    assert "督办中" in page
    order = SupervisionOrder.objects.get()
    client.force_login(ticket.assignee.user)
    answer = reverse("tickets:order-answer", args=[order.pk])
    assert "已联系" in client.post(answer, {"text": "已联系"}).content.decode()
    order.refresh_from_db()
    assert order.state == "answered"


@pytest.mark.parametrize(
    "said",
    [{"text": "", "due_at": "2099-01-01T00:00"}, {"text": "好", "due_at": "明天"}, {"text": "好"}],
)
def test_an_order_without_words_or_deadline_is_refused(client, ticket, lead, said):
    answer = client.post(reverse("tickets:supervise", args=[ticket.number]), said)
    assert answer.status_code == 400
    assert not SupervisionOrder.objects.exists()


def test_the_leader_takes_it_back(client, ticket, lead):
    said = {"text": "联系", "due_at": _due()}
    client.post(reverse("tickets:supervise", args=[ticket.number]), said)
    url = reverse("tickets:order-withdraw", args=[SupervisionOrder.objects.get().pk])
    assert "督办已撤回" in client.post(url).content.decode()


def test_a_colleague_urges_once_in_a_while(client, ticket, lead):
    url = reverse("tickets:urge", args=[ticket.number])
    assert "催办 1" in client.post(url).content.decode()
    again = client.post(url)
    assert again.status_code == 429
    assert int(again.headers["Retry-After"]) > 500
