"""主动邀请: a bubble that asks a visitor to talk."""

from django.core.validators import MaxValueValidator
from django.db import models

from conversations.models.channel import Channel
from lingxi.ids import new_id


class PageMatch(models.TextChoices):
    """How the page's address is compared."""

    ANY = "any", "任意页面"
    CONTAINS = "contains", "包含"
    PREFIX = "prefix", "开头是"
    PATTERN = "pattern", "匹配正则（RE2）"


class Invitation(models.Model):
    """An invitation on the pages that match, after a time on the site."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, related_name="invitations", verbose_name="渠道"
    )
    name = models.CharField("名称", max_length=60)
    match = models.CharField(
        "页面条件", max_length=8, choices=PageMatch.choices, default=PageMatch.ANY
    )
    value = models.CharField("页面地址", max_length=300, blank=True)
    after_seconds = models.PositiveIntegerField(
        "停留秒数", default=15, validators=[MaxValueValidator(3600)]
    )
    text = models.CharField("邀请语", max_length=200)
    again_hours = models.PositiveSmallIntegerField(
        "间隔小时",
        default=24,
        validators=[MaxValueValidator(720)],
        help_text="同一访客在此时间内不再邀请。",
    )
    order = models.PositiveSmallIntegerField("顺序", default=0)
    is_active = models.BooleanField("启用", default=True)
    shown = models.PositiveIntegerField("展示", default=0, editable=False)
    accepted = models.PositiveIntegerField("接受", default=0, editable=False)
    declined = models.PositiveIntegerField("关闭", default=0, editable=False)

    class Meta:
        verbose_name = "主动邀请"
        verbose_name_plural = "主动邀请"
        ordering = ["channel", "order", "name"]

    def __str__(self) -> str:
        return self.name
