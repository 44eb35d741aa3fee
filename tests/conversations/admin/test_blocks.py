"""The blocklist in admin."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from conversations import blocklist
from conversations.models import Block
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:conversations_block_changelist")
ADD = reverse("admin:conversations_block_add")


def test_an_address_is_added_and_refused_from_then_on(administrator):
    assert administrator.get(ADD).status_code == 200
    said = {"subject": "203.0.113.7", "reason": "攻击", "hours": "24"}
    assert administrator.post(ADD, said).status_code == 302
    assert blocklist.is_blocked(None, "203.0.113.7")
    assert "203.0.113.7" in administrator.get(LIST).text


def test_a_customer_is_added_by_id_and_their_conversation_ends(supervisor, channel):
    conversation = ConversationFactory(channel=channel)
    said = {"subject": str(conversation.customer_id), "reason": "骚扰", "hours": ""}
    assert supervisor.post(ADD, said).status_code == 302
    conversation.refresh_from_db()
    assert conversation.state == "closed"
    assert Block.objects.get().expires_at is None


@pytest.mark.parametrize("subject", ["", "nobody", "203.0.113.0/24"])
def test_what_is_neither_is_refused_on_the_form(administrator, subject):
    answer = administrator.post(ADD, {"subject": subject, "reason": "x", "hours": "1"})
    assert answer.status_code == 200
    assert not Block.objects.exists()


def test_a_customer_out_of_sight_cannot_be_blocked(supervisor):
    stranger = ConversationFactory().customer
    said = {"subject": str(stranger.id), "reason": "x", "hours": "1"}
    assert "没有这位客户" in supervisor.post(ADD, said).text
    assert not Block.objects.exists()


def test_twice_is_refused_on_the_form(administrator):
    said = {"subject": "203.0.113.7", "reason": "攻击", "hours": "24"}
    administrator.post(ADD, said)
    assert "已在黑名单中" in administrator.post(ADD, said).text


def test_the_filter_tells_those_in_force_from_those_over(administrator):
    past = timezone.now() - dt.timedelta(hours=1)
    by = UserFactory()
    Block.objects.create(kind="address", address="203.0.113.1", reason="现在", created_by=by)
    Block.objects.create(
        kind="address", address="203.0.113.2", reason="从前", created_by=by, expires_at=past
    )
    now, over = (administrator.get(f"{LIST}?in_force={one}").text for one in ("yes", "no"))
    assert ("203.0.113.1" in now, "203.0.113.2" in now) == (True, False)
    assert ("203.0.113.1" in over, "203.0.113.2" in over) == (False, True)


def test_it_is_lifted(administrator):
    customer = ConversationFactory().customer
    row = blocklist.block(customer, "骚扰", None, UserFactory(role="agent"))
    url = reverse("admin:conversations_block_lift_block", args=[row.pk])
    assert administrator.get(url).status_code == 200
    row.refresh_from_db()
    assert row.lifted_at is None
    administrator.post(url, {"_form_submitted": "1"})
    row.refresh_from_db()
    assert row.lifted_at is not None
