"""Doing jobs: steps, progress, failure, cancelling, and taking over."""

import contextlib
import datetime as dt
import io
import threading

import pytest
from django.utils import timezone

from lingxi.access.models import RoleAssignment
from lingxi.celery import app
from lingxi.errors import Busy, Invalid
from lingxi.jobs import Cancelled, runner, service, start, tasks
from lingxi.jobs.models import Job
from lingxi.jobs.work import LEASE
from lingxi.leases import LeaseState
from routing.models import SkillGroup
from tests.factories import SkillGroupFactory, UserFactory
from tests.lingxi.jobs.factories import JobFactory

pytestmark = pytest.mark.django_db


def fresh(job):
    return Job.objects.get(pk=job.pk)


@pytest.fixture
def begin(kind, woken):
    """Register what is to be done and ask for it."""

    def begin(run, **options):
        kind(run)
        return start("test.job", options.pop("owner", None), options)

    return begin


def silent():
    return timezone.now() - dt.timedelta(seconds=LEASE.stale + 1)


def test_a_job_is_done_and_keeps_its_result(begin):
    job = begin(lambda work: {"summary": [["值", work.params["value"]]]}, value=7)
    assert runner.work_on(job.pk)
    job = fresh(job)
    assert (job.state, job.result, job.attempts) == ("done", {"summary": [["值", 7]]}, 1)
    assert job.started_at <= job.finished_at
    assert job.expires_at - job.finished_at >= dt.timedelta(days=6)
    assert not runner.work_on(job.pk)


def test_a_step_keeps_its_effects_and_how_far_it_is_together(begin):
    def steps(work):
        for number in range(work.checkpoint.get("next", 0), 4):
            with work.step():
                SkillGroupFactory(slug=f"g{number}")
                work.done += 1
                work.checkpoint["next"] = number + 1
                if number == 2 and work.job.attempts == 1:
                    raise RuntimeError

    job = begin(steps)
    runner.work_on(job.pk)
    job = fresh(job)
    assert (job.state, job.done, job.checkpoint) == ("waiting", 2, {"next": 2})
    assert SkillGroup.objects.count() == 2
    runner.work_on(job.pk)
    assert (fresh(job).state, fresh(job).done) == ("done", 4)
    assert SkillGroup.objects.count() == 4


def test_a_step_that_fails_and_is_survived_leaves_no_trace(begin):
    def careful(work):
        with contextlib.suppress(RuntimeError):
            with work.step():
                work.done += 5
                work.checkpoint["list"] = [1]
                raise RuntimeError
        assert (work.done, work.checkpoint) == (0, {})
        with work.step():
            work.done += 1

    job = begin(careful)
    runner.work_on(job.pk)
    assert (fresh(job).state, fresh(job).done, fresh(job).checkpoint) == ("done", 1, {})


def test_what_is_cancelled_during_a_step_is_rolled_back(begin):
    def cancelled(work):
        with work.step():
            SkillGroupFactory(slug="first")
        with work.step():
            SkillGroupFactory(slug="second")
            service.cancel(work.job)

    job = begin(cancelled)
    runner.work_on(job.pk)
    # The cancelling itself stood in that step here, and is rolled back with it.
    assert list(SkillGroup.objects.values_list("slug", flat=True)) == ["first"]
    assert fresh(job).state != "done"


def test_who_was_given_up_for_dead_writes_nothing_more(begin):
    def overtaken(work):
        Job.objects.update(attempts=2)
        with pytest.raises(Cancelled), work.step():
            SkillGroupFactory()
        with pytest.raises(Cancelled):
            work.save_file("a.txt", io.BytesIO(b"x"))
        with pytest.raises(Cancelled):
            work.progress(1)
        return {"summary": []}

    job = begin(overtaken)
    runner.work_on(job.pk)
    assert not SkillGroup.objects.exists()
    assert (fresh(job).state, fresh(job).result, fresh(job).file.name) == ("running", {}, "")


def test_a_cancelled_job_stops_at_its_next_progress(begin):
    seen = []

    def long(work):
        for number in range(10):
            if number == 3:
                service.cancel(work.job)
            work.progress(number, 10, checkpoint={"n": number})
            seen.append(number)

    job = begin(long)
    runner.work_on(job.pk)
    assert seen == [0, 1, 2]
    assert (fresh(job).state, fresh(job).done) == ("cancelled", 2)


