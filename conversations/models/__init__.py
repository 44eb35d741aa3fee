"""The conversation layer's tables, one module per subject."""

from conversations.models.channel import Channel, ChannelKind
from conversations.models.conversation import (
    Conversation,
    Participant,
    ParticipantRole,
    Rating,
    State,
)
from conversations.models.customer import Customer, Identity, IdentityKind, PageView
from conversations.models.inbox import Inbox, InboxEntry
from conversations.models.invitation import Invitation, PageMatch
from conversations.models.message import (
    INTERNAL_KINDS,
    Attachment,
    AuthorType,
    Message,
    MessageKind,
)
from conversations.models.protection import (
    Block,
    BlockKind,
    SensitiveHit,
    SensitiveWord,
    WordAction,
    WordDirection,
)
from conversations.models.quick_reply import QuickReply, QuickReplyCategory
from conversations.models.service import (
    Notice,
    OfflineMessage,
    OfflineMessageState,
    ServiceSettings,
    WrapUp,
    WrapUpCategory,
)
from conversations.models.transfer import Transfer, TransferState

__all__ = [
    "INTERNAL_KINDS",
    "Attachment",
    "AuthorType",
    "Block",
    "BlockKind",
    "Channel",
    "ChannelKind",
    "Conversation",
    "Customer",
    "Identity",
    "IdentityKind",
    "Inbox",
    "InboxEntry",
    "Invitation",
    "Message",
    "MessageKind",
    "Notice",
    "OfflineMessage",
    "OfflineMessageState",
    "PageMatch",
    "PageView",
    "Participant",
    "ParticipantRole",
    "QuickReply",
    "QuickReplyCategory",
    "Rating",
    "SensitiveHit",
    "SensitiveWord",
    "ServiceSettings",
    "State",
    "Transfer",
    "TransferState",
    "WordAction",
    "WordDirection",
    "WrapUp",
    "WrapUpCategory",
]
