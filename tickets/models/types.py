"""工单类型: what kinds of tickets there are, and the versioned workflow of each."""

from django.db import models

from lingxi.fields.models import Schema
from lingxi.ids import new_id
from lingxi.versioned.models import Version, version_constraints
from routing.models import SkillGroup


class Priority(models.IntegerChoices):
    """How urgent; `wire` is the name in API, events and rules."""

    LOW = 1, "低"
    NORMAL = 2, "普通"
    HIGH = 3, "高"
    URGENT = 4, "紧急"

    @property
    def wire(self) -> str:
        """The name outside: low, normal, high or urgent."""
        return self.name.lower()


class Category(models.TextChoices):
    """What a status means to SLA, lists and events, whatever a type calls it."""

    NEW = "new", "待受理"
    OPEN = "open", "处理中"
    PENDING = "pending", "待客户回复"
    ON_HOLD = "on_hold", "挂起"
    RESOLVED = "resolved", "已解决"
    CLOSED = "closed", "已关闭"


ACTIVE = (Category.NEW, Category.OPEN, Category.PENDING, Category.ON_HOLD)


class TicketType(models.Model):
    """A kind of ticket. Its workflow is `current`, its form the schema (ticket, `key`).

    A restricted type's tickets are seen only by admins, by holders of `view_tickets` on the type,
    and by people who have to do with the single ticket.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField("标识", max_length=32, unique=True)
    name = models.CharField("名称", max_length=40)
    description = models.CharField("说明", max_length=200, blank=True)
    is_active = models.BooleanField("启用", default=True)
    is_restricted = models.BooleanField(
        "仅授权可见", default=False, help_text="除管理员、被授权者和相关人员外，其他人看不到。"
    )
    is_public = models.BooleanField(
        "访客可提交", default=False, help_text="访客可在聊天窗口和公开表单中提交此类工单。"
    )
    order = models.PositiveSmallIntegerField("顺序", default=0)
    default_priority = models.PositiveSmallIntegerField(
        "默认优先级", choices=Priority.choices, default=Priority.NORMAL
    )
    group = models.ForeignKey(
        SkillGroup,
        on_delete=models.PROTECT,
        verbose_name="默认技能组",
        help_text="路由策略和问题分类都没有指定时，由此技能组受理。",
    )
    reopen_days = models.PositiveSmallIntegerField(
        "可重新打开的天数",
        default=7,
        help_text="解决后，客户在此天数内可以重新打开；0 表示不可以。",
    )
    close_after_days = models.PositiveSmallIntegerField(
        "自动关闭的天数", default=7, help_text="解决后，过此天数自动关闭；0 表示不自动关闭。"
    )
    schema = models.OneToOneField(
        Schema, on_delete=models.PROTECT, related_name="ticket_type", verbose_name="表单"
    )
    current = models.ForeignKey(
        "TypeVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="生效流程",
    )

    class Meta:
        verbose_name = "工单类型"
        verbose_name_plural = "工单类型"
        ordering = ["order", "name"]
        permissions = [("view_tickets", "可查看此类工单")]

    def __str__(self) -> str:
        return self.name


class TypeVersion(Version):
    """A version of a type's workflow: `content` as `tickets.workflow` reads it."""

    type = models.ForeignKey(
        TicketType, on_delete=models.CASCADE, related_name="versions", verbose_name="类型"
    )
    content = models.JSONField("流程", default=dict, blank=True)

    class Meta(Version.Meta):
        abstract = False
        verbose_name = "流程版本"
        verbose_name_plural = "流程版本"
        constraints = version_constraints("type", "type")

    def __str__(self) -> str:
        return f"{self.type} v{self.number}" if self.number else f"{self.type} 草稿"


class IssueType(models.Model):
    """问题分类: a tree of what tickets are about; decides who is asked first.

    `keywords` are looked for in title and description, case does not matter.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name="上级",
    )
    keywords = models.JSONField("关键词", default=list, blank=True)
    group = models.ForeignKey(
        SkillGroup,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        verbose_name="受理技能组",
        help_text="留空则沿用上级的技能组。",
    )
    is_active = models.BooleanField("启用", default=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = "问题分类"
        verbose_name_plural = "问题分类"
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"], name="issue_type_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.parent} / {self.name}" if self.parent else self.name
