"""What waits for an agent, and what agents hold."""

import datetime as dt
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from lingxi.ids import new_id
from routing.models.agents import Agent
from routing.models.groups import SkillGroup
from routing.models.strategies import StrategyVersion
from routing.querysets import WorkItemQuerySet


class WorkState(models.TextChoices):
    """Where a work item stands."""

    WAITING = "waiting", "排队"
    OFFERED = "offered", "等待应答"
    ASSIGNED = "assigned", "已分配"
    DONE = "done", "结束"


PENDING_STATES = (WorkState.WAITING, WorkState.OFFERED)


class WorkItem(models.Model):
    """One stay in a queue and the service after it. Another group makes a new one.

    `kind` and `item_id` name the thing that is routed (a conversation, a ticket); routing knows
    nothing more of it than `facts`, a flat mapping that the caller supplies. A thing has at most
    one item that is pending and one that is assigned; it has both while it is being transferred.
    An agent's load is counted from these rows (offered and assigned), so it cannot drift from the
    truth.

    The queue is ordered by `rank_at`: the time of entering minus a head start for priority. The
    head start is finite, so nobody starves, and the order never changes while time passes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("类型", max_length=16)
    item_id = models.UUIDField("对象")
    channel_kind = models.CharField("渠道类型", max_length=16, blank=True, db_default="")
    group = models.ForeignKey(SkillGroup, on_delete=models.PROTECT, verbose_name="技能组")
    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.PROTECT, verbose_name="坐席"
    )
    priority = models.SmallIntegerField("优先级", default=0)
    rank_at = models.DateTimeField("排序时间", default=timezone.now, db_default=Now())
    min_level = models.PositiveSmallIntegerField("最低技能值", default=0, db_default=0)
    facts = models.JSONField("事实", default=dict)

    # Until `preferred_until`, nobody else is given this item.
    preferred_agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    preferred_until = models.DateTimeField(null=True, blank=True)
    preferred_reason = models.CharField(max_length=16, blank=True, db_default="")

    version = models.ForeignKey(
        StrategyVersion, null=True, blank=True, on_delete=models.PROTECT, verbose_name="策略版本"
    )
    decision = models.JSONField(
        "路由依据", default=dict, blank=True, db_default=Value({}, models.JSONField())
    )
    explanation = models.JSONField(
        "分配依据", default=dict, blank=True, db_default=Value({}, models.JSONField())
    )
    hops = models.PositiveSmallIntegerField("溢出次数", default=0, db_default=0)
    is_transfer = models.BooleanField("转接", default=False, db_default=False)

    state = models.CharField(max_length=8, choices=WorkState.choices, default=WorkState.WAITING)
    enqueued_at = models.DateTimeField("入队时间", default=timezone.now)
    offered_at = models.DateTimeField("询问时间", null=True, blank=True)
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    give_up_at = models.DateTimeField(
        null=True, blank=True, help_text="此时仍未被接受，则不再等待（转接超时）"
    )
    declined_by = ArrayField(
        models.UUIDField(),
        default=list,
        blank=True,
        db_default=Value([], ArrayField(models.UUIDField())),
    )
    declined_at = models.DateTimeField(null=True, blank=True)
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
                condition=Q(state__in=["waiting", "offered"]),
                name="work_item_pending_once",
            ),
            models.UniqueConstraint(
                fields=["kind", "item_id"],
                condition=Q(state="assigned"),
                name="work_item_assigned_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["offered", "assigned"]) | Q(agent__isnull=False),
                name="work_item_held_by_agent",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(agent__isnull=True),
                name="work_item_waiting_is_free",
            ),
        ]
        indexes = [
            models.Index(
                fields=["group", "kind", "rank_at", "id"],
                name="work_item_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(
                fields=["agent", "channel_kind"],
                name="work_item_held",
                condition=Q(state__in=["offered", "assigned"]),
            ),
            models.Index(
                fields=["offer_expires_at"],
                name="work_item_offers",
                condition=Q(state="offered"),
            ),
            models.Index(fields=["item_id", "enqueued_at"], name="work_item_history"),
            models.Index(fields=["group", "-assigned_at"], name="work_item_recent"),
            models.Index(fields=["agent", "-assigned_at"], name="work_item_of_agent"),
            models.Index(fields=["kind", "enqueued_at"], name="work_item_traffic"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id} ({self.state})"

    @property
    def key(self) -> tuple[str, uuid.UUID]:
        """The thing that is routed."""
        return self.kind, self.item_id

    @property
    def is_pending(self) -> bool:
        """Whether nobody has taken it yet."""
        return self.state in PENDING_STATES

    def prefers(self, now: dt.datetime) -> uuid.UUID | None:
        """The one agent it may be given to at `now`; None: anybody."""
        until = self.preferred_until
        return self.preferred_agent_id if until is not None and now < until else None
