"""What jobs read and leave behind is kept for a while, then removed."""

import datetime as dt
import hashlib
import io
import os
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from lingxi.jobs import files, runner, start, tasks
from lingxi.jobs.models import Job, Upload
from tests.factories import UserFactory
from tests.lingxi.jobs.factories import JobFactory

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - dt.timedelta(days=100)


@pytest.fixture(autouse=True)
def _empty_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def make_old(name):
    then = time.time() - 3 * 24 * 3600
    os.utime(default_storage.path(name), (then, then))


def test_a_file_of_a_job_is_kept_under_a_name_of_ours(kind, woken):
    kind(lambda work: work.save_file("../工单 导出.csv", io.BytesIO("编号".encode())))
    job = start("test.job", UserFactory(), {})
    runner.work_on(job.pk)
    job.refresh_from_db()
    assert (job.file_name, job.file_size) == ("../工单 导出.csv", 6)
    assert job.file.name.startswith("jobs/")
    assert "工单" not in job.file.name
    assert job.file.read() == "编号".encode()
    assert job.has_file


def test_an_upload_is_kept_with_its_digest():
    owner, data = UserFactory(), "标题\n退款".encode()
    kept = files.keep(SimpleUploadedFile("a.csv", data), owner, "test", {"rows": 1})
    assert kept.digest == hashlib.sha256(data).hexdigest()
    assert (kept.name, kept.size, kept.about) == ("a.csv", len(data), {"rows": 1})
    assert default_storage.open(kept.file.name).read() == data
    assert list(Upload.objects.visible_to(owner)) == [kept]
    assert not Upload.objects.visible_to(UserFactory(role="admin", scope="all")).exists()


def test_expired_files_go_and_the_job_says_so():
    old = JobFactory(kept=b"old", expires_at=timezone.now() - dt.timedelta(seconds=1))
    young = JobFactory(kept=b"young")
    name = old.file.name
    assert not old.has_file
    assert tasks.remove_expired() == 1
    old.refresh_from_db()
    assert (old.file.name, old.file_name) == ("", "工单.csv")
    assert not default_storage.exists(name)
    assert default_storage.exists(young.file.name)


def test_expired_uploads_go():
    kept = files.keep(SimpleUploadedFile("a.csv", b"x"), UserFactory(), "test", {})
    Upload.objects.update(expires_at=LONG_AGO)
    assert files.remove_expired() == 1
    assert not Upload.objects.exists()
    assert not default_storage.exists(kept.file.name)


def test_rows_of_jobs_long_ended_go_and_unfinished_ones_stay():
    JobFactory(state="done", finished_at=LONG_AGO)
    waiting = JobFactory(created_at=LONG_AGO)
    recent = JobFactory(state="failed", finished_at=timezone.now())
    files.remove_expired()
    assert set(Job.objects.all()) == {waiting, recent}


def test_files_that_a_kill_left_without_a_row_go_when_they_are_old():
    kept = JobFactory(kept=b"kept")
    upload = files.keep(SimpleUploadedFile("a.csv", b"x"), UserFactory(), "test", {})
    stray, young = (default_storage.save("jobs/stray", ContentFile(b"x")) for _ in range(2))
    for name in (kept.file.name, upload.file.name, stray):
        make_old(name)
    assert files.remove_strays() == 1
    exists = default_storage.exists
    assert [exists(kept.file.name), exists(upload.file.name), exists(young)] == [True] * 3
    assert not exists(stray)
