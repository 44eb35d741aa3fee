"""The outbox."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id


class Event(models.Model):
    """Something that happened. `payload` is masked already: it is made to leave the house.

    `position` orders events; for one conversation it is also commit order, because writers hold
    the conversation's row. It has holes, and must not be used as a read cursor.
    """

    position = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(default=new_id, unique=True, editable=False)
    type = models.CharField("类型", max_length=64)
    occurred_at = models.DateTimeField("发生时间", default=timezone.now)
    conversation_id = models.UUIDField(null=True)
    customer_id = models.UUIDField(null=True)
    channel = models.CharField("渠道", max_length=64, blank=True)
    payload = models.JSONField("内容", default=dict)
    relayed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "事件"
        verbose_name_plural = "事件"
        indexes = [
            models.Index(fields=["position"], name="event_pending", condition=Q(relayed_at=None)),
            models.Index(fields=["conversation_id", "position"], name="event_conversation"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class FailedHandling(models.Model):
    """A subscriber could not take an event; it is tried again at `due_at`, others go on."""

    id = models.BigAutoField(primary_key=True)
    subscriber = models.CharField("订阅者", max_length=64)
    event = models.ForeignKey(Event, on_delete=models.CASCADE)
    attempts = models.PositiveIntegerField("次数", default=1)
    due_at = models.DateTimeField("下次重试")
    error = models.TextField("原因", blank=True)

    class Meta:
        verbose_name = "处理失败的事件"
        verbose_name_plural = "处理失败的事件"
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "event"], name="failed_handling_once")
        ]
        indexes = [models.Index(fields=["due_at"], name="failed_handling_due")]

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.event_id}"
