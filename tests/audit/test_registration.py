"""What the audit log keeps, and what it must not."""

import pytest
from auditlog.models import LogEntry

from lingxi.access.models import RoleAssignment
from routing import presence
from routing.models import AgentStatus
from tests import factories

pytestmark = pytest.mark.django_db
PHONE = "13812345678"


def changes_of(row: object) -> str:
    return "".join(str(entry.changes) for entry in LogEntry.objects.get_for_object(row))


def test_edits_are_kept() -> None:
    group = factories.SkillGroupFactory(name="售前")
    group.name = "售前组"
    group.save()
    assert "售前组" in changes_of(group)
    assignment = RoleAssignment.objects.get(user=factories.UserFactory(role="agent"))
    assignment.role = "admin"
    assignment.save()
    assert "admin" in changes_of(assignment)


def test_secrets_are_not() -> None:
    channel = factories.ChannelFactory(identity_secret="very-secret")
    channel.identity_secret = "even-more-secret"
    channel.save()
    assert "secret" not in changes_of(channel)
    user = factories.UserFactory()
    user.set_password("new-password")
    user.save()
    assert "password" not in changes_of(user)
    assert user.password not in changes_of(user)


def test_numbers_are_masked() -> None:
    customer = factories.CustomerFactory()
    customer.phone, customer.remark = PHONE, f"打 {PHONE}"
    customer.save()
    assert PHONE not in changes_of(customer)
    assert "138****5678" in changes_of(customer)


def test_work_is_no_edit() -> None:
    agent, customer = factories.AgentFactory(), factories.CustomerFactory()
    assert not LogEntry.objects.get_for_object(customer).exists()
    before = LogEntry.objects.get_for_object(agent).count()
    for status in (AgentStatus.BUSY, AgentStatus.READY):
        presence.set_status(agent, status)
    conversation = factories.ConversationFactory(customer=customer)
    conversation.last_text = "changed"
    conversation.save()
    assert LogEntry.objects.get_for_object(agent).count() == before
    assert not LogEntry.objects.get_for_object(conversation).exists()
