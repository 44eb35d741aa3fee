"""The workbench page with 100,000 conversations, 500 of them open.

Time is what the web process takes for the whole page as an agent's browser asks for it, over
loopback. Baseline: the same page with 1,000 conversations.
"""

import sys
import time
from typing import Any

import httpx
from django.contrib.auth import SESSION_KEY, get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.models import Channel
from routing.models import Agent, AgentStatus, SkillGroup
from tests import factories
from tests.bench import world
from tests.bench.load import percentile

CONVERSATIONS, OPEN, AGENTS, REQUESTS = 100_000, 500, 20, 200

_CUSTOMERS = """
INSERT INTO conversations_customer (id, name, phone, email, level, tags, remark, fields, device,
                                    created_at, last_seen_at)
SELECT gen_random_uuid(), '客户 ' || n, '138' || lpad((n %% 100000000)::text, 8, '0'), '', '金卡',
       '["老客户"]', '', '{}', '{}', now(), now()
FROM generate_series(1, %s) n
"""
_CONVERSATIONS = """
INSERT INTO conversations_conversation (id, customer_id, channel_id, group_id, agent_id, state,
    epoch, last_seq, visitor_seq, context, fields, last_text, last_message_at, waiting_since,
    created_at, accepted_at, closed_at, closed_by)
SELECT gen_random_uuid(), customer.id, %(channel)s, %(group)s,
    CASE WHEN n <= %(waiting)s THEN NULL ELSE agents.ids[1 + n %% array_length(agents.ids, 1)] END,
    CASE WHEN n <= %(waiting)s THEN 'queued' WHEN n <= %(open)s THEN 'serving' ELSE 'closed' END,
    1, 20, 20, '{}', '{}', '什么时候能发货', now() - n * interval '7 seconds',
    CASE WHEN n <= %(open)s THEN now() - n * interval '1 second' END,
    now() - n * interval '1 minute',
    CASE WHEN n > %(waiting)s THEN now() - n * interval '1 minute' END,
    CASE WHEN n > %(open)s THEN now() - n * interval '30 seconds' END, ''
FROM (SELECT id, row_number() OVER () AS n FROM conversations_customer
      ORDER BY n OFFSET %(skip)s) customer,
     (SELECT array_agg(id) AS ids FROM routing_agent) agents
"""
_WORK_ITEMS = """
INSERT INTO routing_workitem (id, kind, item_id, group_id, agent_id, priority, facts, state,
                              enqueued_at, assigned_at, left_reason)
SELECT gen_random_uuid(), 'conversation', id, group_id, agent_id, 0, '{}',
       CASE WHEN agent_id IS NULL THEN 'waiting' ELSE 'assigned' END, created_at, accepted_at, ''
FROM conversations_conversation WHERE state <> 'closed'
ON CONFLICT DO NOTHING
"""
_PARTICIPANTS = """
INSERT INTO conversations_participant (conversation_id, agent_id, received_seq, read_seq, joined_at)
SELECT id, agent_id, 12, 12, created_at FROM conversations_conversation WHERE agent_id IS NOT NULL
ON CONFLICT DO NOTHING
"""
_MESSAGES = """
INSERT INTO conversations_message (id, conversation_id, seq, visitor_seq, kind, author_type,
                                   author_id, content, created_at)
SELECT gen_random_uuid(), c.id, n, n, 'message',
       CASE WHEN n %% 2 = 0 THEN 'agent' ELSE 'visitor' END,
       CASE WHEN n %% 2 = 0 THEN c.agent_id ELSE c.customer_id END,
       jsonb_build_object('type', 'text', 'text', '什么时候能发货 ' || n), c.created_at
FROM conversations_conversation c, generate_series(1, 20) n WHERE c.state <> 'closed'
ON CONFLICT DO NOTHING
"""


def _people() -> Any:
    group = factories.SkillGroupFactory()
    factories.ChannelFactory(group=group)
    agents = [
        factories.AgentFactory(groups=[group], status=AgentStatus.BUSY, capacity=50)
        for _ in range(AGENTS)
    ]
    return agents[0].user


def _fill(conversations: int, open_: int, skip: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, [conversations])
        cursor.execute(
            _CONVERSATIONS,
            {
                "channel": Channel.objects.get().id,
                "group": SkillGroup.objects.get().id,
                "waiting": open_ // 2,
                "open": open_,
                "skip": skip,
            },
        )
        for statement in (_WORK_ITEMS, _PARTICIPANTS, _MESSAGES):
            cursor.execute(statement, [])  # with parameters, if none: "%%" is a "%"
        cursor.execute("VACUUM ANALYZE")


def _measure(user: Any) -> dict[str, float]:
    client = Client()
    client.force_login(user)
    assert SESSION_KEY in client.session
    cookies = {"sessionid": client.cookies["sessionid"].value}
    took = []
    with world.running() as address, httpx.Client(cookies=cookies, timeout=30) as http:
        for number in range(REQUESTS + 20):
            start = time.perf_counter()
            answer = http.get(f"http://{address}/workbench/")
            if number >= 20:
                took.append(time.perf_counter() - start)
            assert answer.status_code == 200, answer.status_code
    return {"p50_ms": percentile(took, 0.5), "p95_ms": percentile(took, 0.95)}


def _queries(user: Any) -> int:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/workbench/")
    assert answer.status_code == 200, answer.status_code
    return len(captured)


def run() -> dict[str, Any]:
    """Small first, then the full size; the number of queries must not differ."""
    user = _people()
    _fill(1_000, 40)
    small, few = _measure(user), _queries(user)
    print(f"  1,000 conversations: {small}, {few} queries", file=sys.stderr)
    _fill(CONVERSATIONS - 1_000, OPEN - 40, skip=1_000)
    full, many = _measure(user), _queries(user)
    print(f"  {CONVERSATIONS:,} conversations: {full}, {many} queries", file=sys.stderr)
    return {
        **full,
        "queries": many,
        "queries_small": few,
        "conversations": CONVERSATIONS,
        "open": OPEN,
        "agents": Agent.objects.count(),
        "people": get_user_model().objects.count(),
        "baseline": "the same page with 1,000 conversations, 40 open",
        "baseline_p95_ms": small["p95_ms"],
    }
