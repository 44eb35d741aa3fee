"""The pages of ticket types: what they save, who may, and who is let to see what."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from tests import factories as base
from tests.admin_forms import errors_of, filled
from tests.tickets import factories
from tests.tickets.conftest import client_of
from tickets.models import Ticket, TicketType

pytestmark = pytest.mark.django_db
LIST = "admin:tickets_tickettype_changelist"
ADD = "admin:tickets_tickettype_add"


@pytest.fixture
def administrator():
    return client_of(base.UserFactory(role="admin", scope="all"))


@pytest.fixture
def lead():
    """A supervisor of one group."""
    return client_of(base.UserFactory(role="supervisor", scope="all"))


def change(type):
    return reverse("admin:tickets_tickettype_change", args=[type.pk])


def test_a_type_is_added_with_three_answers_and_works(lead, group):
    said = {"key": "repair", "name": "维修", "description": "", "group": group.pk}
    answer = lead.post(reverse(ADD), said)
    made = TicketType.objects.get(key="repair")
    assert answer.headers["Location"] == reverse("admin:tickets_tickettype_editor", args=[made.pk])
    assert made.schema.name == "维修"
    assert factories.ticket(made).status == "new"


def test_one_added_from_the_form_of_something_else_goes_back_there(lead, group):
    said = {"key": "repair", "name": "维修", "group": group.pk, "_popup": "1", "_to_field": "id"}
    answer = lead.post(reverse(ADD), said)
    assert answer.status_code == 200
    assert str(TicketType.objects.get().pk) in answer.content.decode()


@pytest.mark.parametrize("key", ["refund", "Über", "a b", ""])
def test_a_key_that_is_taken_or_odd_is_refused(lead, type, group, key):
    answer = lead.post(reverse(ADD), {"key": key, "name": "另一个", "group": group.pk})
    assert errors_of(answer)
    assert TicketType.objects.count() == 1


def test_settings_are_saved_and_logged_and_the_key_stays(lead, type):
    data = filled(lead, change(type), name="退货", default_priority=4, reopen_days=0, key="other")
    assert errors_of(lead.post(change(type), data)) == ""
    type.refresh_from_db()
    assert (type.name, type.default_priority, type.reopen_days) == ("退货", 4, 0)
    assert (type.key, type.schema.name) == ("refund", "退货")
    assert LogEntry.objects.get_for_object(type).filter(changes__has_key="name").exists()


def test_a_type_is_never_deleted(administrator, type):
    url = reverse("admin:tickets_tickettype_delete", args=[type.pk])
    assert administrator.post(url, {"post": "yes"}).status_code == 403
    assert TicketType.objects.filter(pk=type.pk).exists()


def test_a_restricted_type_is_seen_by_those_it_is_entrusted_to(administrator, type):
    ticket = factories.ticket(type)
    one, other = (base.UserFactory(role="inspector", scope="all") for _ in range(2))
    data = filled(administrator, change(type), is_restricted="on", viewers=[one.pk])
    assert errors_of(administrator.post(change(type), data)) == ""
    assert _seen(one) == [ticket]
    assert _seen(other) == []
    logged = LogEntry.objects.get_for_object(type).filter(changes__has_key="viewers").get()
    assert logged.changes["viewers"] == ["无", one.first_name or one.username]
    data = filled(administrator, change(type), viewers=[])
    assert errors_of(administrator.post(change(type), data)) == ""
    assert _seen(one) == []


def _seen(user):
    fresh = user.__class__.objects.get(pk=user.pk)
    return list(Ticket.objects.visible_to(fresh))


def test_nobody_can_be_entrusted_who_may_see_no_tickets(administrator, type):
    partner = base.UserFactory(role="partner")
    data = filled(administrator, change(type), viewers=[partner.pk])
    assert errors_of(administrator.post(change(type), data))


def test_who_sees_what_is_not_for_supervisors_to_decide(lead, type):
    user = base.UserFactory(role="inspector", scope="all")
    data = filled(lead, change(type)) | {"is_restricted": "on", "viewers": [user.pk]}
    assert errors_of(lead.post(change(type), data)) == ""
    type.refresh_from_db()
    assert not type.is_restricted
    assert not user.has_perm("tickets.view_tickets", type)


def test_the_list_says_what_is_in_force(lead, type):
    page = lead.get(reverse(LIST)).content.decode()
    assert "v1 生效中" in page
    from tickets.versions import WORKFLOWS

    WORKFLOWS.draft_of(type, by=None)
    assert "v1 生效中 · 有草稿" in lead.get(reverse(LIST)).content.decode()


def test_a_group_out_of_sight_stays_chosen(type):
    user = base.UserFactory(role="supervisor", scope="group")
    client = client_of(user)
    data = filled(client, change(type), name="退货")
    assert errors_of(client.post(change(type), data)) == ""
    type.refresh_from_db()
    assert type.name == "退货"
