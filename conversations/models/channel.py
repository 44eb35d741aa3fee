"""渠道: one configured entry."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from lingxi.access.models import Scope
from lingxi.access.permissions import scope_of
from lingxi.ids import new_id
from routing.models import SkillGroup
from routing.querysets import group_ids_of

ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


class ChannelKind(models.TextChoices):
    """How visitors come in."""

    WEB = "web", "网站"
    H5 = "h5", "H5"
    APP = "app", "App"


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Channels."""

    def visible_to(self, user: Any) -> "ChannelQuerySet":
        """Those that feed the person's groups, or all."""
        scope = scope_of(user)
        if scope is None:
            return self.none()
        return self if scope == Scope.ALL else self.filter(group__in=group_ids_of(user))


class Channel(models.Model):
    """A website, H5 page or app that visitors come from."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField("接入标识", max_length=64, unique=True)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField(
        "类型", max_length=8, choices=ChannelKind.choices, default=ChannelKind.WEB
    )
    group = models.ForeignKey(SkillGroup, on_delete=models.PROTECT, verbose_name="技能组")
    is_active = models.BooleanField("启用", default=True)
    allowed_origins = models.JSONField(
        "允许的网站",
        default=list,
        blank=True,
        help_text='例如 ["https://shop.example.com"]；留空表示不限制。',
    )
    identity_secret = models.CharField(
        "身份签名密钥",
        max_length=128,
        blank=True,
        help_text="设置后，member / phone 身份必须带 HMAC-SHA256 签名。",
    )
    brand_color = models.CharField(
        "主题色", max_length=7, default="#3370ff", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")]
    )
    title = models.CharField("窗口标题", max_length=40, default="在线客服")
    greeting = models.TextField("欢迎语", max_length=500, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = "渠道"
        verbose_name_plural = "渠道"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse origins that are not scheme://host[:port]."""
        bad = [item for item in self.allowed_origins if not ORIGIN.fullmatch(str(item))]
        if bad:
            raise ValidationError({"allowed_origins": f"不是有效的来源：{bad[0]}"})

    def allows_origin(self, origin: str | None) -> bool:
        """Whether a page of `origin` (scheme://host[:port], None outside browsers) may use it."""
        if not self.allowed_origins or origin is None:
            return True
        return origin.lower() in {str(item).lower() for item in self.allowed_origins}
