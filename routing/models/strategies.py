"""策略: versioned rules that say who gets what, and trials of them on past traffic."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id
from lingxi.leases import LeaseState
from lingxi.versioned.models import Version, version_constraints


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


class StrategyVersion(Version):
    """One version. `rules` is the list that `routing.strategy.rules` reads."""

    strategy = models.ForeignKey(
        Strategy, on_delete=models.CASCADE, related_name="versions", verbose_name="策略"
    )
    rules = models.JSONField("规则", default=list, blank=True)

    class Meta(Version.Meta):
        abstract = False
        verbose_name = "策略版本"
        verbose_name_plural = "策略版本"
        constraints = version_constraints("strategy", "strategy")

    def __str__(self) -> str:
        return f"{self.strategy} v{self.number}" if self.number else f"{self.strategy} 草稿"


SimulationState = LeaseState


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
