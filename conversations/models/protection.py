"""黑名单 and 敏感词: who may not come in, and what may not be said."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.conversation import Conversation
from conversations.models.customer import Customer
from lingxi.ids import new_id


class BlockKind(models.TextChoices):
    """What is blocked."""

    CUSTOMER = "customer", "客户"
    ADDRESS = "address", "IP 地址"


class BlockQuerySet(models.QuerySet["Block"]):
    """Blocks."""

    def in_force(self) -> "BlockQuerySet":
        """Neither lifted nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), lifted_at=None)

    def visible_to(self, user: Any) -> "BlockQuerySet":
        """Those of customers the person may see, and addresses for those who manage."""
        customers = Customer.objects.visible_to(user)
        return self.filter(Q(customer__in=customers) | Q(kind=BlockKind.ADDRESS))


class Block(models.Model):
    """黑名单: a customer or an address that may not start conversations, until it expires."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(
        "类型", max_length=8, choices=BlockKind.choices, default=BlockKind.CUSTOMER
    )
    customer = models.ForeignKey(
        Customer,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="blocks",
        verbose_name="客户",
    )
    address = models.GenericIPAddressField("IP 地址", null=True, blank=True)
    reason = models.CharField("原因", max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="添加人",
    )
    created_at = models.DateTimeField("添加时间", default=timezone.now)
    expires_at = models.DateTimeField("到期", null=True, blank=True, help_text="留空表示永久。")
    lifted_at = models.DateTimeField("解除时间", null=True, blank=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = "黑名单"
        verbose_name_plural = "黑名单"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="customer", customer__isnull=False, address__isnull=True)
                | Q(kind="address", customer__isnull=True, address__isnull=False),
                name="block_names_its_kind",
                violation_error_message="请按类型填写客户或 IP 地址其中之一。",
            )
        ]
        indexes = [
            models.Index(
                fields=["address"],
                name="block_of_address",
                condition=Q(kind="address", lifted_at=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.customer or self.address)


class WordAction(models.TextChoices):
    """What happens to a message with the word in it."""

    BLOCK = "block", "拦截"
    MASK = "mask", "替换为 *"
    LOG = "log", "仅记录"


class WordDirection(models.TextChoices):
    """Whose messages are looked at."""

    BOTH = "both", "双向"
    VISITOR = "visitor", "访客"
    AGENT = "agent", "坐席"


class SensitiveWord(models.Model):
    """敏感词."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    word = models.CharField("敏感词", max_length=60, unique=True)
    action = models.CharField(
        "处理", max_length=5, choices=WordAction.choices, default=WordAction.LOG
    )
    direction = models.CharField(
        "方向", max_length=7, choices=WordDirection.choices, default=WordDirection.BOTH
    )
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("添加时间", default=timezone.now)

    class Meta:
        verbose_name = "敏感词"
        verbose_name_plural = "敏感词"
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word


class SensitiveHitQuerySet(models.QuerySet["SensitiveHit"]):
    """Hits."""

    def visible_to(self, user: Any) -> "SensitiveHitQuerySet":
        """Those in conversations the person may see."""
        return self.filter(conversation__in=Conversation.objects.visible_to(user))


class SensitiveHit(models.Model):
    """A word was said; `message_id` is null when the message was blocked."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="sensitive_hits"
    )
    message_id = models.UUIDField(null=True, blank=True)
    word = models.CharField("敏感词", max_length=60)
    action = models.CharField("处理", max_length=5, choices=WordAction.choices)
    author_type = models.CharField("发送方", max_length=7)
    author_id = models.UUIDField(null=True)
    created_at = models.DateTimeField("时间", default=timezone.now)

    objects = SensitiveHitQuerySet.as_manager()

    class Meta:
        verbose_name = "敏感词记录"
        verbose_name_plural = "敏感词记录"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["-created_at"], name="sensitive_hit_recent")]

    def __str__(self) -> str:
        return f"{self.word} ({self.get_action_display()})"