def test_progress_costs_two_writes_a_second_at_most(begin, django_assert_max_num_queries):
    def chatty(work):
        for number in range(1000):
            work.progress(number, 1000)

    job = begin(chatty)
    with django_assert_max_num_queries(15):
        runner.work_on(job.pk)


def test_after_three_errors_it_has_failed_and_says_why_without_details(begin):
    def broken(work):
        raise ValueError("13812345678")

    job = begin(broken)
    for state in ("waiting", "waiting", "failed"):
        assert runner.work_on(job.pk)
        assert fresh(job).state == state
    assert fresh(job).error == "尝试 3 次未完成：ValueError"
    assert runner.due() == []


def test_what_the_asker_must_mend_is_not_tried_again(begin):
    def refused(work):
        raise Invalid("文件里没有数据")

    job = begin(refused)
    runner.work_on(job.pk)
    assert (fresh(job).state, fresh(job).error) == ("failed", "文件里没有数据")


def test_what_may_be_better_later_is_tried_again(begin):
    def busy(work):
        raise Busy

    job = begin(busy)
    runner.work_on(job.pk)
    assert fresh(job).state == "waiting"


def test_who_lost_the_permission_since_gets_nothing(kind, woken):
    kind(lambda work: {"summary": [["secret", 1]]}, permission="users.manage")
    owner = UserFactory(role="admin")
    job = start("test.job", owner, {})
    RoleAssignment.objects.filter(user=owner).update(role="agent")
    runner.work_on(job.pk)
    assert (fresh(job).state, fresh(job).result) == ("failed", {})


def test_a_kind_of_another_release_waits_for_a_worker_that_knows_it():
    job = JobFactory()
    runner.work_on(job.pk)
    assert fresh(job).state == "waiting"


def test_a_silent_worker_loses_its_job_to_the_sweep(begin, woken):
    job = begin(lambda work: None)
    woken.clear()
    Job.objects.update(state="running", attempts=1, beat_at=timezone.now())
    assert tasks.sweep_jobs() == 0
    Job.objects.update(beat_at=silent())
    assert tasks.sweep_jobs() == 1
    assert woken == [str(job.pk)]
    assert tasks.run_job(str(job.pk))
    assert (fresh(job).state, fresh(job).attempts) == (LeaseState.DONE, 2)


def test_after_three_kills_it_has_failed(begin):
    job = begin(lambda work: None)
    Job.objects.update(state="running", attempts=3, beat_at=silent())
    assert not runner.work_on(job.pk)
    assert (fresh(job).state, fresh(job).error) == ("failed", "尝试 3 次未完成：处理进程中断")


def test_who_has_finished_wakes_somebody_for_the_next(begin, woken):
    first = begin(lambda work: None)
    second = start("test.job", None, {})
    woken.clear()
    tasks.run_job(str(first.pk))
    assert woken == [str(second.pk)]


def test_what_failed_is_tried_again_by_the_sweep_not_at_once(begin, woken):
    def broken(work):
        raise ValueError

    job = begin(broken)
    woken.clear()
    tasks.run_job(str(job.pk))
    assert woken == []
    assert tasks.sweep_jobs() == 1


def test_jobs_never_take_every_hand(begin, monkeypatch):
    """Sweeps of every few seconds stand in the same line."""
    monkeypatch.setattr(runner, "_hands", threading.BoundedSemaphore(1))
    refused = []

    def long(work):
        refused.append(runner.work_on(other.pk))

    job = begin(long)
    other = start("test.job", None, {})
    runner.work_on(job.pk)
    assert refused == [False]
    assert fresh(other).state == "waiting"
    assert runner.work_on(other.pk)


def test_the_sweep_and_the_cleaning_are_on_the_clock():
    entry = app.conf.beat_schedule["take-up-jobs"]
    assert (entry["task"], entry["schedule"]) == (tasks.sweep_jobs.name, 15)
    entry = app.conf.beat_schedule["remove-job-files"]
    assert (entry["task"], entry["schedule"]) == (tasks.remove_expired.name, 24 * 3600)
