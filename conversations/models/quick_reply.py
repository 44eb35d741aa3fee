"""快捷回复: the canned texts agents use."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from lingxi.access.permissions import scope_of
from lingxi.ids import new_id


class QuickReplyCategory(models.Model):
    """A folder of shared texts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = "快捷回复分类"
        verbose_name_plural = "快捷回复分类"
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class QuickReplyQuerySet(models.QuerySet["QuickReply"]):
    """Canned texts."""

    def visible_to(self, user: Any) -> "QuickReplyQuerySet":
        """The shared ones and the person's own."""
        if scope_of(user) is None:
            return self.none()
        return self.filter(Q(owner=None) | Q(owner=user))


class QuickReply(models.Model):
    """快捷回复: shared when it has no owner."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shortcut = models.CharField("快捷词", max_length=24)
    title = models.CharField("标题", max_length=60)
    category = models.ForeignKey(
        QuickReplyCategory,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="replies",
        verbose_name="分类",
    )
    text = models.TextField("内容", max_length=2000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        verbose_name="个人",
    )
    order = models.PositiveSmallIntegerField("顺序", default=0, db_default=0)

    objects = QuickReplyQuerySet.as_manager()

    class Meta:
        verbose_name = "快捷回复"
        verbose_name_plural = "快捷回复"
        ordering = ["order", "shortcut"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "shortcut"], name="quick_reply_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"/{self.shortcut} {self.title}"
