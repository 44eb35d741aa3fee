"""Writing to agents' inboxes: which conversations changed for them."""

import uuid
from collections import Counter
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from conversations.models import InboxEntry
from lingxi.recordset import recordset

Change = tuple[uuid.UUID, uuid.UUID, str]  # agent, conversation, change

_COUNT = """
INSERT INTO conversations_inbox AS box (agent_id, last_seq)
SELECT agent_id, entries FROM json_to_recordset(%s::json) AS t(agent_id uuid, entries bigint)
ORDER BY agent_id
ON CONFLICT (agent_id) DO UPDATE SET last_seq = box.last_seq + excluded.last_seq
RETURNING agent_id, last_seq
"""
_INSERT = """
INSERT INTO conversations_inboxentry (agent_id, seq, conversation_id, change, created_at)
SELECT agent_id, seq, conversation_id, change, %s
FROM json_to_recordset(%s::json)
  AS t(agent_id uuid, seq bigint, conversation_id uuid, change text)
"""


def tell(changes: Sequence[Change]) -> list[InboxEntry]:
    """Append entries, inside the caller's transaction; inboxes are locked in order of agent."""
    counted = Counter(agent_id for agent_id, _, _ in changes)
    if not counted:
        return []
    rows = [{"agent_id": pk, "entries": counted[pk]} for pk in sorted(counted)]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [recordset(rows)])
        place = {agent_id: seq - counted[agent_id] for agent_id, seq in cursor.fetchall()}
        entries = [_entry(place, change) for change in changes]
        written = [
            {
                "agent_id": one.agent_id,
                "seq": one.seq,
                "conversation_id": one.conversation_id,
                "change": one.change,
            }
            for one in entries
        ]
        cursor.execute(_INSERT, [timezone.now(), recordset(written)])
    return entries


def _entry(place: dict[uuid.UUID, int], change: Change) -> InboxEntry:
    agent_id, conversation_id, what = change
    place[agent_id] += 1
    return InboxEntry(
        agent_id=agent_id, seq=place[agent_id], conversation_id=conversation_id, change=what
    )
