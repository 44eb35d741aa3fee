"""The ticket layer's tables, one module per subject."""

from tickets.models.approval import Approval, ApprovalAnswer, ApprovalState, ApprovalStep
from tickets.models.classification import (
    Guess,
    IssueTypeCount,
    Lesson,
    LessonState,
    WordCount,
)
from tickets.models.escalation import EscalationRule, EscalationTimer, SlaMark
from tickets.models.sla import ClockState, Metric, SlaClock, SlaPolicy
from tickets.models.supervision import OrderState, SupervisionOrder
from tickets.models.ticket import (
    Link,
    Source,
    Ticket,
    TicketRating,
    Watcher,
    number_of,
)
from tickets.models.timeline import ActorKind, Comment, Entry, EntryKind, TicketFile
from tickets.models.types import (
    ACTIVE,
    Category,
    IssueType,
    Priority,
    TicketType,
    TypeVersion,
)
from tickets.models.urge import Urge

__all__ = [
    "ACTIVE",
    "ActorKind",
    "Approval",
    "ApprovalAnswer",
    "ApprovalState",
    "ApprovalStep",
    "Category",
    "ClockState",
    "Comment",
    "Entry",
    "EntryKind",
    "EscalationRule",
    "EscalationTimer",
    "Guess",
    "IssueType",
    "IssueTypeCount",
    "Lesson",
    "LessonState",
    "Link",
    "Metric",
    "OrderState",
    "Priority",
    "SlaClock",
    "SlaMark",
    "SlaPolicy",
    "Source",
    "SupervisionOrder",
    "Ticket",
    "TicketFile",
    "TicketRating",
    "TicketType",
    "TypeVersion",
    "Urge",
    "Watcher",
    "WordCount",
    "number_of",
]
