"""时效 (SLA): policies that say how fast, and the clocks that run for each ticket."""

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from lingxi.ids import new_id
from routing.models import BusinessHours
from tickets.models.ticket import Ticket
from tickets.models.types import Priority
from tickets.querysets import OfTicketQuerySet

if TYPE_CHECKING:
    from tickets.sla.clock import Clock

MOST_MINUTES = 2 * 366 * 24 * 60


class Metric(models.TextChoices):
    """What is timed."""

    FIRST_RESPONSE = "first_response", "首次响应"
    NEXT_RESPONSE = "next_response", "后续响应"
    RESOLUTION = "resolution", "解决"


class WarnUnit(models.TextChoices):
    """What `warn_before` counts."""

    PERCENT = "percent", "% 的时限"
    MINUTES = "minutes", "分钟"


class ClockState(models.TextChoices):
    """Where a clock stands. Once breached it stays so, also when met afterwards (`met_at`)."""

    RUNNING = "running", "计时中"
    PAUSED = "paused", "已暂停"
    MET = "met", "已达标"
    BREACHED = "breached", "已超时"
    CANCELLED = "cancelled", "已取消"


def _target(label: str) -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(
        label,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text="分钟，按营业时间计算；留空表示不限。",
    )


class SlaPolicy(models.Model):
    """How fast tickets are to be answered and resolved. The first active one that fits applies.

    Empty conditions fit every ticket. Targets are minutes of business time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    order = models.PositiveSmallIntegerField(
        "顺序", default=0, help_text="从小到大，第一条符合的策略生效。"
    )
    is_active = models.BooleanField("启用", default=True)
    types = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    priorities = ArrayField(
        models.PositiveSmallIntegerField(choices=Priority.choices), default=list, blank=True
    )
    levels = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    calendar = models.ForeignKey(
        BusinessHours,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sla_policies",
        verbose_name="营业时间",
        help_text="只有营业时间计入时效；留空表示全天计算。",
    )
    first_response = _target("首次响应时限")
    next_response = _target("后续响应时限")
    resolution = _target("解决时限")
    warn_before = models.PositiveIntegerField(
        "提前预警",
        null=True,
        blank=True,
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text="到期前还剩多少时预警；留空表示不预警。",
    )
    warn_unit = models.CharField(
        "预警单位", max_length=8, choices=WarnUnit.choices, default=WarnUnit.PERCENT
    )

    class Meta:
        verbose_name = "时效策略"
        verbose_name_plural = "时效策略"
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_response__isnull=False)
                | Q(next_response__isnull=False)
                | Q(resolution__isnull=False),
                name="sla_policy_has_a_target",
                violation_error_message="请至少填写一个时限。",
            ),
            models.CheckConstraint(
                condition=~Q(warn_unit="percent") | Q(warn_before=None) | Q(warn_before__lt=100),
                name="sla_policy_warns_after_the_start",
                violation_error_message="按百分比预警时，请填写 1 至 99。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SlaClock(models.Model):
    """One metric of one ticket, for `next_response` once per round; see `tickets.sla.clock`.

    `tickets.sla` is the only writer. `elapsed` is the business time used before `since`; from
    there on it is counted by `calendar`, less the `pauses` (ISO times of begin and end).
    `due_at` and `warn_at` are empty while it is paused. `spent` is the business time it took.
    """

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(
        Ticket, on_delete=models.CASCADE, related_name="clocks", db_index=False
    )
    metric = models.CharField(max_length=14, choices=Metric.choices)
    round = models.PositiveIntegerField(default=0)
    policy = models.ForeignKey(
        SlaPolicy,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="策略",
        db_index=False,  # asked for only when a policy is deleted
    )
    state = models.CharField(max_length=9, choices=ClockState.choices, default=ClockState.RUNNING)
    target_seconds = models.PositiveIntegerField(null=True)
    warn_seconds = models.PositiveIntegerField(null=True)
    # No foreign key: the calendar may be gone, and nobody looks from there.
    calendar: "models.UUIDField[uuid.UUID | None, uuid.UUID | None]" = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    since = models.DateTimeField()
    elapsed = models.DurationField()
    pauses = models.JSONField(default=list)
    paused_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    spent = models.DurationField(null=True)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "时效计时"
        verbose_name_plural = "时效计时"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "metric", "round"], name="sla_clock_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="sla_clock_due", condition=Q(state="running")),
            models.Index(
                fields=["warn_at"],
                name="sla_clock_warn",
                condition=Q(state="running", warned_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.get_state_display()}"

    @property
    def value(self) -> "Clock":
        """The clock as a value to reckon with."""
        from tickets.sla.rows import value_of

        return value_of(self)
