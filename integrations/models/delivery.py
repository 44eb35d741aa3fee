"""投递: one event on its way to one endpoint."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from integrations.models.endpoint import Endpoint
from lingxi.access.permissions import can

RESPONSE_LIMIT = 4096


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries."""

    def visible_to(self, user: Any) -> "DeliveryQuerySet":
        """Those who manage webhooks see all, others none."""
        return self if can(user, "webhooks.manage") else self.none()

    def unfinished(self) -> "DeliveryQuerySet":
        """Neither delivered nor given up."""
        return self.filter(state__in=UNFINISHED)

    def dead(self) -> "DeliveryQuerySet":
        """Given up: the dead letters."""
        return self.filter(state=Delivery.State.DEAD)


class Delivery(models.Model):
    """The row is the truth: what is to be sent, exactly as it is sent, and how it went so far.

    A sender holds a row (`sending`) until `claimed_until`; the row of a sender that died is taken
    up again after that. The event is named by its id and not referenced, because deliveries
    outlive the outbox.
    """

    class State(models.TextChoices):
        PENDING = "pending", "待发送"
        SENDING = "sending", "发送中"
        DELIVERED = "delivered", "已送达"
        FAILED = "failed", "待重试"
        DEAD = "dead", "死信"

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(
        Endpoint,
        on_delete=models.PROTECT,
        related_name="deliveries",
        verbose_name="端点",
        db_index=False,  # the unique constraint begins with it
    )
    event_id = models.UUIDField("事件编号")
    event_type = models.CharField("事件类型", max_length=64)
    conversation_id = models.UUIDField("会话", null=True)
    body = models.TextField("内容")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField("已尝试", default=0)
    next_attempt_at = models.DateTimeField("下次发送", default=timezone.now)
    claimed_until = models.DateTimeField("占用至", null=True)
    last_status = models.PositiveSmallIntegerField("状态码", null=True)
    last_error = models.CharField("失败原因", max_length=500, blank=True)
    last_response = models.TextField("响应", blank=True)
    created_at = models.DateTimeField("创建时间", default=timezone.now)
    delivered_at = models.DateTimeField("送达时间", null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "投递记录"
        verbose_name_plural = "投递记录"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="delivery_once"),
            models.CheckConstraint(
                name="delivery_claimed_while_sending",
                condition=Q(state="sending", claimed_until__isnull=False)
                | (~Q(state="sending") & Q(claimed_until__isnull=True)),
            ),
        ]
        indexes = [
            # Per endpoint, so that the backlog of one costs the others nothing.
            models.Index(
                fields=["endpoint", "next_attempt_at", "id"],
                name="delivery_due",
                condition=Q(state__in=["pending", "failed"]),
            ),
            models.Index(
                fields=["claimed_until"], name="delivery_claimed", condition=Q(state="sending")
            ),
            models.Index(fields=["id"], name="delivery_dead", condition=Q(state="dead")),
            models.Index(fields=["event_id"], name="delivery_event"),
            models.Index(fields=["conversation_id", "id"], name="delivery_conversation"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} → {self.endpoint_id}"


UNFINISHED = (Delivery.State.PENDING, Delivery.State.SENDING, Delivery.State.FAILED)
