"""What the classifier has learned from tickets, and what it said about them.

Counts are rows: they grow with each ticket, are shared by all processes and survive a kill.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tickets.models.ticket import Ticket
from tickets.models.types import IssueType
from tickets.querysets import OfTicketQuerySet


class LessonState(models.TextChoices):
    """Whether the counts hold what the lesson says."""

    PENDING = "pending", "待学习"
    LEARNED = "learned", "已学习"


class Lesson(models.Model):
    """What one ticket teaches: its words belong to `issue_type` (none: it teaches nothing).

    `learned_as` and `words` are what the counts hold of it now, so that it can be taken back
    exactly. Written with the ticket, counted by `tickets.classification.learning`.
    """

    ticket = models.OneToOneField(
        Ticket, primary_key=True, on_delete=models.CASCADE, related_name="lesson"
    )
    issue_type = models.ForeignKey(
        IssueType, null=True, on_delete=models.CASCADE, related_name="+", verbose_name="问题分类"
    )
    learned_as = models.ForeignKey(
        IssueType, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name="已学为"
    )
    words = ArrayField(models.CharField(max_length=40), default=list)
    state = models.CharField(max_length=7, choices=LessonState.choices, default=LessonState.PENDING)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "学习样本"
        verbose_name_plural = "学习样本"
        indexes = [
            models.Index(
                fields=["changed_at"], name="lesson_pending", condition=Q(state="pending")
            ),
            models.Index(
                fields=["-changed_at"], name="lesson_learned", condition=Q(state="learned")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.issue_type_id}"


class WordCount(models.Model):
    """In how many learned tickets of an issue type a word stands."""

    id = models.BigAutoField(primary_key=True)
    word = models.CharField(max_length=40)
    issue_type = models.ForeignKey(IssueType, on_delete=models.CASCADE, related_name="+")
    tickets = models.IntegerField()

    class Meta:
        verbose_name = "词频"
        verbose_name_plural = "词频"
        constraints = [
            models.UniqueConstraint(fields=["word", "issue_type"], name="word_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.word} {self.tickets}"


class IssueTypeCount(models.Model):
    """How many tickets of an issue type were learned, and how many words they have together."""

    issue_type = models.OneToOneField(
        IssueType, primary_key=True, on_delete=models.CASCADE, related_name="learned"
    )
    tickets = models.IntegerField(default=0)
    words = models.IntegerField(default=0)

    class Meta:
        verbose_name = "分类样本数"
        verbose_name_plural = "分类样本数"

    def __str__(self) -> str:
        return f"{self.issue_type_id} {self.tickets}"


class Guess(models.Model):
    """What was suggested for a ticket when it was made, and what people made of it.

    `chosen` is another issue type than `issue_type` where a person corrected it.
    """

    ticket = models.OneToOneField(
        Ticket, primary_key=True, on_delete=models.CASCADE, related_name="guess"
    )
    issue_type = models.ForeignKey(
        IssueType, on_delete=models.CASCADE, related_name="+", verbose_name="建议"
    )
    by = models.CharField("依据", max_length=8)
    probability = models.FloatField("把握")
    words = models.JSONField("依据的词", default=list)
    was_applied = models.BooleanField("已自动采用", default=False)
    chosen = models.ForeignKey(
        IssueType, null=True, on_delete=models.CASCADE, related_name="+", verbose_name="人工选择"
    )
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    corrected_at = models.DateTimeField("更正时间", null=True)
    created_at = models.DateTimeField("时间", default=timezone.now)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "分类建议"
        verbose_name_plural = "分类建议"
        indexes = [
            models.Index(
                fields=["-corrected_at"],
                name="guess_corrected",
                condition=Q(corrected_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.issue_type_id}"
