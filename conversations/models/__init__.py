"""The conversation layer's tables, one module per subject."""

from conversations.models.channel import Channel, ChannelKind, QuickReply
from conversations.models.conversation import Conversation, Participant, Rating, State
from conversations.models.customer import Customer, Identity, IdentityKind, PageView
from conversations.models.inbox import Inbox, InboxEntry
from conversations.models.message import (
    INTERNAL_KINDS,
    Attachment,
    AuthorType,
    Message,
    MessageKind,
)

__all__ = [
    "INTERNAL_KINDS",
    "Attachment",
    "AuthorType",
    "Channel",
    "ChannelKind",
    "Conversation",
    "Customer",
    "Identity",
    "IdentityKind",
    "Inbox",
    "InboxEntry",
    "Message",
    "MessageKind",
    "PageView",
    "Participant",
    "QuickReply",
    "Rating",
    "State",
]
