"""The ticket layer's tables, one module per subject."""

from tickets.models.approval import Approval, ApprovalAnswer, ApprovalState, ApprovalStep
from tickets.models.automation import CreationRule, RuleFiring, Trigger
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
from tickets.models.views import ListTaste, SavedView

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
    "CreationRule",
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
    "ListTaste",
    "Metric",
    "OrderState",
    "Priority",
    "RuleFiring",
    "SavedView",
    "SlaClock",
    "SlaMark",
    "SlaPolicy",
    "Source",
    "SupervisionOrder",
    "Ticket",
    "TicketFile",
    "TicketRating",
    "TicketType",
    "Trigger",
    "TypeVersion",
    "Urge",
    "Watcher",
    "WordCount",
    "number_of",
]
