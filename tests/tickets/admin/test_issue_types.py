"""The tree of issue types in the admin, and the pages that say how good suggestions are."""

import pytest
from django.test import Client
from django.urls import reverse

from lingxi.jobs.models import Job
from tests import factories
from tests.admin_forms import errors_of, filled
from tests.tickets.classification.corpus import learned
from tests.tickets.factories import IssueTypeFactory, ticket
from tickets import service
from tickets.classification import suggest
from tickets.models import IssueType
from tickets.service import By

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"admin:tickets_issuetype_{name}", args=args)


@pytest.fixture
def leader():
    return factories.UserFactory(role="supervisor", scope="all", first_name="周主管")


@pytest.fixture
def client(leader):
    found = Client()
    found.force_login(leader)
    return found


def save(client, page, **changes):
    return client.post(page, filled(client, page, **changes))


def test_the_list_is_in_the_order_of_the_tree(client):
    second = IssueTypeFactory(name="物流", order=2)
    first = IssueTypeFactory(name="发票", order=1, group=factories.SkillGroupFactory(name="财务"))
    IssueTypeFactory(name="抬头", parent=first, keywords=["税号", "抬头"])
    IssueTypeFactory(name="签收", parent=second)
    response = client.get(url("changelist"))
    shown = [str(row) for row in response.context["cl"].result_list]
    assert shown == ["发票", "发票 / 抬头", "物流", "物流 / 签收"]
    assert "财务（沿用上级）" in response.text
    assert "税号、抬头" in response.text


def test_keywords_are_lines_and_count_at_once(client):
    response = save(
        client, url("add"), name="发票", keywords="发票\n 报 销 ，税号\n发票\n", order=0
    )
    assert errors_of(response) == ""
    one = IssueType.objects.get()
    assert one.keywords == ["发票", "报 销", "税号"]
    assert suggest("我的税号")[0].issue_type == one
    again = filled(client, url("change", one.pk))
    assert again["keywords"] == "发票\n报 销\n税号"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"keywords": "长" * 41}, "最多 50 个"),
        ({"keywords": "\n".join(str(n) for n in range(51))}, "最多 50 个"),
        ({"name": "发票 / 抬头"}, "不能包含"),
        ({"name": ""}, "必填项"),
    ],
)
def test_what_does_not_fit_is_refused(client, changes, said):
    response = save(client, url("add"), **{"name": "发票", "order": 0, **changes})
    assert said in errors_of(response)
    assert not IssueType.objects.exists()


def test_not_below_itself_and_not_too_deep(client):
    line = [IssueTypeFactory(name="一")]
    for name in ("二", "三", "四"):
        line.append(IssueTypeFactory(name=name, parent=line[-1]))
    response = save(client, url("change", line[0].pk), parent=str(line[2].pk))
    assert "不能放在自己下面" in errors_of(response)
    response = save(client, url("add"), name="五", parent=str(line[3].pk), order=0)
    assert "最多 4 级" in errors_of(response)
    other = IssueTypeFactory(name="另")
    response = save(client, url("change", line[1].pk), parent=str(other.pk))
    assert errors_of(response) == ""  # three levels below another one


def test_one_that_tickets_have_is_not_deleted(client):
    one = ticket(issue_type=IssueTypeFactory()).issue_type
    client.post(url("delete", one.pk), {"post": "yes"})
    assert IssueType.objects.filter(pk=one.pk).exists()


def test_the_accuracy_and_a_text_to_try(client):
    assert "还没有学习任何工单" in client.get(url("quality")).text
    learned()
    response = client.get(url("quality"), {"text": "发票抬头写错了，请重新开具发票"})
    assert response.context["found"].judged == 27
    assert response.context["tried"][0].issue_type.name == "发票"
    assert "最近 27 个已学习的工单" in response.text
    assert "没有足够的依据" in client.get(url("quality"), {"text": "天气不错"}).text


def test_what_was_corrected_shows_the_words_that_misled(client, leader):
    invoice, delivery, _ = learned()
    assert "还没有被更正的建议" in client.get(url("corrected")).text
    one = ticket(title="发票抬头写错了，请重新开具发票")
    service.edit(one.pk, By.staff(leader), {"issue_type": delivery})
    (row,) = client.get(url("corrected")).context["rows"]
    assert (row.ticket, row.issue_type, row.chosen) == (one, invoice, delivery)
    text = client.get(url("corrected")).text
    assert one.reference in text
    assert "周主管" in text
    assert any("发票" in word for word, _ in row.words)


def test_corrections_of_tickets_out_of_sight_are_not_shown(leader):
    _, delivery, _ = learned()
    one = ticket(title="发票抬头写错了，请重新开具发票")
    service.edit(one.pk, By.staff(leader), {"issue_type": delivery})
    elsewhere = Client()
    elsewhere.force_login(factories.UserFactory(role="supervisor", scope="group"))
    assert elsewhere.get(url("corrected")).context["rows"] == []


def test_learning_anew_is_a_job(client, leader):
    response = client.post(url("learn_anew"), {"_form_submitted": "on"})
    job = Job.objects.get()
    assert (job.kind, job.owner) == ("tickets.classification.rebuild", leader)
    assert str(job.pk) in (response.headers.get("HX-Redirect") or response.url)


@pytest.mark.parametrize("role", ["agent", "inspector", "auditor", "partner"])
def test_others_do_not_come_near(role):
    client = Client()
    client.force_login(factories.UserFactory(role=role, scope="all"))
    for name in ("changelist", "quality", "corrected"):
        assert client.get(url(name)).status_code in {302, 403}
    client.post(url("learn_anew"), {"_form_submitted": "on"})
    assert not Job.objects.exists()
