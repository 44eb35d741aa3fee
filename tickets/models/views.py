"""列表: saved views of the list, and how each person likes to see it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views."""

    def visible_to(self, user: object) -> "SavedViewQuerySet":
        """One's own, and those shared with all."""
        pk = getattr(user, "pk", None)
        return self.filter(Q(owner_id=pk) | Q(is_shared=True)) if pk else self.none()


class SavedView(models.Model):
    """A named state of the list: `query` is the query string that brings it back.

    What it finds is what the person who opens it may see.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ticket_views"
    )
    is_shared = models.BooleanField("共享给所有人", default=False)
    query = models.CharField("条件", max_length=4000, blank=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = "工单视图"
        verbose_name_plural = "工单视图"
        ordering = ["order", "created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class ListTaste(models.Model):
    """Which columns of the list a person wants to see, and how close its rows stand."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="ticket_list_taste",
    )
    columns = ArrayField(models.CharField(max_length=48), default=list, blank=True)
    is_dense = models.BooleanField(default=False)

    class Meta:
        verbose_name = "列表偏好"
        verbose_name_plural = "列表偏好"

    def __str__(self) -> str:
        return str(self.user_id)
