"""The agent's inbox: small "conversation changed" entries with a dense sequence of their own."""

from django.db import models
from django.utils import timezone

from conversations.models.conversation import Conversation
from routing.models import Agent


class Inbox(models.Model):
    """The counter; writing an entry locks this row, so sequence order is commit order."""

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, primary_key=True)
    last_seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = "收件箱"
        verbose_name_plural = "收件箱"

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.last_seq}"


class InboxEntry(models.Model):
    """`change` says why to look again; the state itself is read from the conversation."""

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="inbox_entries")
    seq = models.PositiveBigIntegerField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE)
    change = models.CharField(max_length=20)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "收件箱条目"
        verbose_name_plural = "收件箱条目"
        constraints = [models.UniqueConstraint(fields=["agent", "seq"], name="inbox_seq_once")]

    def __str__(self) -> str:
        return f"{self.change} {self.conversation_id}"
