"""Jobs, and the files they read."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id
from lingxi.leases import UNFINISHED, LeaseState

if TYPE_CHECKING:
    from lingxi.jobs.registry import Kind


class OwnedQuerySet(models.QuerySet[Any]):
    """Things that belong to one person."""

    def visible_to(self, user: Any) -> "OwnedQuerySet":
        """One's own, whatever the role: nobody else looks into somebody's exports."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner_id=user.pk)


class Job(models.Model):
    """A piece of long work. The row is the truth; the Celery task is a wake-up.

    `checkpoint` is how far it has come, in the words of its kind: what a worker writes together
    with its effects, in one transaction, and what the next one goes on from after a kill. `done`
    and `total` are for the eye. `beat_at` shows that somebody works on it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("类型", max_length=64)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="jobs"
    )
    title = models.CharField("名称", max_length=120)
    params = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        "状态", max_length=9, choices=LeaseState.choices, default=LeaseState.WAITING
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    checkpoint = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)
    file = models.FileField(blank=True, max_length=200)
    file_name = models.CharField(max_length=200, blank=True)
    file_size = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField("创建时间", default=timezone.now)
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField("文件保留至", null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="job_unfinished",
                condition=Q(state__in=["waiting", "running"]),
            ),
            models.Index(fields=["owner", "-created_at"], name="job_of_owner"),
            models.Index(fields=["expires_at"], name="job_expiry", condition=~Q(file="")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in UNFINISHED

    @property
    def percent(self) -> int | None:
        """0 to 100; None while it is not known how much there is to do."""
        if self.state == LeaseState.DONE:
            return 100
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def has_file(self) -> bool:
        """Whether there is something to download."""
        is_kept = self.expires_at is None or self.expires_at > timezone.now()
        return self.state == LeaseState.DONE and bool(self.file) and is_kept

    @property
    def about(self) -> "Kind | None":
        """Its kind; None for one that this release does not know."""
        from lingxi.jobs.registry import KINDS

        return KINDS.get(self.kind)


class Upload(models.Model):
    """A file that a job reads: checked and kept before the job is started.

    `about` is what was found out about it, in the words of who asked for it. `digest` is the
    SHA-256 of its content in hexadecimal.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="job_uploads"
    )
    purpose = models.CharField(max_length=64)
    file = models.FileField(max_length=200)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    about = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "待处理文件"
        verbose_name_plural = "待处理文件"
        indexes = [models.Index(fields=["expires_at"], name="job_upload_expiry")]

    def __str__(self) -> str:
        return self.name
