"""Files that jobs read and leave behind: kept for a while, then removed."""

import datetime as dt
import hashlib
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id
from lingxi.jobs.models import Job, Upload
from lingxi.jobs.work import FOLDER
from lingxi.leases import UNFINISHED

ROWS_KEPT = dt.timedelta(days=90)
STRAY_AFTER = dt.timedelta(days=1)  # somebody may be about to write the row of a younger one


def keep(upload: UploadedFile, owner: Any, purpose: str, about: dict[str, Any]) -> Upload:
    """Keep a file that was checked already, until a job has read it."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = default_storage.save(f"{FOLDER}/{new_id().hex}", upload)
    return Upload.objects.create(
        owner=owner,
        purpose=purpose,
        file=stored,
        name=(upload.name or "")[:200],
        size=upload.size or 0,
        digest=digest.hexdigest(),
        about=about,
        expires_at=timezone.now() + dt.timedelta(seconds=settings.LINGXI["JOB_FILES_KEPT"]),
    )


def remove_expired() -> int:
    """Remove files whose time is over, and rows of jobs long ended; how many files."""
    now = timezone.now()
    jobs = Job.objects.filter(expires_at__lt=now).exclude(file="")
    uploads = Upload.objects.filter(expires_at__lt=now)
    names = [*jobs.values_list("file", flat=True), *uploads.values_list("file", flat=True)]
    jobs.filter(file__in=names).update(file="")
    uploads.filter(file__in=names).delete()
    for name in names:
        default_storage.delete(name)
    Job.objects.exclude(state__in=UNFINISHED).filter(finished_at__lt=now - ROWS_KEPT).delete()
    return len(names)


def remove_strays() -> int:
    """Remove files that a kill left without a row; how many."""
    if not default_storage.exists(FOLDER):
        return 0
    names = [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    kept = set(Job.objects.filter(~Q(file="")).values_list("file", flat=True))
    kept |= set(Upload.objects.values_list("file", flat=True))
    before = timezone.now() - STRAY_AFTER
    strays = [name for name in names if name not in kept and _time_of(name) < before]
    for name in strays:
        default_storage.delete(name)
    return len(strays)


def _time_of(name: str) -> dt.datetime:
    return default_storage.get_modified_time(name)
