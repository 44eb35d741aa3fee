"""The ticket layer's tables, one module per subject."""

from tickets.models.approval import Approval, ApprovalAnswer, ApprovalState, ApprovalStep
from tickets.models.sla import ClockState, Metric, SlaClock, SlaPolicy
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
    "IssueType",
    "Link",
    "Metric",
    "Priority",
    "SlaClock",
    "SlaPolicy",
    "Source",
    "Ticket",
    "TicketFile",
    "TicketRating",
    "TicketType",
    "TypeVersion",
    "Watcher",
    "number_of",
]
