"""What every change of a conversation does besides its own: log, inboxes, event, hint.

`Change` collects while the caller holds the rows, and `commit` writes it all in the caller's
transaction and hints after the commit.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from conversations import inbox
from conversations.actors import Actor
from conversations.ingest.batch import event_of
from conversations.ingest.log import Row, append, entry, lock_heads
from conversations.models import Conversation, MessageKind
from lingxi.events.outbox import NewEvent, emit_many


class Change:
    """One change of one or many locked conversations."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._inbox: list[inbox.Change] = []
        self._events: list[NewEvent] = []
        self._groups: set[uuid.UUID] = set()
        self._opened: list[tuple[uuid.UUID, uuid.UUID]] = []

    def log(
        self,
        conversation: Conversation,
        kind: MessageKind,
        by: Actor,
        content: dict[str, Any],
        key: str | None = None,
    ) -> Row:
        """Add an entry to the conversation's log; `key` (at most 64) is its `client_msg_id`."""
        row = entry(conversation.id, kind, by, content)
        row.client_msg_id = key
        self._rows.append(row)
        return row

    def state(self, conversation: Conversation, by: Actor, reason: str = "") -> None:
        """Add the entry that says which state the conversation is in now; by the bot, so too."""
        content: dict[str, Any] = {"state": str(conversation.state), "reason": reason}
        if conversation.with_bot and conversation.is_open:
            content["bot"] = True
        self.log(conversation, MessageKind.STATE, by, content)

    def tell(self, agent_id: uuid.UUID | None, conversation: Conversation, change: str) -> None:
        """Tell an agent's inbox; nobody when there is no agent."""
        if agent_id is not None:
            self._inbox.append((agent_id, conversation.id, change))

    def event(self, type: str, conversation: Conversation, payload: Mapping[str, Any]) -> None:
        """Add a domain event."""
        self._events.append(
            NewEvent(
                type=type,
                conversation_id=conversation.id,
                customer_id=conversation.customer_id,
                channel=conversation.channel.key,
                payload=dict(payload),
            )
        )

    def opened(self, conversation: Conversation) -> None:
        """Say that the customer's sockets have a new conversation to watch."""
        self._opened.append((conversation.customer_id, conversation.id))

    def queue(self, group_ids: Iterable[uuid.UUID]) -> None:
        """Say that these groups' queues moved."""
        self._groups.update(group_ids)

    def commit(self) -> None:
        """Write everything in the current transaction and hint after it."""
        from conversations.realtime import hints

        heads = lock_heads(row.conversation_id for row in self._rows)
        rows = append([(heads[row.conversation_id], row) for row in self._rows])
        said = [row for row in rows if row.kind == MessageKind.MESSAGE]
        emit_many([*self._events, *(event_of(heads[row.conversation_id], row) for row in said)])
        entries = inbox.tell(self._inbox)
        transaction.on_commit(
            lambda: hints.publish(rows, entries, self._groups, self._opened), robust=True
        )
