"""What a running job holds in its hands.

Anything may be killed at any line. A job that writes does so in steps: the effects of a step and
the checkpoint behind it are one transaction, so that the next worker goes on exactly behind the
last step that was committed, and no effect happens twice or half:

    for number, rows in batches(from_=work.checkpoint.get("row", 0)):
        with work.step():
            create(rows)
            work.done += len(rows)
            work.checkpoint["row"] = number

A step that comes too late - the job was cancelled, or another worker took it - raises `Cancelled`
at its end and is rolled back. Steps should take a few seconds: nobody sees a sign of life before
their end, and after `LEASE.stale` seconds without one the job is given to somebody else. A job
that only reads calls `progress` as often as it likes, and begins anew after a kill.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from lingxi.ids import new_id
from lingxi.jobs.models import Job
from lingxi.leases import Lease, Pulse

FOLDER = "jobs"
LEASE: Lease[Job] = Lease(Job)


class Cancelled(Exception):
    """The job was cancelled, or another worker has it: stop, and write nothing more."""


class Work:
    """A job at work. `done`, `total` and `checkpoint` may be changed inside a step."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.params: dict[str, Any] = job.params
        self.owner: Any = job.owner
        self.checkpoint: dict[str, Any] = job.checkpoint
        self.done, self.total = job.done, job.total
        self._pulse = Pulse(LEASE)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Write effects and progress as one transaction. Raises `Cancelled`."""
        before = (self.done, self.total, copy.deepcopy(self.checkpoint))
        try:
            with transaction.atomic():
                yield
                self._save()
        except BaseException:
            self.done, self.total, self.checkpoint = before
            raise

    def progress(
        self, done: int, total: int | None = None, checkpoint: dict[str, Any] | None = None
    ) -> None:
        """Say how far it is; written at most twice a second, with a checkpoint always.

        Raises `Cancelled`.
        """
        self.done = done
        self.total = self.total if total is None else total
        if checkpoint is not None:
            self.checkpoint = checkpoint
        if checkpoint is not None or self._pulse.is_due():
            self._save()

    def save_file(self, name: str, content: IO[bytes]) -> None:
        """Keep what the owner may download, called `name`. Raises `Cancelled`."""
        ending = PurePath(name).suffix[:10]
        stored = default_storage.save(f"{FOLDER}/{new_id().hex}{ending}", File(content))
        size = default_storage.size(stored)
        if not LEASE.held(self.job).update(file=stored, file_name=name[:200], file_size=size):
            default_storage.delete(stored)
            raise Cancelled

    def _save(self) -> None:
        is_ours = LEASE.held(self.job).update(
            done=self.done, total=self.total, checkpoint=self.checkpoint, beat_at=timezone.now()
        )
        if not is_ours:
            raise Cancelled
