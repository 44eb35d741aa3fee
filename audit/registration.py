"""Whose changes the audit log keeps: what supervisors and admins edit, and who may do what.

Secrets are left out, sensitive values are masked, and fields that work changes by itself (a status,
the last visit) are left out too: the log is about decisions of people.
"""

from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import AuditlogModelRegistry, auditlog
from auditlog.signals import accessed, pre_log
from django.contrib.auth import get_user_model
from django.db.models import Model

from conversations.models import (
    Block,
    Channel,
    Conversation,
    Customer,
    Invitation,
    OfflineMessage,
    QuickReply,
    QuickReplyCategory,
    SensitiveWord,
    ServiceSettings,
    WrapUpCategory,
)
from integrations.models import Endpoint
from lingxi.access.models import RoleAssignment
from routing.models import (
    Agent,
    BreakReason,
    BusinessHours,
    ChannelCapacity,
    Membership,
    OpenInterval,
    OverflowStep,
    Shift,
    SkillGroup,
    SpecialDay,
)
from tickets.models import CreationRule, EscalationRule, IssueType, SlaPolicy, TicketType

MASK = "lingxi.access.masking.mask_text"
EDITED: tuple[type[Model], ...] = (
    SkillGroup,
    OverflowStep,
    ChannelCapacity,
    BusinessHours,
    OpenInterval,
    SpecialDay,
    Shift,
    BreakReason,
    QuickReply,
    QuickReplyCategory,
    Block,
    SensitiveWord,
    ServiceSettings,
    WrapUpCategory,
    Invitation,
    IssueType,
    CreationRule,
    SlaPolicy,
    EscalationRule,
)

# Reading a conversation in the archive is logged, working on one is in its own log already.
reading = AuditlogModelRegistry(create=False, update=False, delete=False, m2m=False, access=True)


def register() -> None:
    """Tell auditlog; called once, when the app is ready."""
    auditlog.register(get_user_model(), exclude_fields=["password", "last_login"])
    auditlog.register(RoleAssignment)
    auditlog.register(
        Agent,
        exclude_fields=[
            "status",
            "status_reason",
            "status_since",
            "ready_since",
            "turn_at",
            "missed",
        ],
        m2m_fields={"groups"},
    )
    auditlog.register(Membership, exclude_fields=["stride"])
    for model in EDITED:
        auditlog.register(model)
    auditlog.register(TicketType, exclude_fields=["current"])  # publishing is logged by itself
    auditlog.register(Channel, exclude_fields=["identity_secret"])
    auditlog.register(OfflineMessage, include_fields=["state", "remark", "handled_by"])
    auditlog.register(
        Customer,
        exclude_fields=["last_seen_at", "device"],
        mask_fields=["name", "phone", "remark", "fields", "tags"],
        mask_callable=MASK,
    )
    auditlog.register(Endpoint, exclude_fields=["secret"])
    reading.register(Conversation)
    for sender in (Customer, OfflineMessage):
        uid = f"audit.not_every_visitor.{sender.__name__}"
        pre_log.connect(_not_every_visitor, sender=sender, dispatch_uid=uid)


def _not_every_visitor(sender: type[Model], action: int, **kwargs: Any) -> bool:
    """Visitors make customers and messages all day; only what is done to them is logged."""
    return action != LogEntry.Action.CREATE


def log_reading(conversation: Conversation) -> None:
    """Note that the person of this request opened the transcript."""
    accessed.send(sender=Conversation, instance=conversation)
