"""技能组: teams, how they pick who serves, and what happens when nobody can."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from lingxi.ids import new_id
from routing.querysets import SkillGroupQuerySet


class PickingMethod(models.TextChoices):
    """How a group picks the agent for the next item."""

    LEAST_ACTIVE = "least_active", "最少接待"
    ROUND_ROBIN = "round_robin", "轮流"
    SATURATION = "saturation", "饱和度最低"
    SKILL_LEVEL = "skill_level", "技能值最高"
    WEIGHTED = "weighted", "按权重"
    CLAIM = "claim", "坐席抢接"
    MANUAL = "manual", "主管手动分配"


class SkillGroup(models.Model):
    """A team that receives one kind of question. Times are in seconds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("名称", max_length=40, unique=True)
    slug = models.SlugField("标识", max_length=40, unique=True)
    color = models.CharField("颜色", max_length=7, default="#3370ff")

    picking = models.CharField(
        "分配方式",
        max_length=16,
        choices=PickingMethod.choices,
        default=PickingMethod.LEAST_ACTIVE,
    )
    last_agent_first = models.BooleanField(
        "熟客优先", default=False, help_text="先分给上次接待该客户的坐席；其不可接待时按分配方式。"
    )
    last_agent_days = models.PositiveSmallIntegerField(
        "熟客有效天数", default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    min_level = models.PositiveSmallIntegerField(
        "最低技能值",
        default=0,
        validators=[MaxValueValidator(100)],
        help_text="低于此值的成员不参与分配。",
    )
    ageing_seconds = models.PositiveSmallIntegerField(
        "优先级折算秒数",
        default=60,
        validators=[MinValueValidator(1), MaxValueValidator(3600)],
        help_text="每一级优先级相当于多等了这么多秒。数值有限，因此谁也不会一直排在后面。",
    )
    burst_limit = models.PositiveSmallIntegerField(
        "突发上限",
        default=0,
        validators=[MaxValueValidator(200)],
        help_text="坐席在“突发时长”内最多接到几个新会话；0 表示不限。",
    )
    burst_seconds = models.PositiveSmallIntegerField(
        "突发时长", default=10, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    offer_seconds = models.PositiveSmallIntegerField(
        "应答时限",
        default=0,
        validators=[MaxValueValidator(600)],
        help_text="坐席须在此秒数内点“接受”，否则转给下一位；0 表示自动接受。",
    )
    missed_limit = models.PositiveSmallIntegerField(
        "连续未接上限",
        default=3,
        validators=[MaxValueValidator(100)],
        help_text="连续这么多次未应答后自动小休；0 表示从不。",
    )
    transfer_seconds = models.PositiveSmallIntegerField(
        "转接时限",
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(3600)],
        help_text="转接在此秒数内无人接受即超时，会话仍由原坐席接待。",
    )
    business_hours = models.ForeignKey(
        "routing.BusinessHours",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name="营业时间",
        help_text="留空表示全天营业。",
    )
    by_roster = models.BooleanField(
        "按排班接待", default=False, help_text="只分配给当前在班次内的坐席。"
    )

    objects = SkillGroupQuerySet.as_manager()

    class Meta:
        verbose_name = "技能组"
        verbose_name_plural = "技能组"
        ordering = ["name"]
        permissions = [("supervise_skillgroup", "管理该技能组")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Settings that the picking method would pass over are refused, not passed over."""
        if self.is_automatic:
            return
        how = self.get_picking_display()
        pointless = {
            "offer_seconds": f"“{how}”由人来分配，不能设置应答时限，请填 0。",
            "burst_limit": f"“{how}”由人来分配，不能设置突发上限，请填 0。",
            "last_agent_first": f"“{how}”由人来分配，不能开启熟客优先。",
        }
        wrong = {name: text for name, text in pointless.items() if getattr(self, name)}
        if wrong:
            raise ValidationError(wrong)

    @property
    def is_automatic(self) -> bool:
        """Whether the machine assigns here; else agents claim or a supervisor hands out."""
        return self.picking not in {PickingMethod.CLAIM, PickingMethod.MANUAL}


class OverflowWhen(models.TextChoices):
    """What makes an item flow over; the unit of `limit` depends on it."""

    WAITED = "waited", "等待超过（秒）"
    QUEUE_LENGTH = "queue_length", "排队人数达到"
    CLOSED = "closed", "不在营业时间"
    NOBODY_ONLINE = "nobody_online", "无人在线超过（秒）"


class OverflowThen(models.TextChoices):
    """Where it flows."""

    GROUP = "group", "转到其他技能组"
    BOT = "bot", "交给机器人"
    OFFLINE = "offline", "转为留言"


class OverflowStep(models.Model):
    """溢出: one step of a group's chain; the first whose condition holds is taken."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(
        SkillGroup, on_delete=models.CASCADE, related_name="overflow_steps", verbose_name="技能组"
    )
    order = models.PositiveSmallIntegerField("顺序", default=0)
    when = models.CharField("条件", max_length=16, choices=OverflowWhen.choices)
    limit = models.PositiveIntegerField(
        "上限", default=0, help_text="等待条件以秒计，排队条件以人数计；“不在营业时间”不用填。"
    )
    then = models.CharField("去向", max_length=8, choices=OverflowThen.choices)
    target = models.ForeignKey(
        SkillGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="目标技能组",
    )

    class Meta:
        verbose_name = "溢出步骤"
        verbose_name_plural = "溢出步骤"
        ordering = ["group", "order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(then="group", target__isnull=False)
                | (~Q(then="group") & Q(target__isnull=True)),
                name="overflow_target_when_group",
                violation_error_message="转到其他技能组时必须选择目标，其他去向不用选择。",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | ~Q(target=F("group")),
                name="overflow_not_to_itself",
                violation_error_message="不能溢出到自己。",
            ),
        ]

    def __str__(self) -> str:
        where = self.target.name if self.target else self.get_then_display()
        return f"{self.get_when_display()} {self.limit} → {where}"

    def clean(self) -> None:
        """A limit where the condition asks for one."""
        counted = {OverflowWhen.WAITED, OverflowWhen.QUEUE_LENGTH}
        if self.when in counted and not self.limit:
            raise ValidationError({"limit": "请填写大于 0 的上限。"})
