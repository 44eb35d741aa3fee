"""The conversation layer's admin, one module per subject.

Whoever may use the admin may see sensitive values, so nothing is masked.
"""

from conversations.admin import (
    channels,
    conversations,
    customers,
    protection,
    quick_replies,
    ratings,
)

__all__ = ["channels", "conversations", "customers", "protection", "quick_replies", "ratings"]
