"""Schemas and their versions."""

from django.db import models

from lingxi.ids import new_id
from lingxi.versioned.models import Version, version_constraints


class Entity(models.TextChoices):
    """What has declared fields."""

    CUSTOMER = "customer", "客户"
    CONVERSATION = "conversation", "会话"
    TICKET = "ticket", "工单"


class Schema(models.Model):
    """The declared fields of an entity; of tickets, each type (`key`) has its own.

    Records keep the version that they were written with; `current` is for what is written next.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entity = models.CharField("对象", max_length=16, choices=Entity.choices)
    key = models.CharField("类型", max_length=40, blank=True, default="")
    name = models.CharField("名称", max_length=60)
    current = models.ForeignKey(
        "SchemaVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="生效版本",
    )

    class Meta:
        verbose_name = "字段表单"
        verbose_name_plural = "字段表单"
        ordering = ["entity", "key"]
        constraints = [models.UniqueConstraint(fields=["entity", "key"], name="schema_once")]

    def __str__(self) -> str:
        return self.name


class SchemaVersion(Version):
    """One version. `content` is the list of definitions that `lingxi.fields.definitions` reads."""

    schema = models.ForeignKey(
        Schema, on_delete=models.CASCADE, related_name="versions", verbose_name="表单"
    )
    content = models.JSONField("字段", default=list, blank=True)

    class Meta(Version.Meta):
        abstract = False
        verbose_name = "字段表单版本"
        verbose_name_plural = "字段表单版本"
        constraints = version_constraints("schema", "schema")

    def __str__(self) -> str:
        return f"{self.schema} v{self.number}" if self.number else f"{self.schema} 草稿"
