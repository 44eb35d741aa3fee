"""审批: a request runs through the steps of a chain; each approver's answer is a row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lingxi.ids import new_id
from routing.models import SkillGroup
from tickets.models.ticket import Ticket
from tickets.querysets import OfTicketQuerySet


class ApprovalState(models.TextChoices):
    """Where a request or a step stands."""

    PENDING = "pending", "审批中"
    APPROVED = "approved", "已通过"
    REJECTED = "rejected", "已驳回"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"
    SKIPPED = "skipped", "不适用"
    WAITING = "waiting", "未到"


class Approval(models.Model):
    """A request to pull `transition`, by the chain of the ticket's own workflow version.

    `chain` is the chain as it stood. What the transition writes into fields is written when it is
    asked for; `values` holds what remains to be done when approved (`is_public`: the reason goes
    to the customer).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="approvals")
    transition = models.CharField(max_length=40)
    chain = models.JSONField(default=dict)
    values = models.JSONField(default=dict, blank=True)
    reason = models.TextField("申请说明", max_length=10_000, blank=True)
    state = models.CharField(
        max_length=9, choices=ApprovalState.choices, default=ApprovalState.PENDING
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_name = models.CharField("申请人", max_length=80, blank=True)
    # How it ended, when not by an answer: withdrawn because…, approved but not possible because…
    outcome = models.CharField("结果说明", max_length=200, blank=True)
    created_at = models.DateTimeField("申请时间", default=timezone.now)
    decided_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "审批"
        verbose_name_plural = "审批"
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="pending"), name="approval_one_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["asked_by", "-created_at"], name="approval_of_asker")]

    def __str__(self) -> str:
        return f"{self.transition} {self.get_state_display()}"


class ApprovalStep(models.Model):
    """One step of a request. `due_at`: what the chain says about time-outs is done then.

    `spec` is the step of the chain: who may approve, hours, what happens then. `timed_out_at` is
    when it was last done.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    spec = models.JSONField(default=dict, blank=True)
    needs_all = models.BooleanField("会签", default=False)
    state = models.CharField(
        max_length=9, choices=ApprovalState.choices, default=ApprovalState.WAITING
    )
    started_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    timed_out_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "审批步骤"
        verbose_name_plural = "审批步骤"
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["approval", "order"], name="approval_step_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="approval_step_due",
                condition=Q(state="pending"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApprovalAnswer(models.Model):
    """One person asked in a step, and what they said. Delegating adds a row for the other."""

    class State(models.TextChoices):
        """What somebody asked has said."""

        ASKED = "asked", "待审批"
        APPROVED = "approved", "同意"
        REJECTED = "rejected", "驳回"
        RETURNED = "returned", "退回"
        DELEGATED = "delegated", "已转交"
        NOT_NEEDED = "not_needed", "无需处理"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    step = models.ForeignKey(ApprovalStep, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="approval_answers"
    )
    # What made them an approver: who has lost it may not answer any more. A role, or
    # `as_group`: they answer for that group; neither: they were named.
    as_role = models.CharField(max_length=16, blank=True)
    as_group = models.ForeignKey(
        SkillGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Asked after a time-out: their approval stands for all of the step.
    is_escalated = models.BooleanField("超时升级", default=False)
    delegated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    reason = models.TextField("意见", max_length=2000, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "审批意见"
        verbose_name_plural = "审批意见"
        constraints = [
            models.UniqueConstraint(fields=["step", "user"], name="approval_answer_once")
        ]
        indexes = [
            models.Index(
                fields=["user", "-asked_at"],
                name="approval_asked",
                condition=Q(state="asked"),
            ),
            models.Index(
                fields=["user", "-answered_at"],
                name="approval_answered",
                condition=Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_state_display()}"
