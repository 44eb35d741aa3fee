"""The log of a conversation and the files in it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.conversation import Conversation
from conversations.models.customer import Customer
from lingxi.ids import new_id


class MessageKind(models.TextChoices):
    """What an entry of the log is."""

    MESSAGE = "message", "消息"
    NOTE = "note", "备注"
    STATE = "state", "状态"
    ASSIGNMENT = "assignment", "分配"
    TRANSFER = "transfer", "转接"
    RATING = "rating", "评价"
    EDIT = "edit", "修改"
    RECALL = "recall", "撤回"
    SYSTEM = "system", "系统消息"
    WHISPER = "whisper", "悄悄话"
    JOIN = "join", "加入"
    LEAVE = "leave", "离开"


INTERNAL_KINDS = frozenset({MessageKind.NOTE, MessageKind.TRANSFER, MessageKind.WHISPER})


class AuthorType(models.TextChoices):
    """Who wrote an entry."""

    VISITOR = "visitor", "访客"
    AGENT = "agent", "坐席"
    BOT = "bot", "机器人"
    SYSTEM = "system", "系统"


class MessageQuerySet(models.QuerySet["Message"]):
    """Entries of the log."""

    def visible_to(self, user: Any) -> "MessageQuerySet":
        """Those of the conversations the person may see."""
        return self.filter(conversation__in=Conversation.objects.visible_to(user))

    def after(self, conversation_id: Any, seq: int) -> "MessageQuerySet":
        """What follows `seq`, in order."""
        return self.filter(conversation_id=conversation_id, seq__gt=seq).order_by("seq")

    def for_visitor(self, conversation_id: Any, seq: int) -> "MessageQuerySet":
        """What follows `seq` in the visitor's own numbering, in order."""
        return self.filter(conversation_id=conversation_id, visitor_seq__gt=seq).order_by(
            "visitor_seq"
        )


class Message(models.Model):
    """One entry of a conversation's log; written by `conversations.ingest` and nobody else.

    `visitor_seq` is null for what visitors must not see. `author_id` is the customer's or the
    agent's id, and empty for the system.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    seq = models.PositiveIntegerField()
    visitor_seq = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=10, choices=MessageKind.choices)
    author_type = models.CharField(max_length=7, choices=AuthorType.choices)
    author_id = models.UUIDField(null=True)
    # Null, not empty, where no client made the entry: the unique constraint leaves nulls out.
    client_msg_id = models.CharField(max_length=64, null=True)  # noqa: DJ001
    content = models.JSONField(default=dict)
    # Set by a recall or an edit: what viewers get instead. The words said stay in `content`.
    revised = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        verbose_name_plural = "消息"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_once"),
            models.UniqueConstraint(
                fields=["conversation", "visitor_seq"],
                name="message_visitor_seq_once",
                condition=Q(visitor_seq__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["conversation", "author_id", "client_msg_id"],
                name="message_client_id_once",
                condition=Q(client_msg_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} of {self.conversation_id}"

    @property
    def text(self) -> str:
        """The words in it, empty for files and events."""
        return self.content.get("text", "")


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Files."""

    def visible_to(self, user: Any) -> "AttachmentQuerySet":
        """Those sent in conversations the person may see, and the person's own uploads."""
        conversations = Conversation.objects.visible_to(user)
        return self.filter(Q(conversation__in=conversations) | Q(uploaded_by_user_id=user.pk))


class Attachment(models.Model):
    """A file, checked at upload. It has no conversation until a message carries it.

    `in_use`: something besides messages names it (a declared field), so it is not removed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.PROTECT, related_name="attachments"
    )
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT)
    uploaded_by_user_id = models.BigIntegerField(null=True)
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    in_use = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        """Whether browsers may show it inline."""
        return self.media_type.startswith("image/")
