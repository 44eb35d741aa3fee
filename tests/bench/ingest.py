"""Messages a second: acked after commit and delivered to the agents' sockets.

Baseline: `naive.py`, on the same machine in the same run. Then the same with 5 million stored.
"""

import sys
from typing import Any

import uvloop
from django.db import connection

from lingxi.events.relay import relay_batch
from tests.bench import world
from tests.bench.load import Load

SECONDS, WARMUP = 15, 4
STORED = 5_000_000
PROCESSES = ("relay", "worker")


def measure(
    *names: str, application: str | None = None, seconds: float = SECONDS
) -> dict[str, Any]:
    """One load of 200 visitors and 20 agents on a fresh web process."""
    people = world.people()
    with world.running(*names, application=application) as address:
        load = Load(f"ws://{address}", people, seconds, WARMUP)
        seen = uvloop.run(load.run())
    _finish()
    return seen.as_dict()


def _finish() -> None:
    """Leave nothing to do behind: events relayed, conversations ended, agents free."""
    while relay_batch():
        pass
    with connection.cursor() as cursor:
        cursor.execute("UPDATE conversations_conversation SET state = 'closed'")
        cursor.execute("UPDATE routing_workitem SET state = 'done'")
        cursor.execute("DELETE FROM routing_presence")


_CONVERSATIONS = """
INSERT INTO conversations_conversation (id, customer_id, channel_id, group_id, state, epoch,
    last_seq, visitor_seq, context, fields, last_text, created_at, closed_by)
SELECT gen_random_uuid(), (SELECT id FROM conversations_customer LIMIT 1),
    (SELECT id FROM conversations_channel LIMIT 1), (SELECT id FROM routing_skillgroup LIMIT 1),
    'closed', 1, 50, 50, '{}', '{}', '', now(), 'agent'
FROM generate_series(1, %s)
"""
_MESSAGES = """
INSERT INTO conversations_message (id, conversation_id, seq, visitor_seq, kind, author_type,
    author_id, client_msg_id, content, created_at)
SELECT gen_random_uuid(), c.id, n, n, 'message', 'visitor', c.customer_id, 'fill-' || n,
    jsonb_build_object('type', 'text', 'text', '包裹到现在没有收到，麻烦查一下物流 ' || n),
    now()
FROM (SELECT id, customer_id FROM conversations_conversation
      WHERE closed_by = 'agent' AND last_seq = 50 ORDER BY id OFFSET %s LIMIT %s) c,
     generate_series(1, 50) n
"""


def fill(messages: int) -> int:
    """Store `messages` in ended conversations of 50 each; how many are stored now."""
    conversations = messages // 50
    with connection.cursor() as cursor:
        cursor.execute(_CONVERSATIONS, [conversations])
        for offset in range(0, conversations, 10_000):
            cursor.execute(_MESSAGES, [offset, 10_000])
            print(f"  stored {(offset + 10_000) * 50:,} of {messages:,}", file=sys.stderr)
        cursor.execute("VACUUM (ANALYZE) conversations_message, conversations_conversation")
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT count(*) FROM conversations_message")
        return cursor.fetchone()[0]


def run(stored: int = STORED, seconds: float = SECONDS) -> dict[str, Any]:
    """All three measurements, after a short one that warms files and caches up."""
    measure(*PROCESSES, seconds=5)
    empty = measure(*PROCESSES, seconds=seconds)
    print(f"  empty: {empty}", file=sys.stderr)
    naive = measure(application="tests.bench.naive:application", seconds=seconds)
    print(f"  naive: {naive}", file=sys.stderr)
    count = fill(stored)
    full = measure(*PROCESSES, seconds=seconds)
    print(f"  full: {full}", file=sys.stderr)
    return {
        **empty,
        # Its agents' sockets fall behind, so its acks are counted: more than it delivers.
        "naive_per_second": naive["acked_per_second"],
        "naive_shown_per_second": naive["per_second"],
        "naive_p99_ms": naive["p99_ms"],
        "ratio_to_naive": round(empty["per_second"] / naive["acked_per_second"], 2),
        "full_per_second": full["per_second"],
        "full_p99_ms": full["p99_ms"],
        "full_ratio": round(full["per_second"] / empty["per_second"], 3),
        "full_messages": count,
        "visitors": 200,
        "agents": 20,
        "processes": ["web", *PROCESSES],
        "baseline": "one ORM transaction and one group_send per message, same load and tables",
    }
