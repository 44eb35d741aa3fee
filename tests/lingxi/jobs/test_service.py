"""Asking for jobs, and thinking better of it."""

import pytest
from django.db import transaction

from lingxi.errors import Conflict, Forbidden
from lingxi.jobs import register, service, start
from lingxi.jobs.models import Job
from lingxi.leases import LeaseState
from tests.factories import UserFactory
from tests.lingxi.jobs.factories import JobFactory

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_once_the_job_is_stored(kind, woken):
    kind(lambda work: None)
    with transaction.atomic():
        job = start("test.job", UserFactory(), {"a": 1})
        assert woken == []
    assert woken == [str(job.pk)]
    assert (job.state, job.title, job.params) == (LeaseState.WAITING, "试验", {"a": 1})


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_wakes_nobody(kind, woken):
    kind(lambda work: None)
    with transaction.atomic():
        start("test.job", UserFactory(), {})
        transaction.set_rollback(True)
    assert (woken, Job.objects.count()) == ([], 0)


def test_an_unknown_kind_is_no_job():
    with pytest.raises(KeyError):
        start("test.nothing", None, {})


def test_a_name_is_given_once(kind):
    kind(lambda work: None)
    with pytest.raises(ValueError, match="already"):
        register("test.job", title="另一个")(lambda work: None)


def test_who_lacks_the_permission_is_refused(kind):
    kind(lambda work: None, permission="users.manage")
    with pytest.raises(Forbidden):
        start("test.job", UserFactory(role="agent"), {})
    start("test.job", None, {})  # the system asks nobody


def test_nobody_fills_the_line_alone(kind):
    kind(lambda work: None)
    owner = UserFactory()
    JobFactory.create_batch(service.MOST_UNFINISHED, owner=owner)
    with pytest.raises(Conflict):
        start("test.job", owner, {})
    start("test.job", UserFactory(), {})
    Job.objects.filter(owner=owner).update(state=LeaseState.DONE)
    start("test.job", owner, {})


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_has_ended_cannot_be_cancelled(state):
    job = JobFactory(state=state)
    assert not service.cancel(job)
    job.refresh_from_db()
    assert job.state == state
