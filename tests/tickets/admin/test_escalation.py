"""Escalation rules in the admin: what is refused, said and set going."""

import pytest
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import assign_perm

from lingxi.jobs.models import Job
from tests import factories
from tests.admin_forms import errors_of, filled
from tests.tickets.escalation.world import rule
from tests.tickets.factories import TicketTypeFactory
from tickets.escalation.words import sentence
from tickets.models import EscalationRule

pytestmark = pytest.mark.django_db
ADD = "admin:tickets_escalationrule_add"
NOBODY = {"types": None, "groups": None, "notify_users": None}
WAITS = {"name": "久等", "age_hours": "4"}


@pytest.fixture
def client():
    found = Client()
    found.force_login(factories.UserFactory(role="supervisor", scope="all"))
    return found


def add(client, **said):
    url = reverse(ADD)
    return client.post(url, filled(client, url, **{**NOBODY, **WAITS, **said}))


def test_a_rule_is_saved_and_applied_to_what_is_open(client):
    type, lead = TicketTypeFactory(name="退款"), factories.UserFactory(first_name="李主管")
    said = {
        "types": [str(type.pk)],
        "categories": ["new", "open"],
        "min_priority": "3",
        "to_priority": "4",
        "notify_users": [str(lead.pk)],
        "order_text": "说明进展",
        "order_hours": "2.5",
    }
    assert errors_of(add(client, **said)) == ""
    row = EscalationRule.objects.get()
    assert sentence(row) == (
        "退款，阶段为待受理、处理中，优先级不低于高，创建满 4 小时："
        "优先级提高到紧急；通知李主管；下达督办，2.5 小时内回复"
    )
    assert Job.objects.get().params == {"rule": str(row.pk)}
    page = client.get(reverse("admin:tickets_escalationrule_changelist")).content.decode()
    assert "创建满 4 小时" in page


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({}, "请至少选择一个动作"),
        ({"tag": "久等", "age_hours": ""}, "请至少填写"),
        ({"tag": "久等", "age_hours": "0"}, "大于或等于"),
        ({"order_text": "说明"}, "期限"),
    ],
)
def test_a_rule_that_waits_for_nothing_or_does_nothing_is_refused(client, said, complaint):
    assert complaint in errors_of(add(client, **said))
    assert not EscalationRule.objects.exists()


def test_an_agent_of_another_group_is_refused(client):
    group, agent = factories.SkillGroupFactory(), factories.AgentFactory()
    said = {"to_group": str(group.pk), "to_agent": str(agent.pk)}
    assert "不在技能组" in errors_of(add(client, **said))


def test_hours_that_never_come_are_refused(client):
    hours = factories.BusinessHoursFactory(week="")
    assert "营业" in errors_of(add(client, tag="久等", calendar=str(hours.pk)))


def test_a_rule_of_groups_out_of_sight_is_only_looked_at():
    mine, other = factories.SkillGroupFactory(), factories.SkillGroupFactory()
    lead = factories.UserFactory(role="supervisor", scope="group")
    assign_perm("routing.supervise_skillgroup", lead, mine)
    client = Client()
    client.force_login(lead)
    row = rule(age_hours=1, groups=[mine, other])
    url = reverse("admin:tickets_escalationrule_change", args=[row.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "x"}).status_code == 403
    assert row.groups.count() == 2
