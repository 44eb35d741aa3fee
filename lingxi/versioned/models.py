"""The row of a version."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.errors import Conflict
from lingxi.ids import new_id


class VersionState(models.TextChoices):
    """A draft can be edited; a published version is frozen for ever."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"


class Version(models.Model):
    """One version of what a row owns. Subclasses add the owner (related name `versions`) and the
    content; the owner has a foreign key `current`.

    `revision` grows with each save of a draft, so two editors cannot overwrite each other unseen.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField("版本号", null=True, blank=True)
    state = models.CharField(
        "状态", max_length=9, choices=VersionState.choices, default=VersionState.DRAFT
    )
    revision = models.PositiveIntegerField(default=1)
    note = models.CharField("说明", max_length=200, blank=True)
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField("创建时间", default=timezone.now)
    edited_at = models.DateTimeField("修改时间", default=timezone.now)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="修改人",
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="发布人",
    )

    class Meta:
        abstract = True
        ordering = ["-number"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises `Conflict` for a version that is published: it is what old records were made by.

        The database is asked, because this instance may have been told otherwise since.
        """
        if not self._state.adding:
            same = type(self)._base_manager.filter(pk=self.pk, state=VersionState.PUBLISHED)
            if same.exists():
                raise Conflict("已发布的版本不能修改，请新建草稿")
        super().save(*args, **kwargs)


def version_constraints(owner: str, name: str) -> list[models.BaseConstraint]:
    """What the database refuses: a number twice, two drafts, a draft with a number.

    `owner` is the foreign key of the version, `name` the beginning of the constraints' names.
    """
    return [
        models.UniqueConstraint(fields=[owner, "number"], name=f"{name}_version_once"),
        models.UniqueConstraint(
            fields=[owner], condition=Q(state="draft"), name=f"{name}_draft_once"
        ),
        models.CheckConstraint(
            condition=Q(state="draft", number__isnull=True)
            | Q(state="published", number__isnull=False),
            name=f"{name}_version_numbered",
        ),
    ]
