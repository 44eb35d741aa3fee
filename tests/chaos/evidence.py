"""What the database holds of one cast after the run, read with plain SQL and none of our models."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.chaos.ledger import Key, key_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log."""

    id: str
    conversation: str
    seq: int
    visitor_seq: int | None
    author_type: str
    key: Key | None


@dataclass
class Conversation:
    """A conversation with its log in order."""

    id: str
    agent: str | None
    state: str
    last_seq: int
    visitor_seq: int
    entries: list[Entry] = field(default_factory=list)


@dataclass
class Evidence:
    """All of it. The lists are of sentences: one for each case of what must not be."""

    conversations: dict[str, Conversation]
    stored: dict[Key, list[Entry]]
    events_wrong: list[str] = field(default_factory=list)
    unrelayed: int = 0
    failed_handlings: int = 0
    hooks: set[str] = field(default_factory=set)  # event ids the partner must have got
    deliveries_open: int = 0
    deliveries_dead: int = 0
    waiting_with_room: list[str] = field(default_factory=list)
    above_capacity: list[str] = field(default_factory=list)
    owners_wrong: list[str] = field(default_factory=list)
    transfers: dict[str, int] = field(default_factory=dict)  # by how they ended
    longest_wait: float = 0.0


_CONVERSATIONS = """
SELECT c.id::text, c.agent_id::text, c.state, c.last_seq, c.visitor_seq
FROM conversations_conversation c JOIN conversations_channel ch ON ch.id = c.channel_id
WHERE ch.key = %s ORDER BY c.created_at, c.id
"""

_ENTRIES = """
SELECT m.id::text, m.conversation_id::text, m.seq, m.visitor_seq, m.author_type,
       CASE WHEN m.kind = 'message' THEN m.content->>'text' ELSE '' END
FROM conversations_message m
JOIN conversations_conversation c ON c.id = m.conversation_id
JOIN conversations_channel ch ON ch.id = c.channel_id
WHERE ch.key = %s ORDER BY m.conversation_id, m.seq
"""

# Every message has exactly one event, every event of a message its message.
_EVENTS = """
WITH said AS (
    SELECT m.id::text AS id,
           CASE m.author_type WHEN 'visitor' THEN 'message.received' ELSE 'message.sent' END AS type
    FROM conversations_message m
    JOIN conversations_conversation c ON c.id = m.conversation_id
    JOIN conversations_channel ch ON ch.id = c.channel_id
    WHERE ch.key = %(channel)s AND m.kind = 'message'
), told AS (
    SELECT payload->>'message_id' AS id, type, count(*) AS times FROM events_event
    WHERE channel = %(channel)s AND type IN ('message.received', 'message.sent') GROUP BY 1, 2
)
SELECT coalesce(said.id, told.id), coalesce(said.type, told.type), coalesce(told.times, 0)
FROM said FULL JOIN told USING (id, type)
WHERE said.id IS NULL OR told.times IS DISTINCT FROM 1
"""

_CREATED = """
SELECT c.id::text, count(e.position)
FROM conversations_conversation c JOIN conversations_channel ch ON ch.id = c.channel_id
LEFT JOIN events_event e ON e.conversation_id = c.id AND e.type = 'conversation.created'
WHERE ch.key = %s GROUP BY c.id HAVING count(e.position) <> 1
"""

_HOOKS = """
SELECT e.event_id::text FROM events_event e
JOIN integrations_endpoint p ON p.name = 'chaos' AND p.event_types ? e.type
WHERE e.channel = %s
"""

_WAITING = """
SELECT w.item_id::text, g.slug, room.agents
FROM routing_workitem w JOIN routing_skillgroup g ON g.id = w.group_id
CROSS JOIN LATERAL (
    SELECT count(*) AS agents FROM routing_agent a
    JOIN routing_agent_groups ag ON ag.agent_id = a.id AND ag.skillgroup_id = w.group_id
    WHERE a.status = 'ready'
      AND EXISTS (SELECT 1 FROM routing_presence p WHERE p.agent_id = a.id AND p.expires_at > now())
      AND NOT a.id = ANY (w.declined_by)
      AND a.capacity > (SELECT count(*) FROM routing_workitem held
                        WHERE held.agent_id = a.id AND held.state IN ('assigned', 'offered'))
) room
WHERE w.state = 'waiting' AND g.slug = %s AND room.agents > 0
"""

# The most each agent held at any moment: +1 at every start of service, -1 at every end.
_CAPACITY = """
WITH steps AS (
    SELECT agent_id, assigned_at AS at, 1 AS step FROM routing_workitem
    WHERE agent_id IS NOT NULL AND assigned_at IS NOT NULL
    UNION ALL
    SELECT agent_id, finished_at, -1 FROM routing_workitem
    WHERE agent_id IS NOT NULL AND assigned_at IS NOT NULL AND finished_at IS NOT NULL
), held AS (
    SELECT agent_id, sum(step) OVER (PARTITION BY agent_id ORDER BY at, step) AS load FROM steps
)
SELECT a.name, a.capacity, max(held.load) FROM held JOIN routing_agent a ON a.id = held.agent_id
JOIN routing_agent_groups ag ON ag.agent_id = a.id
JOIN routing_skillgroup g ON g.id = ag.skillgroup_id
WHERE g.slug = %s GROUP BY a.id HAVING max(held.load) > a.capacity
"""

