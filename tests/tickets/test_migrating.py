"""Open tickets are brought to the workflow in force, or it is said why not."""

import copy

import pytest
from django.urls import reverse

from lingxi.errors import Conflict, Forbidden, Invalid
from lingxi.jobs.runner import work_on
from tests import factories as base
from tests.tickets import factories
from tests.tickets.conftest import client_of
from tickets import migrating
from tickets.models import Approval, Entry
from tickets.service import SYSTEM, move
from tickets.workflow import STANDARD

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return base.UserFactory(role="supervisor", scope="all", first_name="周主管")


@pytest.fixture
def type():
    return factories.TicketTypeFactory()


def without_hold():
    """The standard workflow, where nothing is put on hold."""
    content = copy.deepcopy(STANDARD)
    content["statuses"] = [one for one in content["statuses"] if one["key"] != "on_hold"]
    content["transitions"] = [
        {**one, "from": [key for key in one["from"] if key != "on_hold"]}
        for one in content["transitions"]
        if one["to"] != "on_hold"
    ]
    return content


def held(type, **more):
    return move(factories.ticket(type, **more).pk, "hold", SYSTEM)


def migrated(type, by, mapped=None, *, rehearse=False):
    type.refresh_from_db()
    job = migrating.ask(type, mapped or {}, by, rehearse=rehearse)
    work_on(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def states(*tickets):
    for one in tickets:
        one.refresh_from_db()
    return [(one.type_version.number, one.status, one.category) for one in tickets]


def test_tickets_go_on_in_their_status_or_in_the_one_that_was_chosen(type, boss):
    new, waiting, done = factories.ticket(type), held(type), factories.ticket(type)
    move(done.pk, "resolve", SYSTEM)
    factories.publish_workflow(type, without_hold())
    type.refresh_from_db()
    assert migrating.gone(type) == [{"key": "on_hold", "name": "挂起", "count": 1}]
    job = migrated(type, boss, {"on_hold": "pending"})
    assert (job.result["moved"], job.result["left"]) == (2, [])
    assert states(new, waiting, done) == [
        (2, "new", "new"),
        (2, "pending", "pending"),
        (1, "resolved", "resolved"),
    ]
    entry = Entry.objects.filter(ticket=waiting).latest("id")
    assert entry.actor_name == "周主管"
    assert entry.data["changes"] == {
        "workflow": {"label": "流程", "from": "v1", "to": "v2"},
        "status": {"label": "状态", "from": "挂起", "to": "待客户回复"},
    }


def test_a_rehearsal_tells_the_same_and_changes_nothing(type, boss):
    new, waiting = factories.ticket(type), held(type)
    factories.publish_workflow(type, without_hold())
    revisions = [new.revision, waiting.revision]
    job = migrated(type, boss, rehearse=True)
    reason = "新流程没有状态“挂起”，也没有指定对应的状态"
    assert job.result["moved"] == 1
    assert job.result["left"] == [[waiting.reference, reason]]
    assert job.result["reasons"] == {reason: 1}
    assert [number for number, _, _ in states(new, waiting)] == [1, 1]
    assert [new.revision, waiting.revision] == revisions
    job = migrated(type, boss)
    assert (job.result["moved"], job.result["reasons"]) == (1, {reason: 1})
    assert states(new, waiting) == [(2, "new", "new"), (1, "on_hold", "on_hold")]


def test_a_status_that_means_an_end_by_now_needs_a_word_of_where_to(type, boss):
    waiting = held(type)
    content = copy.deepcopy(STANDARD)
    content["statuses"][3]["category"] = "closed"
    factories.publish_workflow(type, content)
    type.refresh_from_db()
    assert [one["key"] for one in migrating.gone(type)] == ["on_hold"]
    assert migrated(type, boss).result["moved"] == 0
    assert states(waiting) == [(1, "on_hold", "on_hold")]


def test_a_ticket_under_approval_is_passed_over(type, boss):
    asked = factories.ticket(type)
    Approval.objects.create(ticket=asked, transition="close")
    factories.publish_workflow(type, without_hold())
    assert migrated(type, boss).result["left"] == [[asked.reference, "正在审批"]]


def test_a_job_goes_on_where_a_killed_one_stopped(type, boss, monkeypatch):
    monkeypatch.setattr(migrating, "BATCH", 2)
    tickets = [factories.ticket(type) for _ in range(5)]
    factories.publish_workflow(type, without_hold())
    type.refresh_from_db()
    job = migrating.ask(type, {}, boss, rehearse=False)
    moved, killed = migrating._one, []

    def dies(work, ticket, version):
        if ticket == tickets[3] and not killed:
            killed.append(ticket)
            raise KeyboardInterrupt
        moved(work, ticket, version)

    monkeypatch.setattr(migrating, "_one", dies)
    with pytest.raises(KeyboardInterrupt):
        work_on(job.pk)
    assert [number for number, _, _ in states(*tickets)] == [2, 2, 1, 1, 1]
    job.__class__.objects.filter(pk=job.pk).update(state="waiting", beat_at=None)
    work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.result["moved"]) == ("done", 5, 5)
    assert [number for number, _, _ in states(*tickets)] == [2] * 5


@pytest.mark.parametrize("status", ["nowhere", "closed", "resolved"])
def test_only_a_status_in_which_work_goes_on_can_be_chosen(type, boss, status):
    with pytest.raises(Invalid):
        migrating.ask(type, {"on_hold": status}, boss, rehearse=False)


def test_what_was_looked_at_must_still_be_in_force(type, boss):
    seen = str(type.current_id)
    factories.publish_workflow(type, without_hold())
    type.refresh_from_db()
    with pytest.raises(Conflict):
        migrating.ask(type, {}, boss, rehearse=False, version_id=seen)


def test_it_takes_somebody_who_manages_types(type):
    with pytest.raises(Forbidden):
        migrating.ask(type, {}, base.UserFactory(role="agent"), rehearse=False)


def test_the_page_of_the_job_says_what_came_of_it_and_leads_back(type, boss):
    waiting = held(type)
    factories.ticket(type)
    factories.publish_workflow(type, without_hold())
    job = migrated(type, boss, rehearse=True)
    page = client_of(boss).get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert "试迁移完成，没有改动任何工单：1 个可以迁移" in page
    assert f"/tickets/{waiting.reference}/" in page
    assert reverse("admin:tickets_tickettype_migrate", args=[type.pk]) in page
    job = migrated(type, boss, {"on_hold": "open"})
    page = client_of(boss).get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert "2 个工单已迁移" in page
