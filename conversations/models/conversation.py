"""会话: from start to end, with its participants and its rating."""

from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.channel import Channel
from conversations.models.customer import Customer
from lingxi.access.models import Role, Scope
from lingxi.access.permissions import role_of, scope_of
from lingxi.ids import new_id
from routing.models import Agent, SkillGroup
from routing.querysets import group_ids_of

if TYPE_CHECKING:
    from conversations.models.message import Message  # noqa: F401


class State(models.TextChoices):
    """The states; which may follow which is in `conversations.states`."""

    QUEUED = "queued", "排队"
    SERVING = "serving", "接待"
    TRANSFERRING = "transferring", "转接"
    CLOSED = "closed", "结束"
    OFFLINE = "offline", "离线"


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Conversations."""

    def visible_to(self, user: Any) -> "ConversationQuerySet":
        """The one rule of who may see a conversation.

        `all`: every one. `group`: those of the person's groups. `own`: those an agent serves or
        has served, and those waiting in their groups. Besides, to both, those they assist in and
        those offered to them or their groups. Nobody without a role; partners none.
        """
        scope = scope_of(user)
        if scope is None or role_of(user) == Role.PARTNER:
            return self.none()
        if scope == Scope.ALL:
            return self
        groups = group_ids_of(user)
        offered = Q(pk__in=_offered_to(user, groups))
        took_part = Participant.objects.filter(agent__user=user)
        if scope == Scope.GROUP:
            assisted = took_part.filter(role=ParticipantRole.ASSIST).values("conversation_id")
            mine = Q(agent__user=user) | Q(pk__in=assisted)
            return self.filter(Q(group__in=groups) | mine | offered)
        waiting = Q(state__in=WAITING_STATES, group__in=groups)
        served = Q(pk__in=took_part.values("conversation_id"))
        return self.filter(waiting | served | offered)

    def open(self) -> "ConversationQuerySet":
        """Not ended."""
        return self.exclude(state=State.CLOSED)

    def waiting(self) -> "ConversationQuerySet":
        """In a queue, with nobody serving."""
        return self.filter(state__in=WAITING_STATES)


def _offered_to(user: Any, groups: Any) -> Any:
    """Those being transferred to the person, or to one of the groups."""
    from conversations.models.transfer import Transfer, TransferState

    to = Q(to_agent__user=user) | Q(to_group__in=groups)
    return Transfer.objects.filter(to, state=TransferState.OFFERED).values("conversation_id")


WAITING_STATES = (State.QUEUED, State.OFFLINE)


class Conversation(models.Model):
    """One conversation. `last_seq` and `visitor_seq` are the dense counters of its log.

    Writing to the log locks this row, so sequence order is commit order. `epoch` changes when
    the log was put back to an earlier state (a restore), which tells clients to reload.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="conversations")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    group = models.ForeignKey(SkillGroup, on_delete=models.PROTECT, verbose_name="技能组")
    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.PROTECT, verbose_name="坐席"
    )
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.QUEUED)
    epoch = models.PositiveIntegerField(default=1)
    last_seq = models.PositiveIntegerField(default=0)
    visitor_seq = models.PositiveIntegerField(default=0)

    context = models.JSONField("来访信息", default=dict, blank=True)
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
    last_text = models.CharField("最后一句", max_length=120, blank=True)
    last_message_at = models.DateTimeField("最后消息", null=True, blank=True)
    with_bot = models.BooleanField("由机器人接待", default=False, db_default=False)
    waiting_since = models.DateTimeField(
        "等待回复自", null=True, blank=True, help_text="第一条尚未得到人工回复的访客消息的时间"
    )

    idle_reminded_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField("开始", default=timezone.now)
    asked_at = models.DateTimeField("请求人工", null=True, blank=True)
    accepted_at = models.DateTimeField("接入", null=True, blank=True)
    first_visitor_message_at = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField("首次回复", null=True, blank=True)
    closed_at = models.DateTimeField("结束", null=True, blank=True)
    closed_by = models.CharField("结束方", max_length=8, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = "会话"
        verbose_name_plural = "会话"
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel"],
                condition=~Q(state="closed"),
                name="conversation_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["serving", "transferring"])
                | Q(agent__isnull=False)
                | Q(state="serving", with_bot=True),
                name="conversation_served_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(visitor_seq__lte=models.F("last_seq")), name="conversation_seq_order"
            ),
        ]
        indexes = [
            models.Index(
                # No column that a message changes is indexed: updates stay heap-only (HOT).
                fields=["agent"],
                name="conversation_of_agent",
                condition=~Q(state="closed"),
            ),
            models.Index(
                fields=["group", "created_at"],
                name="conversation_waiting",
                condition=Q(state__in=["queued", "offline"]),
            ),
            models.Index(fields=["agent", "-closed_at"], name="conversation_ended"),
            models.Index(fields=["group", "-created_at"], name="conversation_of_group"),
            models.Index(fields=["-created_at"], name="conversation_recent"),
            models.Index(fields=["customer", "-created_at"], name="conversation_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.id}"

    @property
    def is_open(self) -> bool:
        """Not ended."""
        return self.state != State.CLOSED


class ParticipantRole(models.TextChoices):
    """As what somebody besides the serving agent is there now; empty: not, or not any more."""

    NONE = "", "—"
    ASSIST = "assist", "协助"
    MONITOR = "monitor", "监听"
    BARGE_IN = "barge_in", "强插"


class Participant(models.Model):
    """Who takes part, and how far they have received and read (in `last_seq` numbering).

    The visitor's row has no agent. Those with the role assist or barge in may write to the
    visitor; who monitors may only read and whisper.
    """

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="participants"
    )
    agent = models.ForeignKey(Agent, null=True, on_delete=models.CASCADE)
    received_seq = models.PositiveIntegerField(default=0)
    read_seq = models.PositiveIntegerField(default=0)
    role = models.CharField(
        "身份", max_length=8, choices=ParticipantRole.choices, default="", db_default="", blank=True
    )
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "参与者"
        verbose_name_plural = "参与者"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "agent"], name="participant_once", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["agent", "conversation"], name="participant_of_agent"),
            models.Index(fields=["agent"], name="participant_joined", condition=~Q(role="")),
        ]

    def __str__(self) -> str:
        return f"{self.agent or '访客'} in {self.conversation_id}"


class Rating(models.Model):
    """满意度: given once, by the visitor, after the end; it belongs to the last agent."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL)
    score = models.PositiveSmallIntegerField(
        "评分", validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    resolved = models.BooleanField("已解决", null=True)
    comment = models.TextField("评价", max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "满意度评价"
        verbose_name_plural = "满意度评价"
        constraints = [
            models.CheckConstraint(condition=Q(score__range=(1, 5)), name="rating_one_to_five")
        ]
        indexes = [
            models.Index(
                fields=["-created_at"], name="rating_bad_recent", condition=Q(score__lte=2)
            )
        ]

    def __str__(self) -> str:
        return f"{self.score} / 5"
