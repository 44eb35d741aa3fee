"""SLA policies in the admin: what is refused, warned of and shown."""

import pytest
from django.test import Client
from django.urls import reverse

from lingxi.jobs.models import Job
from tests import factories
from tests.admin_forms import errors_of, filled
from tests.tickets.factories import TicketTypeFactory
from tests.tickets.sla.world import Now, policy
from tickets.models import SlaPolicy
from tickets.sla import recompute

pytestmark = pytest.mark.django_db
ADD = "admin:tickets_slapolicy_add"


@pytest.fixture
def leader():
    return factories.UserFactory(role="supervisor", scope="all")


@pytest.fixture
def client(leader):
    found = Client()
    found.force_login(leader)
    return found


def add(client, **said):
    url = reverse(ADD)
    return client.post(url, filled(client, url, **{"name": "标准", **said}), follow=False)


def change_page(row):
    return reverse("admin:tickets_slapolicy_change", args=[row.pk])


def warnings_of(client):
    page = client.get(reverse("admin:tickets_slapolicy_changelist"))
    return [str(one) for one in page.context["messages"] if one.level_tag == "warning"]


def test_a_policy_is_saved_with_its_conditions(client):
    type = TicketTypeFactory(key="refund")
    hours = factories.BusinessHoursFactory()
    said = {
        "types": ["refund"],
        "priorities": ["3", "4"],
        "levels": "金卡，钻石",
        "calendar": str(hours.pk),
        "first_response": "30",
    }
    assert errors_of(add(client, **said)) == ""
    row = SlaPolicy.objects.get()
    assert (row.types, row.priorities, row.levels) == ([type.key], [3, 4], ["金卡", "钻石"])
    assert (row.first_response, row.resolution, row.calendar) == (30, None, hours)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({}, "至少填写一个时限"),
        ({"first_response": "0"}, "1"),
        ({"first_response": "30", "warn_before": "100"}, "1 至 99"),
        ({"first_response": "30", "warn_before": "30", "warn_unit": "minutes"}, "少于最短的时限"),
        ({"first_response": "30", "levels": "级" * 33}, "最多"),
        ({"first_response": "30", "types": ["nothing"]}, "nothing"),
        ({"first_response": "30", "priorities": ["9"]}, "9"),
    ],
)
def test_what_makes_no_sense_is_refused(client, said, complaint):
    assert complaint in errors_of(add(client, **said))
    assert not SlaPolicy.objects.exists()


def test_a_calendar_without_any_open_hour_is_refused(client):
    never = factories.BusinessHoursFactory(week="")
    said = {"first_response": "30", "calendar": str(never.pk)}
    assert "没有任何营业时段" in errors_of(add(client, **said))


def test_a_policy_that_never_applies_is_saved_with_a_warning(client):
    policy(name="全部", order=1)
    assert errors_of(add(client, order="2", priorities=["4"], first_response="10")) == ""
    (warning,) = warnings_of(client)
    assert "“标准”不会生效" in warning
    assert "“全部”" in warning


def test_a_policy_put_before_others_is_told_whom_it_hides(client):
    policy(name="紧急", order=5, priorities=[4])
    add(client, order="1", first_response="10")
    (warning,) = warnings_of(client)
    assert "“紧急”不会生效" in warning


def test_policies_for_different_tickets_hide_nobody(client):
    policy(name="紧急", order=1, priorities=[4])
    add(client, order="2", first_response="10")
    assert warnings_of(client) == []


def test_the_list_says_for_whom_and_how_fast(client):
    TicketTypeFactory(key="refund", name="退款")
    policy(name="全部", order=1)
    policy(name="退款急件", order=2, types=["refund", "gone"], priorities=[4], levels=["金卡"])
    page = client.get(reverse("admin:tickets_slapolicy_changelist")).content.decode()
    assert "所有工单" in page
    assert "类型：退款、gone；优先级：紧急；客户等级：金卡" in page
    assert "首次响应 1小时，后续响应 2小时，解决 8小时" in page
    assert "不会生效，先符合“全部”" in page


def test_the_page_shows_when_a_ticket_made_now_would_be_due(client, monkeypatch):
    now = Now()  # Friday at ten
    row = policy(factories.BusinessHoursFactory(), name="A", resolution=10 * 60)
    monkeypatch.setattr("tickets.admin.sla.timezone.now", now)
    page = client.get(change_page(row)).content.decode()
    assert "<strong>11-20 11:00</strong> 星期五" in page
    assert "<strong>11-23 11:00</strong> 星期一" in page
    assert "11-20 10:48" in page  # the warning


def test_saving_and_deleting_have_open_tickets_reckoned_anew(client, leader):
    add(client, first_response="10")
    job = Job.objects.get(kind=recompute.KIND)
    assert job.owner == leader
    page = client.get(reverse("admin:tickets_slapolicy_changelist"))
    assert any(str(job.pk) in str(one) for one in page.context["messages"])
    Job.objects.all().delete()
    row = SlaPolicy.objects.get()
    client.post(reverse("admin:tickets_slapolicy_delete", args=[row.pk]), {"post": "yes"})
    assert Job.objects.filter(kind=recompute.KIND).count() == 1


def test_a_calendar_in_use_by_a_policy_is_not_deleted(leader):
    hours = factories.BusinessHoursFactory()
    policy(hours)
    client = Client()
    client.force_login(leader)
    url = reverse("admin:routing_businesshours_delete", args=[hours.pk])
    client.post(url, {"post": "yes"})
    hours.refresh_from_db()


def test_agents_may_not_come_in():
    client = Client()
    client.force_login(factories.UserFactory(role="agent"))
    assert client.get(reverse(ADD), follow=True).status_code == 403
