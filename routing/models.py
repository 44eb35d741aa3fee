"""Agents, skill groups, presence and the queue of work items."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id
from routing.querysets import AgentQuerySet, SkillGroupQuerySet, WorkItemQuerySet


class SkillGroup(models.Model):
    """技能组: a team that receives one kind of question."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    slug = models.SlugField("标识", max_length=40, unique=True)
    color = models.CharField("颜色", max_length=7, default="#3370ff")

    objects = SkillGroupQuerySet.as_manager()

    class Meta:
        verbose_name = "技能组"
        verbose_name_plural = "技能组"
        ordering = ["name"]
        permissions = [("supervise_skillgroup", "管理该技能组")]

    def __str__(self) -> str:
        return self.name


class AgentStatus(models.TextChoices):
    """What an agent says of themselves; only `ready` receives work."""

    READY = "ready", "空闲"
    BUSY = "busy", "忙碌"
    BREAK = "break", "小休"
    OFFLINE = "offline", "离线"


class Agent(models.Model):
    """坐席: a person who serves. `ready_since` breaks ties: the longest ready goes first."""

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
    capacity = models.PositiveSmallIntegerField(
        "接待上限", default=10, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    groups = models.ManyToManyField(SkillGroup, related_name="agents", verbose_name="技能组")

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = "坐席"
        verbose_name_plural = "坐席"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


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


class WorkState(models.TextChoices):
    """Where a work item stands."""

    WAITING = "waiting", "排队"
    ASSIGNED = "assigned", "已分配"
    DONE = "done", "结束"


class WorkItem(models.Model):
    """One stay in a queue and the service after it. A transfer to a group makes a new one.

    `kind` and `item_id` name the thing that is routed (a conversation, a ticket); routing knows
    nothing more of it than `facts`, a flat mapping that the caller supplies. An agent's load is
    counted from these rows, so it cannot drift from the truth.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("类型", max_length=16)
    item_id = models.UUIDField("对象")
    group = models.ForeignKey(SkillGroup, on_delete=models.PROTECT, verbose_name="技能组")
    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.PROTECT, verbose_name="坐席"
    )
    priority = models.SmallIntegerField("优先级", default=0)
    facts = models.JSONField("事实", default=dict)
    state = models.CharField(max_length=8, choices=WorkState.choices, default=WorkState.WAITING)
    enqueued_at = models.DateTimeField("入队时间", default=timezone.now)
    assigned_at = models.DateTimeField("分配时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    left_reason = models.CharField("离开原因", max_length=24, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = "待分配项"
        verbose_name_plural = "待分配项"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "item_id"],
                condition=~Q(state="done"),
                name="work_item_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="assigned") | Q(agent__isnull=False),
                name="work_item_assigned_has_agent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["group", "-priority", "enqueued_at", "id"],
                name="work_item_queue",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["agent"], name="work_item_load", condition=Q(state="assigned")),
            models.Index(fields=["item_id", "enqueued_at"], name="work_item_history"),
            models.Index(fields=["group", "-assigned_at"], name="work_item_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id} ({self.state})"

    @property
    def key(self) -> tuple[str, uuid.UUID]:
        """The thing that is routed."""
        return self.kind, self.item_id
