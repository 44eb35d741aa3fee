"""督办: a leader's order on a ticket, which has to be answered before its deadline."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id
from tickets.models.ticket import Ticket
from tickets.querysets import OfTicketQuerySet


class OrderState(models.TextChoices):
    """Where an order stands; whether an open one is overdue says `overdue_at`."""

    OPEN = "open", "待回复"
    ANSWERED = "answered", "已回复"
    WITHDRAWN = "withdrawn", "已撤回"


class SupervisionOrder(models.Model):
    """An order. Whoever works on the ticket answers it; until then it cannot be resolved.

    `ordered_by` is empty for those of escalation rules; `ordered_name` stays as it was then.
    `overdue_at` is set once, when the deadline was missed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="orders")
    text = models.TextField("督办要求", max_length=2000)
    due_at = models.DateTimeField("回复期限")
    state = models.CharField(
        "状态", max_length=9, choices=OrderState.choices, default=OrderState.OPEN
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ordered_name = models.CharField("下达人", max_length=80)
    created_at = models.DateTimeField("下达时间", default=timezone.now)
    overdue_at = models.DateTimeField("逾期", null=True, blank=True)
    answer = models.TextField("回复", max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "督办"
        verbose_name_plural = "督办"
        indexes = [
            models.Index(fields=["ticket", "created_at"], name="order_of_ticket"),
            models.Index(fields=["ticket"], name="order_open", condition=Q(state="open")),
            models.Index(
                fields=["due_at"],
                name="order_due",
                condition=Q(state="open", overdue_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def is_open(self) -> bool:
        """Whether an answer is still owed."""
        return self.state == OrderState.OPEN
