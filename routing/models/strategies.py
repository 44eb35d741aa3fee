"""策略: versioned rules that say who gets what, and trials of them on past traffic."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id


class Strategy(models.Model):
    """The rules of one kind of work.

    `current` decides; while `candidate` is being released (灰度), it decides `percent` of a hundred
    new items instead. Whoever changes what is in force locks this row.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("适用对象", max_length=16, unique=True)
    name = models.CharField("名称", max_length=60)
    current = models.ForeignKey(
        "StrategyVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="生效版本",
    )
    candidate = models.ForeignKey(
        "StrategyVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="灰度版本",
    )
    percent = models.PositiveSmallIntegerField(
        "灰度比例", default=0, validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = "路由策略"
        verbose_name_plural = "路由策略"

    def __str__(self) -> str:
        return self.name


class VersionState(models.TextChoices):
    """A draft can be edited; a published version is frozen for ever."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"


class StrategyVersion(models.Model):
    """One version. `rules` is the list that `routing.strategy.rules` reads.

    `revision` grows with each save of a draft, so two editors cannot overwrite each other unseen.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    strategy = models.ForeignKey(
        Strategy, on_delete=models.CASCADE, related_name="versions", verbose_name="策略"
    )
    number = models.PositiveIntegerField("版本号", null=True, blank=True)
    state = models.CharField(
        "状态", max_length=9, choices=VersionState.choices, default=VersionState.DRAFT
    )
    rules = models.JSONField("规则", default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    note = models.CharField("说明", max_length=200, blank=True)
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField("创建时间", default=timezone.now)
    edited_at = models.DateTimeField("修改时间", default=timezone.now)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="修改人",
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name="发布人",
    )

    class Meta:
        verbose_name = "策略版本"
        verbose_name_plural = "策略版本"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["strategy", "number"], name="strategy_version_once"),
            models.UniqueConstraint(
                fields=["strategy"], condition=Q(state="draft"), name="strategy_draft_once"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", number__isnull=True)
                | Q(state="published", number__isnull=False),
                name="strategy_version_numbered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.strategy} v{self.number}" if self.number else f"{self.strategy} 草稿"


class SimulationState(models.TextChoices):
    """Where a trial stands."""

    WAITING = "waiting", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


class SimulationRun(models.Model):
    """A trial of rules on past traffic. The row is the truth; the task is a wake-up.

    `rules` is a copy of what was tried; `beat_at` shows that somebody works on it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="simulations")
    rules = models.JSONField()
    since = models.DateTimeField("开始")
    until = models.DateTimeField("结束")
    state = models.CharField(
        "状态",
        max_length=9,
        choices=SimulationState.choices,
        default=SimulationState.WAITING,
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "策略试算"
        verbose_name_plural = "策略试算"
        ordering = ["-asked_at"]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="simulation_unfinished",
                condition=Q(state__in=["waiting", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.strategy} {self.since:%m-%d}–{self.until:%m-%d}"
