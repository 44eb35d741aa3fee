"""What the archive keeps beside the log: an index that can be rebuilt at any time.

Nothing refers to these rows and they refer to nothing, so writing them locks no conversation.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class IndexedConversation(models.Model):
    """How far a conversation is indexed. Its row is held while its messages are."""

    conversation_id = models.UUIDField(primary_key=True)
    last_seq = models.PositiveIntegerField(default=0)
    scope = ArrayField(models.IntegerField(), default=list)

    class Meta:
        verbose_name = "已编入检索的会话"
        verbose_name_plural = "已编入检索的会话"

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.last_seq}"


class IndexedMessage(models.Model):
    """One searchable entry of a log. `text` is masked and normalised; see `lingxi.grams`.

    `scope` repeats whose the conversation is (`archive.scope`), so that one index answers "these
    words, in conversations of these people".
    """

    message_id = models.UUIDField(primary_key=True)
    conversation_id = models.UUIDField()
    seq = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    text = models.TextField()
    grams = ArrayField(models.IntegerField())
    scope = ArrayField(models.IntegerField())

    class Meta:
        verbose_name = "检索条目"
        verbose_name_plural = "检索条目"
        indexes = [
            GinIndex(fields=["grams", "scope"], name="archive_words"),
            models.Index(fields=["-created_at", "-message_id"], name="archive_newest"),
            models.Index(fields=["conversation_id"], name="archive_conversation"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.seq}"
