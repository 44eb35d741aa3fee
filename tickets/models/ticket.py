"""工单, and how it hangs together with people, conversations and other tickets."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from conversations.models import Conversation, Customer
from lingxi.fields.models import SchemaVersion
from lingxi.ids import new_id
from routing.models import Agent, SkillGroup
from tickets.models.types import Category, IssueType, Priority, TicketType, TypeVersion
from tickets.querysets import OfTicketQuerySet, TicketQuerySet


class NextNumber(Func):
    """The next ticket number; numbers are unique and grow, and may have gaps."""

    template = "nextval('tickets_number')"
    output_field = models.BigIntegerField()


class Source(models.TextChoices):
    """What made a ticket."""

    AGENT = "agent", "坐席"
    KEYWORD = "keyword", "关键词"
    BOT = "bot", "机器人"
    UNANSWERED = "unanswered", "超时未回复"
    UNRESOLVED = "unresolved", "未解决"
    FORM = "form", "表单"
    VISITOR = "visitor", "访客"
    API = "api", "接口"
    IMPORT = "import", "导入"


class Ticket(models.Model):
    """One ticket. `tickets.service` is the only writer.

    It keeps the versions of workflow and form that it was written with. `revision` grows with
    every change, so that two people cannot overwrite each other unseen. `cause` names what made
    it: the same cause makes one ticket only. `due_at` is the nearest due time of its SLA.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField("编号", unique=True, db_default=NextNumber(), editable=False)
    type = models.ForeignKey(TicketType, on_delete=models.PROTECT, verbose_name="类型")
    # Without an index: few look for it, and every change of a ticket would pay for one.
    type_version = models.ForeignKey(
        TypeVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    title = models.CharField("标题", max_length=200)
    description = models.TextField("描述", max_length=20_000, blank=True)
    priority = models.PositiveSmallIntegerField(
        "优先级", choices=Priority.choices, default=Priority.NORMAL
    )
    status = models.CharField("状态", max_length=40)
    category = models.CharField(
        "阶段", max_length=8, choices=Category.choices, default=Category.NEW
    )
    issue_type = models.ForeignKey(
        IssueType, null=True, blank=True, on_delete=models.PROTECT, verbose_name="问题分类"
    )
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    fields = models.JSONField("自定义字段", default=dict, blank=True)
    fields_version = models.ForeignKey(
        SchemaVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    requester = models.ForeignKey(
        Customer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tickets",
        verbose_name="客户",
    )
    # The indexes of these two are those with the time of creation.
    group = models.ForeignKey(
        SkillGroup, on_delete=models.PROTECT, verbose_name="技能组", db_index=False
    )
    assignee = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tickets",
        verbose_name="受理人",
        db_index=False,
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="创建人",
    )
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    # Null, not empty, where nothing is to be made once only: the unique constraint skips nulls.
    cause = models.CharField(max_length=191, null=True, blank=True, unique=True)

    # Their indexes hold only those that have one.
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="children",
        db_index=False,
    )
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
        db_index=False,
    )

    # What the list searches by; see `tickets.listing.terms`.
    terms = ArrayField(models.IntegerField(), default=list, blank=True, editable=False)

    revision = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField("最近到期", null=True, blank=True)
    is_breached = models.BooleanField("已超时", default=False, db_default=False)
    urges = models.PositiveIntegerField("催办次数", default=0, db_default=0)
    reopens = models.PositiveSmallIntegerField("重新打开次数", default=0, db_default=0)
    reopened_at = models.DateTimeField("最近重新打开", null=True, blank=True)

    created_at = models.DateTimeField("创建时间", default=timezone.now)
    updated_at = models.DateTimeField("更新时间", default=timezone.now)
    touched_at = models.DateTimeField(
        "最近处理",
        default=timezone.now,
        help_text="最近一次有人处理或回复；规则里的“无动静”从此算起",
    )
    first_replied_at = models.DateTimeField("首次回复", null=True, blank=True)
    resolved_at = models.DateTimeField("解决时间", null=True, blank=True)
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)
    close_due_at = models.DateTimeField("自动关闭时间", null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = "工单"
        verbose_name_plural = "工单"
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("id")) & ~Q(merged_into=F("id")), name="ticket_not_its_own"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "id"], name="ticket_recent"),
            models.Index(fields=["-updated_at", "id"], name="ticket_changed"),
            models.Index(fields=["group", "-created_at"], name="ticket_of_group"),
            models.Index(fields=["assignee", "-created_at"], name="ticket_of_assignee"),
            models.Index(
                fields=["due_at", "id"],
                name="ticket_due",
                condition=~Q(category__in=["resolved", "closed"]),
            ),
            models.Index(fields=["due_at", "id"], name="ticket_by_due"),
            models.Index(fields=["-priority", "id"], name="ticket_urgency"),
            models.Index(
                fields=["id"],
                name="ticket_breached",
                condition=Q(is_breached=True) & ~Q(category__in=["resolved", "closed"]),
            ),
            models.Index(
                fields=["close_due_at"],
                name="ticket_to_close",
                condition=Q(category="resolved"),
            ),
            models.Index(
                fields=["parent"], name="ticket_children", condition=Q(parent__isnull=False)
            ),
            models.Index(
                fields=["merged_into"], name="ticket_merged", condition=Q(merged_into__isnull=False)
            ),
            GinIndex(fields=["fields"], name="ticket_fields", opclasses=["jsonb_path_ops"]),
            GinIndex(fields=["tags"], name="ticket_tags"),
            GinIndex(fields=["terms"], name="ticket_terms"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def reference(self) -> str:
        """The number as people write it: T100001."""
        return f"T{self.number}"

    @property
    def is_active(self) -> bool:
        """Neither resolved nor closed."""
        return self.category not in {Category.RESOLVED, Category.CLOSED}


class Link(models.Model):
    """A ticket and a conversation that belong together; both show the other."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="ticket_links"
    )
    is_source = models.BooleanField("由此创建", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "关联会话"
        verbose_name_plural = "关联会话"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "conversation"], name="ticket_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} – {self.conversation_id}"


class Watcher(models.Model):
    """关注: somebody who is told of changes and may see the ticket."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watched_tickets"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "关注"
        verbose_name_plural = "关注"
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="watcher_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.ticket_id}"


class TicketRating(models.Model):
    """满意度 of a ticket: the requester's answer after it was resolved; reopening asks again."""

    ticket = models.OneToOneField(
        Ticket, primary_key=True, on_delete=models.CASCADE, related_name="rating"
    )
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL)
    score = models.PositiveSmallIntegerField(
        "评分", validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    comment = models.TextField("评价", max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "工单满意度"
        verbose_name_plural = "工单满意度"
        constraints = [
            models.CheckConstraint(condition=Q(score__range=(1, 5)), name="ticket_rating_1_to_5")
        ]

    def __str__(self) -> str:
        return f"{self.score} / 5"


def number_of(text: Any) -> int | None:
    """The number that `T100001`, `t100001` or `100001` stands for; None for anything else."""
    digits = str(text).strip().lstrip("Tt#")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 18 else None
