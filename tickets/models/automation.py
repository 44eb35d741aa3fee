"""自动建单: rules that make tickets of conversations without an agent."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models import Channel, Conversation
from lingxi.ids import new_id
from routing.models import SkillGroup
from tickets.models.ticket import Ticket
from tickets.models.types import IssueType, Priority, TicketType

MOST_MINUTES = 30 * 24 * 60


class Trigger(models.TextChoices):
    """What makes a rule fire."""

    KEYWORD = "keyword", "访客消息含关键词"
    BOT = "bot", "机器人接待时的选项"
    UNANSWERED = "unanswered", "访客久等未得到人工回复"
    UNRESOLVED = "unresolved", "会话结束但未解决"


class CreationRule(models.Model):
    """When to make which ticket. Each rule fires once per conversation, see `RuleFiring`.

    Conditions of other triggers than its own are not looked at. Without `channels` or `groups` it
    holds everywhere. `answer` is said to the visitor; ``{number}`` in it is the ticket's number.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)
    is_active = models.BooleanField("启用", default=True)
    trigger = models.CharField("触发条件", max_length=10, choices=Trigger.choices)
    channels = models.ManyToManyField(
        Channel, blank=True, verbose_name="渠道", help_text="留空表示全部渠道。", related_name="+"
    )
    groups = models.ManyToManyField(
        SkillGroup,
        blank=True,
        verbose_name="技能组",
        help_text="会话所在的技能组；留空表示全部。",
        related_name="+",
    )
    words = ArrayField(
        models.CharField(max_length=100),
        verbose_name="词语",
        default=list,
        blank=True,
        help_text="关键词：消息含有其中任何一个；机器人选项：消息正好是其中一个。不分大小写。",
    )
    pattern = models.CharField(
        "正则表达式", max_length=200, blank=True, help_text="RE2 语法；符合时也触发关键词规则。"
    )
    minutes = models.PositiveIntegerField(
        "等待分钟数",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text="从访客第一条未得到人工回复的消息算起。",
    )
    on_wrap_up = models.BooleanField("小结标为未解决", default=True)
    on_rating = models.BooleanField("访客评价未解决", default=True)
    most_score = models.PositiveSmallIntegerField(
        "评分不高于",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text="留空则不看评分。",
    )
    on_abandoned = models.BooleanField("没等到客服就离开", default=False)

    type = models.ForeignKey(TicketType, on_delete=models.PROTECT, verbose_name="工单类型")
    issue_type = models.ForeignKey(
        IssueType,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        verbose_name="问题分类",
        help_text="留空则按内容推荐。",
    )
    priority = models.PositiveSmallIntegerField(
        "优先级",
        null=True,
        blank=True,
        choices=Priority.choices,
        help_text="留空则用工单类型的默认优先级。",
    )
    group = models.ForeignKey(
        SkillGroup,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="受理技能组",
        help_text="留空则按工单的分配规则。",
    )
    tags = ArrayField(
        models.CharField(max_length=40), verbose_name="标签", default=list, blank=True
    )
    answer = models.CharField(
        "对访客说",
        max_length=500,
        blank=True,
        help_text="会话未结束时自动发给访客；{number} 会换成工单编号。留空则不说。",
    )

    class Meta:
        verbose_name = "自动建单规则"
        verbose_name_plural = "自动建单规则"
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(trigger="unanswered") | Q(minutes__isnull=False),
                name="creation_rule_waits_some_time",
                violation_error_message="请填写等待分钟数。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RuleFiring(models.Model):
    """A rule has fired for a conversation, and what came of it. It does not fire there again.

    `is_new`: it made `ticket`; else the ticket was there already and was only told.
    """

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(CreationRule, on_delete=models.CASCADE, related_name="firings")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="firings")
    is_new = models.BooleanField("新建")
    created_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "自动建单记录"
        verbose_name_plural = "自动建单记录"
        constraints = [
            models.UniqueConstraint(fields=["rule", "conversation"], name="rule_fires_once")
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} → {self.ticket_id}"
