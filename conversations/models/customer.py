"""客户, their identities, and the pages they visited."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from lingxi.ids import new_id

if TYPE_CHECKING:
    from conversations.models.channel import Channel  # noqa: F401


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Customers."""

    def visible_to(self, user: Any) -> "CustomerQuerySet":
        """Those with a conversation the person may see."""
        from conversations.models.conversation import Conversation

        visible = Conversation.objects.visible_to(user).filter(customer_id=models.OuterRef("pk"))
        return self.filter(models.Exists(visible))


class Customer(models.Model):
    """A person, known by one or many identities. `merged_into` points on after a merge."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("姓名", max_length=80, blank=True)
    phone = models.CharField("电话", max_length=32, blank=True)
    email = models.CharField("邮箱", max_length=254, blank=True)
    level = models.CharField("会员等级", max_length=32, blank=True)
    tags = models.JSONField("标签", default=list, blank=True)
    remark = models.TextField("备注", max_length=2000, blank=True)
    fields = models.JSONField("自定义字段", default=dict, blank=True)
    fields_version = models.ForeignKey(
        "fields.SchemaVersion",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="字段版本",
    )
    device = models.JSONField("设备", default=dict, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    created_at = models.DateTimeField("创建时间", default=timezone.now)
    last_seen_at = models.DateTimeField("最近访问", default=timezone.now)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = "客户"
        verbose_name_plural = "客户"

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name, or a stable stand-in for anonymous visitors."""
        return self.name or f"访客 {self.id.hex[-6:]}"


class IdentityKind(models.TextChoices):
    """By what a customer is recognised."""

    COOKIE = "cookie", "Cookie"
    DEVICE = "device", "设备"
    OPENID = "openid", "OpenID"
    PHONE = "phone", "手机号"
    MEMBER = "member", "会员号"


class Identity(models.Model):
    """身份映射: many to one customer. `verified` is set when the host site signed it."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField("类型", max_length=8, choices=IdentityKind.choices)
    value = models.CharField("值", max_length=191)
    verified = models.BooleanField("已验证", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "身份"
        verbose_name_plural = "身份"
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"


class PageView(models.Model):
    """浏览轨迹: one page a visitor looked at."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="page_views")
    channel = models.ForeignKey("conversations.Channel", on_delete=models.CASCADE)
    url = models.CharField("地址", max_length=2000)
    title = models.CharField("标题", max_length=200, blank=True)
    referrer = models.CharField("来源", max_length=2000, blank=True)
    viewed_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "浏览记录"
        verbose_name_plural = "浏览记录"
        indexes = [models.Index(fields=["customer", "-viewed_at"], name="page_view_trail")]

    def __str__(self) -> str:
        return self.url
