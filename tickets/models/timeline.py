"""What happened to a ticket: its timeline, what was said, and the files."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models import Attachment, Customer
from lingxi.ids import new_id
from tickets.models.ticket import Ticket
from tickets.querysets import OfTicketQuerySet


class ActorKind(models.TextChoices):
    """Who did something."""

    USER = "user", "员工"
    CUSTOMER = "customer", "客户"
    RULE = "rule", "规则"
    SYSTEM = "system", "系统"


class EntryKind(models.TextChoices):
    """What an entry of the timeline tells."""

    CREATED = "created", "创建"
    UPDATED = "updated", "修改"
    STATUS = "status", "状态"
    ASSIGNED = "assigned", "分配"
    COMMENT = "comment", "回复"
    LINKED = "linked", "关联会话"
    UNLINKED = "unlinked", "取消关联"
    PARENT = "parent", "父子工单"
    MERGED = "merged", "合并"
    FILE = "file", "附件"
    WATCH = "watch", "关注"
    APPROVAL = "approval", "审批"
    SLA = "sla", "时效"
    ESCALATED = "escalated", "升级"
    SUPERVISED = "supervised", "督办"
    URGED = "urged", "催办"
    RATED = "rated", "评价"


class ByMixin(models.Model):
    """Who did it. `actor_name` stays as it was then."""

    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField("操作人", max_length=80, blank=True)

    class Meta:
        abstract = True


class Comment(ByMixin):
    """回复 (public, reaches the customer) or 内部备注. `message_id` is its copy in the chat."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="comments")
    is_public = models.BooleanField("对客户可见", default=False)
    text = models.TextField("内容", max_length=10_000)
    message_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField("时间", default=timezone.now)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "工单回复"
        verbose_name_plural = "工单回复"
        indexes = [models.Index(fields=["ticket", "created_at"], name="comment_of_ticket")]

    def __str__(self) -> str:
        return self.text[:40]


class TicketFile(models.Model):
    """A file of a ticket, of its description or of one comment."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="files")
    comment = models.ForeignKey(
        Comment, null=True, blank=True, on_delete=models.CASCADE, related_name="files"
    )
    attachment = models.ForeignKey(
        Attachment, on_delete=models.PROTECT, related_name="ticket_files"
    )
    is_public = models.BooleanField("对客户可见", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "工单附件"
        verbose_name_plural = "工单附件"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "attachment"], name="ticket_file_once")
        ]

    def __str__(self) -> str:
        return str(self.attachment_id)


class Entry(ByMixin):
    """One entry of the timeline. `revision` is the ticket's after it.

    `data` holds what the kind needs; changes stand in `data.changes` as
    ``{name: {"label", "from", "to"}}`` in words.
    """

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(
        Ticket, on_delete=models.CASCADE, related_name="entries", db_index=False
    )
    revision = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    data = models.JSONField(default=dict, blank=True)
    is_public = models.BooleanField("对客户可见", default=False)
    created_at = models.DateTimeField("时间", default=timezone.now)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        verbose_name = "工单动态"
        verbose_name_plural = "工单动态"
        indexes = [
            models.Index(fields=["ticket", "id"], name="entry_of_ticket"),
            models.Index(
                fields=["ticket", "-id"], name="entry_public", condition=Q(is_public=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ticket_id}"
