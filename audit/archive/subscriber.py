"""Keeps the index up to date: every event of a conversation is a reason to look at its log."""

from audit.archive.indexing import index_conversations
from lingxi.events.models import Event
from lingxi.events.subscribers import subscriber


def register() -> None:
    """Subscribe to everything: what an event is about matters here, not what it says."""
    subscriber("archive")(take)


def take(events: list[Event]) -> None:
    """Index the conversations these events are about."""
    index_conversations(
        event.conversation_id for event in events if event.conversation_id is not None
    )
