"""The conversation layer's admin, one module per subject.

Whoever may use the admin may see sensitive values, so nothing is masked.
"""

from conversations.admin import (
    blocklist,
    channels,
    conversations,
    customers,
    invitations,
    quick_replies,
    ratings,
    sensitive_words,
    service,
    wrap_up,
)

__all__ = [
    "blocklist",
    "channels",
    "conversations",
    "customers",
    "invitations",
    "quick_replies",
    "ratings",
    "sensitive_words",
    "service",
    "wrap_up",
]
