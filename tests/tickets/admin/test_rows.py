"""Rows of tickets and comments in the admin, to be looked at by those who see them."""

import pytest
from django.urls import reverse

from tests.tickets import factories
from tests.tickets.conftest import client_of
from tickets.service import By, comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(type, supervisor):
    made = factories.ticket(type, title="屏幕碎了")
    comment(made.pk, By.staff(supervisor), "已发货")
    return made


def test_they_are_listed_found_and_shown(ticket, supervisor):
    client = client_of(supervisor)
    for model, shown in (("ticket", "屏幕碎了"), ("comment", "已发货")):
        assert shown in client.get(reverse(f"admin:tickets_{model}_changelist")).content.decode()
    one = reverse("admin:tickets_ticket_change", args=[ticket.pk])
    assert "屏幕碎了" in client.get(one).content.decode()
    found = client.get(reverse("admin:tickets_ticket_changelist"), {"q": str(ticket.number)})
    assert "屏幕碎了" in found.content.decode()
    said = ticket.comments.get()
    page = client.get(reverse("admin:tickets_comment_change", args=[said.pk]))
    assert "已发货" in page.content.decode()


def test_nothing_is_written_here(ticket, supervisor):
    client = client_of(supervisor)
    one = reverse("admin:tickets_ticket_change", args=[ticket.pk])
    assert client.post(one, {"title": "x"}).status_code == 403
    assert client.get(reverse("admin:tickets_ticket_add")).status_code == 403
