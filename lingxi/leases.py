"""Long work as a row: taken up by one worker at a time, and taken over after a kill.

The row is the truth. Who works on it renews `beat_at`; when that stands still for `stale` seconds,
somebody else may take it. `attempts` is the number of the try and fences: who was given up for
dead and comes back finds that the row is not `held` any more, and stops.
"""

import datetime as dt
import time
import uuid
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from lingxi.errors import LingxiError

Row = TypeVar("Row", bound=models.Model)
KILLED = "处理进程中断"


class LeaseState(models.TextChoices):
    """Where a piece of long work stands."""

    WAITING = "waiting", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


UNFINISHED = (LeaseState.WAITING, LeaseState.RUNNING)


class Lease(Generic[Row]):
    """How rows of one model are taken, held and given up.

    The model has `state` (of `LeaseState`), `attempts`, `beat_at`, `finished_at` and `error` (up
    to 300 characters). `stale` and `beat` are in seconds: after how long without a sign of life a
    worker counts as dead, and how often one is written at most.
    """

    def __init__(
        self, model: type[Row], stale: float = 60.0, beat: float = 0.5, attempts: int = 3
    ) -> None:
        self.model, self.stale, self.beat, self.attempts = model, stale, beat, attempts

    @property
    def rows(self) -> "QuerySet[Any]":
        """All of them."""
        return self.model._default_manager.all()

    def free(self) -> "QuerySet[Any]":
        """Those that wait for somebody, or whose worker is dead."""
        silent = Q(beat_at=None) | Q(beat_at__lt=timezone.now() - dt.timedelta(seconds=self.stale))
        waiting = Q(state=LeaseState.WAITING) | (Q(state=LeaseState.RUNNING) & silent)
        return self.rows.filter(waiting)

    @transaction.atomic
    def claim(self, pk: uuid.UUID) -> Row | None:
        """Take a row; None when it is not free, or when it was tried often enough and has failed.

        `attempts` counts this try already.
        """
        free = self.free().select_for_update(skip_locked=True, of=("self",))
        row = free.filter(pk=pk).first()
        if row is None:
            return None
        if row.attempts >= self.attempts:
            self.fail(row, row.error or KILLED)
            return None
        row.state, row.beat_at = LeaseState.RUNNING, timezone.now()
        row.attempts += 1
        row.save(update_fields=["state", "beat_at", "attempts"])
        return row

    def held(self, row: Any) -> "QuerySet[Any]":
        """The row, as long as it is ours: every write of a worker goes through this."""
        return self.rows.filter(pk=row.pk, state=LeaseState.RUNNING, attempts=row.attempts)

    def give_back(self, row: Any, reason: str) -> None:
        """To be tried again after the next sweep; or failed, when that was the last try."""
        if row.attempts >= self.attempts:
            self.fail(row, reason)
        else:
            self.held(row).update(state=LeaseState.WAITING, error=reason[:300])

    def fail(self, row: Any, reason: str) -> None:
        """Over, without a result, after as many tries as are allowed."""
        self.end(row, LeaseState.FAILED, error=f"尝试 {row.attempts} 次未完成：{reason}"[:300])

    def end(self, row: Any, state: LeaseState, **values: Any) -> bool:
        """Leave the row in its last state; False when it was not ours any more."""
        ours = self.rows.filter(pk=row.pk, state__in=UNFINISHED, attempts=row.attempts)
        return bool(ours.update(state=state, finished_at=timezone.now(), **values))

    def cancel(self, pk: uuid.UUID) -> bool:
        """End a row; who works on it notices at the next write. False when it had ended."""
        unfinished = self.rows.filter(pk=pk, state__in=UNFINISHED)
        return bool(unfinished.update(state=LeaseState.CANCELLED, finished_at=timezone.now()))


class Pulse:
    """Whether it is time for a sign of life again."""

    def __init__(self, lease: Lease[Any]) -> None:
        self._lease, self._last = lease, float("-inf")

    def is_due(self) -> bool:
        """True at most every `beat` seconds."""
        if time.monotonic() - self._last < self._lease.beat:
            return False
        self._last = time.monotonic()
        return True


def reason_of(error: Exception) -> str:
    """For people: our own words where there are some, else only the kind of error."""
    return error.detail if isinstance(error, LingxiError) else type(error).__name__
