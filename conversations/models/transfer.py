"""转接: the conversation is offered to somebody else; until they accept, its agent keeps it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.conversation import Conversation
from lingxi.ids import new_id
from routing.models import Agent, SkillGroup


class TransferState(models.TextChoices):
    """How a transfer ended, or that it has not."""

    OFFERED = "offered", "等待接受"
    ACCEPTED = "accepted", "已接受"
    REFUSED = "refused", "已拒绝"
    TIMED_OUT = "timed_out", "已超时"
    WITHDRAWN = "withdrawn", "已撤回"
    ENDED = "ended", "会话已结束"


class Transfer(models.Model):
    """One offer to an agent or a group. `accepted_by` is who took it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="transfers"
    )
    from_agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    from_group = models.ForeignKey(SkillGroup, on_delete=models.PROTECT, related_name="+")
    to_agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    to_group = models.ForeignKey(SkillGroup, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField("附言", max_length=500, blank=True)
    state = models.CharField(
        "状态", max_length=9, choices=TransferState.choices, default=TransferState.OFFERED
    )
    offered_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    refusal = models.CharField("拒绝原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "转接"
        verbose_name_plural = "转接"
        ordering = ["offered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(state="offered"), name="transfer_offered_once"
            ),
            models.CheckConstraint(
                condition=Q(to_agent__isnull=False, to_group__isnull=True)
                | Q(to_agent__isnull=True, to_group__isnull=False),
                name="transfer_to_one",
            ),
        ]
        indexes = [
            models.Index(fields=["to_agent"], name="transfer_open", condition=Q(state="offered"))
        ]

    def __str__(self) -> str:
        return f"{self.from_agent} → {self.to_agent or self.to_group}"