# Served: one item assigned, to the same agent. Not served yet, or to be handed on: one pending.
_OWNERS = """
SELECT c.id::text, c.state, c.agent_id::text, count(w.id),
       max(w.agent_id::text) FILTER (WHERE w.state = 'assigned'), string_agg(w.state, ' ')
FROM conversations_conversation c
JOIN conversations_channel ch ON ch.id = c.channel_id
LEFT JOIN routing_workitem w
       ON w.item_id = c.id AND w.kind = 'conversation' AND w.state <> 'done'
WHERE ch.key = %s
GROUP BY c.id
HAVING count(w.id) FILTER (WHERE w.state = 'assigned')
       <> (CASE WHEN c.state IN ('serving', 'transferring') THEN 1 ELSE 0 END)
    OR count(w.id) FILTER (WHERE w.state IN ('waiting', 'offered'))
       <> (CASE WHEN c.state IN ('queued', 'offline', 'transferring') THEN 1 ELSE 0 END)
    OR max(w.agent_id::text) FILTER (WHERE w.state = 'assigned') IS DISTINCT FROM c.agent_id::text
       AND c.state <> 'closed'
"""

# An offer is open only while its conversation is being transferred, and not long after its time.
_TRANSFERS = """
SELECT t.id::text, c.state, t.expires_at::text
FROM conversations_transfer t JOIN conversations_conversation c ON c.id = t.conversation_id
JOIN conversations_channel ch ON ch.id = c.channel_id
WHERE ch.key = %s AND t.state = 'offered'
  AND (c.state <> 'transferring' OR t.expires_at < now() - interval '15 seconds')
"""

_PASSED_ON = """
SELECT t.state, count(*) FROM conversations_transfer t
JOIN conversations_conversation c ON c.id = t.conversation_id
JOIN conversations_channel ch ON ch.id = c.channel_id WHERE ch.key = %s GROUP BY 1
"""

_COUNTS = """
SELECT (SELECT count(*) FROM events_event WHERE relayed_at IS NULL),
       (SELECT count(*) FROM events_failedhandling),
       (SELECT count(*) FROM integrations_delivery WHERE state IN ('pending','sending','failed')),
       (SELECT count(*) FROM integrations_delivery WHERE state = 'dead')
"""

_LONGEST_WAIT = """
SELECT coalesce(max(extract(epoch FROM coalesce(w.assigned_at, now()) - w.enqueued_at)), 0)::float8
FROM routing_workitem w JOIN routing_skillgroup g ON g.id = w.group_id WHERE g.slug = %s
"""


def gather(database: str, channel: str) -> Evidence:
    """Read everything about the cast with this channel, in one snapshot."""
    with psycopg.connect(database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        run = connection.execute
        conversations = {
            row[0]: Conversation(*row) for row in run(_CONVERSATIONS, [channel]).fetchall()
        }
        stored: dict[Key, list[Entry]] = defaultdict(list)
        for row in run(_ENTRIES, [channel]):
            pk, conversation, seq, visitor_seq, author_type, text = row
            key = key_of(text or "")
            entry = Entry(pk, conversation, seq, visitor_seq, author_type, key)
            conversations[entry.conversation].entries.append(entry)
            if entry.key is not None:
                stored[entry.key].append(entry)
        evidence = Evidence(conversations, dict(stored))
        _events(evidence, run, channel)
        _routing(evidence, run, channel)
    return evidence


def _events(evidence: Evidence, run: Any, channel: str) -> None:
    evidence.events_wrong = [
        f"{kind} of message {pk}: {times} times"
        for pk, kind, times in run(_EVENTS, {"channel": channel})
    ]
    evidence.events_wrong += [
        f"conversation.created of {pk}: {times} times" for pk, times in run(_CREATED, [channel])
    ]
    evidence.hooks = {str(uuid.UUID(row[0])) for row in run(_HOOKS, [channel])}
    counts = run(_COUNTS).fetchone()
    evidence.unrelayed, evidence.failed_handlings = counts[0], counts[1]
    evidence.deliveries_open, evidence.deliveries_dead = counts[2], counts[3]


def _routing(evidence: Evidence, run: Any, group: str) -> None:
    evidence.waiting_with_room = [
        f"{pk} waits while {agents} agents have room" for pk, _, agents in run(_WAITING, [group])
    ]
    evidence.above_capacity = [
        f"{name} held {load} of {capacity}" for name, capacity, load in run(_CAPACITY, [group])
    ]
    evidence.owners_wrong = [
        f"{row[0]} is {row[1]} of agent {row[2]}, but has {row[3]} open work items ({row[5]},"
        f" agent {row[4]})"
        for row in run(_OWNERS, [group])
    ]
    evidence.owners_wrong += [
        f"transfer {pk} is open in a conversation that is {state} (until {until})"
        for pk, state, until in run(_TRANSFERS, [group])
    ]
    evidence.transfers = dict(run(_PASSED_ON, [group]).fetchall())
    evidence.longest_wait = run(_LONGEST_WAIT, [group]).fetchone()[0]
