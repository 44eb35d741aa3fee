"""One's own jobs on pages; nobody else's, whatever the role."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from lingxi.access.models import RoleAssignment
from lingxi.jobs.models import Job
from tests.factories import UserFactory
from tests.lingxi.jobs.factories import JobFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner():
    return UserFactory(role="supervisor", scope="all")


@pytest.fixture
def client(owner):
    client = Client()
    client.force_login(owner)
    return client


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_without_jobs_the_list_says_so(client):
    assert "还没有后台任务" in client.get("/jobs/").content.decode()


def test_the_list_has_ones_own_jobs_only(client, owner):
    JobFactory(owner=owner, title="导出我的工单")
    JobFactory(title="别人的任务")
    JobFactory(owner=None, title="系统任务")
    words = client.get("/jobs/").content.decode()
    assert "导出我的工单" in words
    assert "别人的任务" not in words
    assert "系统任务" not in words


@pytest.mark.parametrize(
    ("state", "polls"), [("waiting", True), ("running", True), ("done", False)]
)
def test_pages_refresh_themselves_while_there_is_something_to_see(client, owner, state, polls):
    job = JobFactory(owner=owner, state=state, done=3, total=4)
    for url in ("/jobs/", f"/jobs/{job.pk}/"):
        for headers in ({}, HTMX):
            words = client.get(url, headers=headers).content.decode()
            assert ('hx-trigger="every' in words) is polls
            assert ("<html" in words) is not headers


def test_progress_is_shown(client, owner):
    job = JobFactory(owner=owner, state="running", done=25, total=200)
    words = client.get(f"/jobs/{job.pk}/", headers=HTMX).content.decode()
    assert 'value="12"' in words
    assert "25 / 200" in words
    data = client.get(f"/jobs/{job.pk}/", headers={"Accept": "application/json"}).json()
    assert (data["percent"], data["state"], data["finished"]) == (12, "running", False)


def test_an_unknown_total_is_no_percentage(client, owner):
    job = JobFactory(owner=owner, state="running", done=25)
    assert (
        client.get(f"/jobs/{job.pk}/", headers={"Accept": "application/json"}).json()["percent"]
        is None
    )


def test_a_result_is_shown_and_its_file_offered(client, owner):
    job = JobFactory(owner=owner, kept=b"1", result={"summary": [["工单", 42]], "link": "/x/"})
    words = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "42" in words
    assert f'href="/jobs/{job.pk}/file"' in words


def test_a_failure_says_why(client, owner):
    job = JobFactory(owner=owner, state="failed", error="文件里没有数据")
    assert "文件里没有数据" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_the_file_comes_under_its_name_and_runs_nowhere(client, owner):
    job = JobFactory(owner=owner, kept=b"a,b", file_name='工单 "1".csv')
    response = client.get(f"/jobs/{job.pk}/file")
    assert body(response) == b"a,b"
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5%B7%A5")
    assert '"' not in response["Content-Disposition"].split("''")[1]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("role", ["admin", "supervisor", "auditor"])
def test_nobody_else_sees_watches_cancels_or_fetches_it(role):
    client = Client()
    client.force_login(UserFactory(role=role, scope="all"))
    done, running = JobFactory(kept=b"secret"), JobFactory(state="running")
    for method, url in (
        ("get", f"/jobs/{done.pk}/"),
        ("get", f"/jobs/{done.pk}/file"),
        ("get", f"/jobs/{running.pk}/"),
        ("post", f"/jobs/{running.pk}/cancel"),
    ):
        assert getattr(client, method)(url).status_code == 404
    running.refresh_from_db()
    assert running.state == "running"


def test_an_expired_file_is_gone_before_it_is_removed(client, owner):
    job = JobFactory(owner=owner, kept=b"1", expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert client.get(f"/jobs/{job.pk}/file").status_code == 404
    assert "已过期" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_who_lost_the_permission_does_not_get_the_file(client, owner, kind):
    kind(lambda work: None, permission="floor.view")
    job = JobFactory(owner=owner, kind="test.job", kept=b"1")
    assert client.get(f"/jobs/{job.pk}/file").status_code == 200
    RoleAssignment.objects.filter(user=owner).update(role="agent")
    assert client.get(f"/jobs/{job.pk}/file").status_code == 403


def test_cancelling_ends_it_and_shows_that(client, owner):
    job = JobFactory(owner=owner, state="running")
    words = client.post(f"/jobs/{job.pk}/cancel", headers=HTMX).content.decode()
    assert "已取消" in words
    assert Job.objects.get().state == "cancelled"
    assert client.post(f"/jobs/{job.pk}/cancel").headers["Location"] == f"/jobs/{job.pk}/"
    assert client.get(f"/jobs/{job.pk}/cancel").status_code == 405


def test_the_list_costs_the_same_however_many(client, owner, django_assert_num_queries):
    client.get("/jobs/")
    with django_assert_num_queries(4):
        client.get("/jobs/", headers=HTMX)
    JobFactory.create_batch(20, owner=owner)
    with django_assert_num_queries(4):
        client.get("/jobs/", headers=HTMX)


def test_strangers_are_sent_to_log_in():
    assert Client().get("/jobs/").status_code == 302
    partner = Client()
    partner.force_login(UserFactory(role="partner"))
    assert partner.get("/jobs/").status_code == 403
