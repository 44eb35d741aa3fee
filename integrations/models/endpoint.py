"""端点: an address of a partner that receives events."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from integrations import catalogue
from integrations.webhooks.signing import new_secret
from lingxi.access.permissions import can
from lingxi.http import AddressNotAllowed, check_url
from lingxi.ids import new_id


def validate_address(url: str) -> None:
    """Refuse at once what the guard would refuse at each delivery."""
    try:
        check_url(url)
    except AddressNotAllowed as exc:
        raise ValidationError(exc.detail, code=exc.code) from exc


def validate_types(names: Any) -> None:
    """A list of declared event types."""
    if not isinstance(names, list):
        raise ValidationError("须为事件类型的列表")
    if wrong := catalogue.unknown(names):
        raise ValidationError(f"未知的事件类型：{'、'.join(wrong)}")


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Endpoints."""

    def visible_to(self, user: Any) -> "EndpointQuerySet":
        """Those who manage webhooks see all, others none."""
        return self if can(user, "webhooks.manage") else self.none()

    def active(self) -> "EndpointQuerySet":
        """Switched on."""
        return self.filter(is_active=True)


class Endpoint(models.Model):
    """Where events go, which of them, and with what secret they are signed.

    An endpoint that is switched off gets no new deliveries; what waits already is kept and goes
    out when it is switched on again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=80)
    url = models.CharField("地址", max_length=2000, validators=[validate_address])
    event_types = models.JSONField(
        "事件类型", default=list, blank=True, validators=[validate_types], help_text="不选表示全部"
    )
    secret = models.CharField("签名密钥", max_length=120, default=new_secret, editable=False)
    is_active = models.BooleanField("启用", default=True)
    disabled_reason = models.CharField("停用原因", max_length=200, blank=True, editable=False)
    timeout_seconds = models.PositiveSmallIntegerField(
        "超时（秒）", default=15, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    max_in_flight = models.PositiveSmallIntegerField(
        "最大并发",
        default=32,
        validators=[MinValueValidator(1), MaxValueValidator(128)],
        help_text="同时进行中的请求数上限",
    )
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = "回调端点"
        verbose_name_plural = "回调端点"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def wants(self, event_type: str) -> bool:
        """Whether events of this type go here."""
        return not self.event_types or event_type in self.event_types
