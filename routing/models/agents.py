"""坐席: people who serve, their skills, what they said of themselves, and their breaks."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id
from routing.models.groups import SkillGroup
from routing.querysets import AgentQuerySet, BreakRequestQuerySet


class AgentStatus(models.TextChoices):
    """What an agent says of themselves; only `ready` receives work."""

    READY = "ready", "空闲"
    BUSY = "busy", "忙碌"
    BREAK = "break", "小休"
    OFFLINE = "offline", "离线"


class Agent(models.Model):
    """A person who serves.

    `ready_since` breaks ties: the longest ready goes first. `turn_at` is the place in the round:
    the moment of becoming ready or of the last assignment, whichever is later.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="agent",
        verbose_name="用户",
    )
    name = models.CharField("显示名称", max_length=40)
    status = models.CharField(
        "状态", max_length=8, choices=AgentStatus.choices, default=AgentStatus.OFFLINE
    )
    status_reason = models.CharField("状态说明", max_length=80, blank=True)
    status_since = models.DateTimeField("状态开始", default=timezone.now)
    ready_since = models.DateTimeField("空闲开始", default=timezone.now)
    turn_at = models.DateTimeField("轮流位置", default=timezone.now)
    missed = models.PositiveSmallIntegerField("连续未接", default=0)
    capacity = models.PositiveSmallIntegerField(
        "接待上限", default=10, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    groups = models.ManyToManyField(
        SkillGroup, through="routing.Membership", related_name="agents", verbose_name="技能组"
    )

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = "坐席"
        verbose_name_plural = "坐席"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """An agent's place in a group. `stride` is the virtual time that weighted picking counts in."""

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, verbose_name="坐席")
    skillgroup = models.ForeignKey(SkillGroup, on_delete=models.CASCADE, verbose_name="技能组")
    level = models.PositiveSmallIntegerField(
        "技能值", default=50, db_default=50, validators=[MaxValueValidator(100)]
    )
    weight = models.PositiveSmallIntegerField(
        "权重",
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    stride = models.FloatField(default=0.0, db_default=0.0, editable=False)

    class Meta:
        db_table = "routing_agent_groups"
        verbose_name = "成员"
        verbose_name_plural = "成员"
        unique_together = [("agent", "skillgroup")]

    def __str__(self) -> str:
        return f"{self.agent} · {self.skillgroup}"


class ChannelCapacity(models.Model):
    """How many items of one kind of channel an agent holds at most, within their capacity.

    For lasting work the kind of work stands in `channel_kind`, and the limit is its capacity.
    """

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="channel_capacities")
    channel_kind = models.CharField("渠道类型", max_length=16)
    capacity = models.PositiveSmallIntegerField(
        "上限", validators=[MinValueValidator(1), MaxValueValidator(200)]
    )

    class Meta:
        verbose_name = "渠道接待上限"
        verbose_name_plural = "渠道接待上限"
        constraints = [
            models.UniqueConstraint(fields=["agent", "channel_kind"], name="channel_capacity_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel_kind} ≤ {self.capacity}"


class Presence(models.Model):
    """A lease: this connection of this agent lives until `expires_at` unless it is renewed."""

    id = models.UUIDField(primary_key=True, default=new_id)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="presences")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "在线租约"
        verbose_name_plural = "在线租约"

    def __str__(self) -> str:
        return f"{self.agent_id} until {self.expires_at:%H:%M:%S}"


class StatusPeriod(models.Model):
    """A stretch of time in one status; the running one has no end."""

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="status_periods")
    status = models.CharField("状态", max_length=8, choices=AgentStatus.choices)
    reason = models.CharField("说明", max_length=80, blank=True)
    started_at = models.DateTimeField("开始", default=timezone.now)
    ended_at = models.DateTimeField("结束", null=True)

    class Meta:
        verbose_name = "状态记录"
        verbose_name_plural = "状态记录"
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(ended_at__isnull=True), name="status_period_running"
            )
        ]
        indexes = [models.Index(fields=["started_at", "agent"], name="status_period_time")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.status} {self.started_at:%m-%d %H:%M}"


class BreakReason(models.Model):
    """小休原因, with what it asks for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    needs_approval = models.BooleanField("需要审批", default=False)
    max_minutes = models.PositiveSmallIntegerField(
        "最长分钟数",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text="超过后在实时看板上提示；留空表示不限。",
    )
    is_active = models.BooleanField("启用", default=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = "小休原因"
        verbose_name_plural = "小休原因"
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class BreakRequestState(models.TextChoices):
    """Where a request stands."""

    PENDING = "pending", "待审批"
    APPROVED = "approved", "已同意"
    REJECTED = "rejected", "已拒绝"
    WITHDRAWN = "withdrawn", "已撤回"


class BreakRequest(models.Model):
    """小休申请: an agent asks, a supervisor decides. One pending at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, related_name="break_requests", verbose_name="坐席"
    )
    reason = models.ForeignKey(BreakReason, on_delete=models.PROTECT, verbose_name="原因")
    state = models.CharField(
        "状态",
        max_length=9,
        choices=BreakRequestState.choices,
        default=BreakRequestState.PENDING,
    )
    asked_at = models.DateTimeField("申请时间", default=timezone.now)
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="审批人",
    )
    note = models.CharField("审批意见", max_length=200, blank=True)

    objects = BreakRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "小休申请"
        verbose_name_plural = "小休申请"
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state="pending"), name="break_request_pending_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent} · {self.reason}"
