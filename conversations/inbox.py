"""Writing to agents' inboxes: which conversations changed for them."""

import uuid
from collections.abc import Sequence

from conversations.models import Inbox, InboxEntry

Change = tuple[uuid.UUID, uuid.UUID, str]  # agent, conversation, change


def tell(changes: Sequence[Change]) -> list[InboxEntry]:
    """Append entries, inside the caller's transaction; inboxes are locked in order of agent."""
    agent_ids = sorted({agent_id for agent_id, _, _ in changes})
    if not agent_ids:
        return []
    Inbox.objects.bulk_create([Inbox(agent_id=pk) for pk in agent_ids], ignore_conflicts=True)
    inboxes = {
        inbox.agent_id: inbox
        for inbox in Inbox.objects.select_for_update(no_key=True)
        .filter(agent_id__in=agent_ids)
        .order_by("agent_id")
    }
    entries = []
    for agent_id, conversation_id, change in changes:
        inbox = inboxes[agent_id]
        inbox.last_seq += 1
        entries.append(
            InboxEntry(
                agent_id=agent_id,
                seq=inbox.last_seq,
                conversation_id=conversation_id,
                change=change,
            )
        )
    InboxEntry.objects.bulk_create(entries)
    Inbox.objects.bulk_update(inboxes.values(), ["last_seq"])
    return entries
