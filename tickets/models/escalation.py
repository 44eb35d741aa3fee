"""升级规则: what happens to tickets that wait too long, and the timers that say when."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from lingxi.ids import new_id
from routing.models import Agent, BusinessHours, SkillGroup
from tickets.models.ticket import Ticket
from tickets.models.types import Category, Priority, TicketType

MOST_HOURS = 24 * 366
WAITING = [(one.value, one.label) for one in Category if one not in ("resolved", "closed")]


class SlaMark(models.TextChoices):
    """What of the SLA a rule waits for."""

    WARNING = "warning", "时效预警"
    BREACHED = "breached", "时效超时"


def _hours(
    label: str, help_text: str = ""
) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        label,
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(MOST_HOURS)],
        help_text=help_text,
    )


class EscalationRule(models.Model):
    """When all that is set under conditions holds, all that is set under actions is done.

    Once per ticket and episode; what an episode is, says `tickets.escalation.conditions`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    is_active = models.BooleanField("启用", default=True)

    types = models.ManyToManyField(
        TicketType, blank=True, related_name="+", verbose_name="类型", help_text="留空表示全部。"
    )
    groups = models.ManyToManyField(
        SkillGroup, blank=True, related_name="+", verbose_name="技能组", help_text="留空表示全部。"
    )
    min_priority = models.PositiveSmallIntegerField(
        "优先级不低于", choices=Priority.choices, null=True, blank=True
    )
    categories = ArrayField(
        models.CharField(max_length=8, choices=WAITING),
        verbose_name="阶段",
        default=list,
        blank=True,
        help_text="留空表示所有未解决的阶段。",
    )
    age_hours = _hours("创建已满（小时）", "重新打开的工单从重新打开时算起。")
    silence_hours = _hours("无动静已满（小时）", "最近一次有人处理或回复之后。")
    calendar = models.ForeignKey(
        BusinessHours,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="escalation_rules",
        verbose_name="营业时间",
        help_text="只有营业时间计入以上小时数；留空表示全天计算。",
    )
    sla = models.CharField("时效", max_length=8, choices=SlaMark.choices, blank=True)
    urges = models.PositiveSmallIntegerField(
        "催办不少于（次）", null=True, blank=True, validators=[MinValueValidator(1)]
    )

    to_priority = models.PositiveSmallIntegerField(
        "优先级提高到",
        choices=Priority.choices,
        null=True,
        blank=True,
        help_text="已经更高的不变。",
    )
    to_group = models.ForeignKey(
        SkillGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="转派给技能组",
    )
    to_agent = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="转派给坐席",
    )
    notify_assignee = models.BooleanField("通知受理人", default=False)
    notify_supervisors = models.BooleanField("通知主管", default=False)
    notify_users = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name="通知以下人员"
    )
    order_text = models.TextField("督办要求", max_length=2000, blank=True)
    order_hours = _hours("督办回复期限（小时）")
    tag = models.CharField("添加标签", max_length=40, blank=True)

    class Meta:
        verbose_name = "升级规则"
        verbose_name_plural = "升级规则"
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(age_hours__isnull=False)
                | Q(silence_hours__isnull=False)
                | Q(urges__isnull=False)
                | ~Q(sla=""),
                name="escalation_rule_waits_for_something",
                violation_error_message="请至少填写创建时长、无动静时长、时效或催办中的一项。",
            ),
            models.CheckConstraint(
                condition=Q(order_text="") | Q(order_hours__isnull=False),
                name="escalation_order_has_a_deadline",
                violation_error_message="督办需要填写回复期限。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EscalationTimer(models.Model):
    """When a rule is to be looked at for a ticket. The sweep decides, with the ticket locked.

    `due_at` empty: nothing to wait for now. `fired` is the episode it last fired in.
    """

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(EscalationRule, on_delete=models.CASCADE, related_name="timers")
    ticket = models.ForeignKey(
        Ticket, on_delete=models.CASCADE, related_name="escalation_timers", db_index=False
    )
    due_at = models.DateTimeField(null=True)
    fired = models.CharField(max_length=40, blank=True, default="")
    fired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "升级计时"
        verbose_name_plural = "升级计时"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "rule"], name="escalation_timer_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="escalation_due", condition=Q(due_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.ticket_id}"
