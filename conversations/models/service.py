"""How a group serves: its texts and limits, what is left when nobody serves, and the wrap-up."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.channel import Channel
from conversations.models.conversation import Conversation
from conversations.models.customer import Customer
from lingxi.access.models import Role, Scope
from lingxi.access.permissions import role_of, scope_of
from lingxi.ids import new_id
from routing.models import Agent, SkillGroup
from routing.querysets import group_ids_of

DAY = 24 * 3600


class ServiceSettings(models.Model):
    """接待设置 of a group. Times in seconds; 0 switches the thing off."""

    group = models.OneToOneField(
        SkillGroup,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="service",
        verbose_name="技能组",
    )
    welcome_text = models.TextField(
        "接入欢迎语", max_length=500, blank=True, help_text="可用 {agent}、{group}、{customer}。"
    )
    idle_reminder_seconds = models.PositiveIntegerField(
        "访客无回应提醒", default=0, validators=[MaxValueValidator(DAY)]
    )
    idle_reminder_text = models.TextField(
        "提醒内容", max_length=500, blank=True, default="您好，请问还在吗？"
    )
    idle_end_seconds = models.PositiveIntegerField(
        "提醒后自动结束",
        default=0,
        validators=[MaxValueValidator(DAY)],
        help_text="提醒之后仍无回应的秒数。",
    )
    idle_end_text = models.TextField(
        "结束语", max_length=500, blank=True, default="由于您长时间没有回复，会话已自动结束。"
    )
    offline_text = models.TextField(
        "留言提示",
        max_length=500,
        blank=True,
        default="当前没有客服在线，请留下您的问题和联系方式，我们会尽快回复您。",
    )
    wrap_up_required = models.BooleanField("结束后必须填写小结", default=False)
    wrap_up_since = models.DateTimeField(
        null=True, editable=False, help_text="此前结束的会话不要求小结"
    )
    warn_waiting_seconds = models.PositiveIntegerField(
        "排队预警", default=120, validators=[MaxValueValidator(DAY)]
    )
    warn_unanswered_seconds = models.PositiveIntegerField(
        "未回复预警", default=180, validators=[MaxValueValidator(DAY)]
    )

    class Meta:
        verbose_name = "接待设置"
        verbose_name_plural = "接待设置"

    def __str__(self) -> str:
        return f"{self.group} 接待设置"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Notes since when wrap-ups are required: what ended before needs none."""
        if not self.wrap_up_required:
            self.wrap_up_since = None
        elif self.wrap_up_since is None:
            self.wrap_up_since = timezone.now()
        super().save(*args, **kwargs)


class OfflineMessageState(models.TextChoices):
    """Where a message left stands."""

    NEW = "new", "待处理"
    HANDLED = "handled", "已处理"


class OfflineMessageQuerySet(models.QuerySet["OfflineMessage"]):
    """Messages left."""

    def visible_to(self, user: Any) -> "OfflineMessageQuerySet":
        """Those left for the person's groups, or all; partners none."""
        scope = scope_of(user)
        if scope is None or role_of(user) == Role.PARTNER:
            return self.none()
        return self if scope == Scope.ALL else self.filter(group__in=group_ids_of(user))


class OfflineMessage(models.Model):
    """留言: what a visitor left, and how to reach them, when nobody served."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.OneToOneField(
        Conversation, null=True, on_delete=models.PROTECT, related_name="offline_message"
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, verbose_name="客户")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, verbose_name="渠道")
    group = models.ForeignKey(SkillGroup, on_delete=models.PROTECT, verbose_name="技能组")
    name = models.CharField("称呼", max_length=80, blank=True)
    phone = models.CharField("电话", max_length=32, blank=True)
    email = models.EmailField("邮箱", blank=True)
    text = models.TextField("内容", max_length=5000)
    state = models.CharField(
        "状态",
        max_length=8,
        choices=OfflineMessageState.choices,
        default=OfflineMessageState.NEW,
    )
    remark = models.TextField("处理说明", max_length=2000, blank=True)
    handled_by = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.SET_NULL, verbose_name="处理人"
    )
    handled_at = models.DateTimeField("处理时间", null=True, blank=True)
    created_at = models.DateTimeField("留言时间", default=timezone.now)

    objects = OfflineMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "留言"
        verbose_name_plural = "留言"
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["group", "-created_at"],
                name="offline_message_new",
                condition=Q(state="new"),
            ),
            models.Index(fields=["-created_at"], name="offline_message_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.customer}：{self.text[:20]}"


class WrapUpCategory(models.Model):
    """小结分类: a tree; those without a group are for all."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="children",
        verbose_name="上级",
    )
    group = models.ForeignKey(
        SkillGroup, null=True, blank=True, on_delete=models.CASCADE, verbose_name="技能组"
    )
    is_active = models.BooleanField("启用", default=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = "小结分类"
        verbose_name_plural = "小结分类"
        ordering = ["order", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"], name="wrap_up_category_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.parent} / {self.name}" if self.parent else self.name


class WrapUp(models.Model):
    """会话小结: what it was about, written by the agent who served last."""

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, related_name="wrap_up"
    )
    category = models.ForeignKey(
        WrapUpCategory, null=True, blank=True, on_delete=models.PROTECT, verbose_name="分类"
    )
    resolved = models.BooleanField("已解决", null=True, blank=True)
    note = models.TextField("备注", max_length=2000, blank=True)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, verbose_name="坐席")
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "会话小结"
        verbose_name_plural = "会话小结"

    def __str__(self) -> str:
        return f"{self.category or '—'} {self.note[:20]}"


class Notice(models.Model):
    """通知: a line for one person, shown until it is read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    text = models.CharField("内容", max_length=300)
    url = models.CharField("链接", max_length=200, blank=True)
    conversation = models.ForeignKey(Conversation, null=True, blank=True, on_delete=models.CASCADE)
    created_at = models.DateTimeField("时间", default=timezone.now)
    read_at = models.DateTimeField("已读", null=True, blank=True)

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["user", "-created_at"], name="notice_unread", condition=Q(read_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.text
