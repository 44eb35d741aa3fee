"""The list of 100,000 tickets with ten custom fields, for people of each scope.

Time is what the web process takes for the list as htmx asks for it, over loopback, over a mix of
filters: by columns, words, and custom fields by equality, part of a text, and range. Baseline: the
same mix with 5,000 tickets. Queries are the most that any of them takes.
"""

import sys
import time
from typing import Any
from urllib.parse import urlencode

import httpx
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lingxi.access.models import RoleAssignment
from routing.models import Agent
from tests.bench import ticket_rows, world
from tests.bench.load import percentile
from tickets.models import TicketType

TICKETS, SMALL, ROUNDS = 100_000, 5_000, 6
FIELDS: list[dict[str, str]] = [
    {"f.reason": "r2"},
    {"f.wants": "w3"},
    {"f.opened": "true", "f.reason": "r1"},
    {"f.city": "上海"},
    {"f.remark": "上海店 12"},
    {"f.remark": "没有这个词"},
    {"f.order_no": "D0000"},
    {"f.amount.from": "100", "f.amount.to": "200"},
    {"f.amount.from": "2000"},
    {"f.amount.from": "5000", "category": "new"},
    {"f.pieces.from": "29"},
    {"f.bought.from": "2026-03-01", "f.bought.to": "2026-03-05"},
    {"f.pickup.from": "2026-03-01T10:00", "f.pickup.to": "2026-03-02T10:00"},
    {"f.remark.is": "empty"},
]
COLUMNS: list[dict[str, str]] = [
    {},
    {"category": "active", "assignee": "me", "sort": "due"},
    {"category": "active", "assignee": "none", "sort": "created"},
    {"category": "active", "priority": "urgent"},
    {"sla": "breached", "sort": "due"},
    {"sla": "due_24h", "sort": "due"},
    {"tag": "VIP"},
    {"q": "退款"},
    {"q": "上海客户质量"},
    {"q": "T10050000"},
    {"sort": "-priority"},
    {"watched": "me"},
]


def _people() -> dict[str, Any]:
    """One person of each scope."""
    agents = list(Agent.objects.select_related("user").order_by("pk")[:3])
    found = {}
    for agent, scope in zip(agents, ("all", "group", "own"), strict=True):
        role = "supervisor" if scope == "all" else "agent"
        RoleAssignment.objects.filter(user=agent.user).update(role=role, scope=scope)
        found[scope] = agent.user
    return found


def _queries() -> list[str]:
    type = str(TicketType.objects.order_by("pk")[0].pk)
    asked = [*FIELDS, *COLUMNS, {"type": type, "f.amount.from": "1500"}]
    return [urlencode(one) for one in asked]


def _measure(people: dict[str, Any]) -> dict[str, Any]:
    took: dict[str, list[float]] = {scope: [] for scope in people}
    slow: dict[str, float] = {}
    with world.running() as address:
        for scope, user in people.items():
            client = Client()
            client.force_login(user)
            cookies = {"sessionid": client.cookies["sessionid"].value}
            with httpx.Client(cookies=cookies, headers={"HX-Request": "true"}, timeout=30) as http:
                for turn in range(ROUNDS + 1):
                    for query in _queries():
                        start = time.perf_counter()
                        answer = http.get(f"http://{address}/tickets/?{query}")
                        spent = time.perf_counter() - start
                        assert answer.status_code == 200, (query, answer.status_code)
                        if turn:
                            took[scope].append(spent)
                            slow[query] = max(slow.get(query, 0), spent)
    every = [one for some in took.values() for one in some]
    worst = sorted(slow, key=lambda query: -slow[query])[:3]
    for query in worst:
        print(f"    slowest: {slow[query] * 1000:.0f} ms {query}", file=sys.stderr)
    by_scope = {f"{scope}_p95_ms": percentile(some, 0.95) for scope, some in took.items()}
    return {"p50_ms": percentile(every, 0.5), "p95_ms": percentile(every, 0.95), **by_scope}


def _count(people: dict[str, Any]) -> int:
    """The most queries that one list takes."""
    most = 0
    for user in people.values():
        client = Client(SERVER_NAME="localhost", headers={"HX-Request": "true"})
        client.force_login(user)
        client.get("/tickets/")  # fills what a process keeps: forms and workflows
        for query in _queries():
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(f"/tickets/?{query}")
            assert answer.status_code == 200, answer.status_code
            most = max(most, len(captured))
    return most


def run() -> dict[str, Any]:
    """Small first, then the full size."""
    ticket_rows.Business(agents=3)
    people = _people()
    ticket_rows.write(SMALL, customers=1_000)
    small, few = _measure(people), _count(people)
    print(f"  {SMALL:,} tickets: {small}, at most {few} queries", file=sys.stderr)
    ticket_rows.write(TICKETS - SMALL, seed=2, first=10_000_000)
    full, many = _measure(people), _count(people)
    print(f"  {TICKETS:,} tickets: {full}, at most {many} queries", file=sys.stderr)
    return {
        "list_p95_ms": full["p95_ms"],
        "list_queries": many,
        "list_p50_ms": full["p50_ms"],
        **{f"list_{name}": value for name, value in full.items() if name.count("_") > 1},
        "list_queries_small": few,
        "list_baseline": f"the same with {SMALL:,} tickets",
        "list_baseline_p95_ms": small["p95_ms"],
        "tickets": TICKETS,
    }
