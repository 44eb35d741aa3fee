"""Deciding, assigning, simulating and the floor, with 1,000 agents, 50 groups and 100 rules.

*Decided and assigned*: 10,000 real conversations wait; two processes (in production the web and
the worker) first decide on each with its explanation and write the decisions down, then assign all
through `routing.assignment` with the conversations' own handler: log entries, inboxes, events.

*Growth*: everybody is full and N wait; one agent gets room, and the time is taken until the one
assignment that this makes possible is committed.
"""

import datetime as dt
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psutil
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import Channel
from routing.assignment import assign_waiting
from routing.models import Agent, SkillGroup, WorkItem
from routing.simulation.simulate import simulate
from routing.strategy import decide
from tests import factories
from tests.bench import naive_routing, routing_world
from tests.bench.load import percentile

WAITING, PROCESSES = 10_000, 2
DECISIONS, NAIVE_DECISIONS, NAIVE_ITEMS = 3_000, 40, 60
FEW, ROUNDS = 100, 2
PAST = 100_000
REQUESTS = 100


class Assigners:
    """Processes that decide and assign at the same time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.bench.assigner"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._running = [
            subprocess.Popen(command, **pipes)  # type: ignore[call-overload]
            for _ in range(PROCESSES)
        ]
        self._answers()

    def _answers(self) -> list[str]:
        return [one.stdout.readline().strip() for one in self._running]

    def all(self, order: str) -> tuple[int, float]:
        """What they did together, and the seconds until the last was done."""
        start = time.perf_counter()
        verb, *more = order.split()
        for part, one in enumerate(self._running):
            one.stdin.write(" ".join([verb, str(part), str(PROCESSES), *more]) + "\n")
            one.stdin.flush()
        counts = self._answers()
        return sum(map(int, counts)), time.perf_counter() - start

    def cpu(self) -> float:
        """Seconds of processor that they and all of PostgreSQL's sessions have used."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
            sessions = [row[0] for row in cursor.fetchall()]
        times = [
            psutil.Process(pid).cpu_times()
            for pid in (*sessions, *(one.pid for one in self._running))
        ]
        return sum(one.user + one.system for one in times)

    def stop(self) -> None:
        """End them."""
        for one in self._running:
            one.stdin.close()
            one.wait(10)


@contextmanager
def assigners() -> Iterator[Assigners]:
    """Processes that are ready, and ended afterwards."""
    both = Assigners()
    try:
        yield both
    finally:
        both.stop()


def _timed(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def deciding(groups: Sequence[SkillGroup]) -> dict[str, Any]:
    """With explanation and live numbers, beside rules that are read and interpreted each time."""
    known = [routing_world.facts(n) for n in range(DECISIONS)]
    own = groups[0]
    took = [
        _timed(lambda facts=facts: decide("conversation", uuid.uuid4(), facts, own))  # type: ignore[misc]
        for facts in known
    ]
    naive = naive_routing.decisions([(facts, own.id) for facts in known[:NAIVE_DECISIONS]])
    return {
        "decision_ms": round(statistics.median(took) * 1000, 3),
        "decision_p99_ms": round(sorted(took)[int(len(took) * 0.99)] * 1000, 3),
        "naive_decision_ms": round(statistics.median(naive) * 1000, 2),
    }


def assigning(channel: Channel, groups: Sequence[SkillGroup]) -> dict[str, Any]:
    """From a queue of 10,000; then the same by the baseline, for a while."""
    with assigners() as both:
        routing_world.conversations(channel, groups, WAITING)
        before = both.cpu()
        decided, deciding_took = both.all("decide")
        assigned, assigning_took = both.all("assign")
        used = both.cpu() - before
        left = WorkItem.objects.waiting().count()
        routing_world.finish()
        routing_world.conversations(channel, groups, WAITING)
        naive, naive_took = both.all(f"naive {NAIVE_ITEMS}")
    routing_world.finish()
    assert decided == WAITING, decided
    return {
        "assigned_per_second": round(assigned / (deciding_took + assigning_took), 1),
        "assigned": assigned,
        "left_waiting": left,
        "deciding_seconds": round(deciding_took, 2),
        "assigning_seconds": round(assigning_took, 2),
        "assigned_cpu_ms": round(used / assigned * 1000, 3),
        "naive_assigned_per_second": round(naive / naive_took, 1),
    }


def _one_by_one(groups: Sequence[SkillGroup]) -> list[float]:
    """Seconds of one assignment in each group, just after one of its full agents got room."""
    took = []
    for group in groups:
        served = WorkItem.objects.filter(agent__groups=group, state="assigned").first()
        assert served is not None
        WorkItem.objects.filter(pk=served.pk).update(state="done", finished_at=timezone.now())
        start = time.perf_counter()
        given = assign_waiting(group.id)
        took.append(time.perf_counter() - start)
        assert given == 1, given
    return took


def _each(channel: Channel, groups: Sequence[SkillGroup]) -> dict[int, list[float]]:
    """Seconds of single assignments by how many wait; in turns, so that both meet the same."""
    Agent.objects.update(capacity=1)
    routing_world.conversations(channel, groups, 2 * routing_world.AGENTS)
    for group in groups:
        assign_waiting(group.id)
    took: dict[int, list[float]] = {FEW: [], WAITING: []}
    for _ in range(ROUNDS):
        for waiting, times in took.items():
            routing_world.level(channel, groups, waiting // len(groups))
            times.extend(_one_by_one(groups))
    Agent.objects.update(capacity=routing_world.CAPACITY)
    routing_world.finish()
    return took


def _drained(channel: Channel, groups: Sequence[SkillGroup], waiting: int) -> float:
    """Seconds for each assignment while a whole queue is given out."""
    routing_world.conversations(channel, groups, waiting)
    start = time.perf_counter()
    given = sum(assign_waiting(group.id) for group in groups)
    took = time.perf_counter() - start
    assert given == waiting, given
    routing_world.finish()
    return took / given


def growing(channel: Channel, groups: Sequence[SkillGroup]) -> dict[str, Any]:
    """One assignment with 100 and with 10,000 waiting; and whole queues, for comparison.

    Of the times the tenth percentile is taken: what else runs on the machine disturbs it least.
    """
    each = _each(channel, groups)
    least = {waiting: statistics.quantiles(times, n=10)[0] for waiting, times in each.items()}
    usual = {waiting: statistics.median(times) for waiting, times in each.items()}
    drained = {count: _drained(channel, groups, count) for count in each}
    return {
        "growth": round(least[WAITING] / least[FEW], 3),
        "growth_median": round(usual[WAITING] / usual[FEW], 3),
        "one_assignment_ms": round(usual[WAITING] * 1000, 2),
        "one_assignment_100_ms": round(usual[FEW] * 1000, 2),
        "growth_draining": round(drained[WAITING] / drained[FEW], 3),
        "drained_ms": round(drained[WAITING] * 1000, 3),
    }


def simulating(groups: Sequence[SkillGroup]) -> dict[str, Any]:
    """A week of 100,000 conversations, reading them included."""
    since = timezone.now().replace(hour=1, minute=0, second=0, microsecond=0)
    since -= dt.timedelta(days=8)
    routing_world.past(groups, PAST, since)
    beats: list[int] = []
    start, used = time.perf_counter(), time.process_time()
    result = simulate(
        "conversation",
        routing_world.rules(groups),
        since,
        since + dt.timedelta(days=7),
        lambda done, total: beats.append(done),
    )
    took, used = time.perf_counter() - start, time.process_time() - used
    items = WorkItem.objects.filter(enqueued_at__lt=since + dt.timedelta(days=7))[:NAIVE_DECISIONS]
    naive = naive_routing.decisions([(item.facts, item.group_id) for item in items])
    count = result["total"]["actual"]["count"]
    assert count == PAST, count
    return {
        "simulated_per_second": round(count / took),
        "simulated": count,
        "simulation_seconds": round(took, 2),
        "simulation_cpu_seconds": round(used, 2),
        "simulation_progress_reports": len(beats),
        "simulation_moved": result["moved"],
        "naive_simulated_per_second": round(len(naive) / sum(naive), 1),
    }


def floor(boss: Any) -> dict[str, Any]:
    """The page with everybody on it, as a supervisor's browser gets it."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(boss)
    took = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        answer = client.get("/floor/")
        took.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.status_code
    with CaptureQueriesContext(connection) as captured:
        client.get("/floor/")
    return {"floor_p95_ms": percentile(took, 0.95), "floor_queries": len(captured)}


def run() -> dict[str, Any]:
    """All of it, on one world."""
    groups = routing_world.people()
    _, boss = routing_world.publish(groups)
    channel = factories.ChannelFactory(group=groups[0], key="bench")
    found: dict[str, Any] = {}
    for part in (
        lambda: deciding(groups),
        lambda: assigning(channel, groups),
        lambda: growing(channel, groups),
        lambda: floor(boss),
        lambda: simulating(groups),
    ):
        found |= part()
        print(f"  {found}", file=sys.stderr)
    return {
        **found,
        "agents": routing_world.AGENTS,
        "groups": routing_world.GROUPS,
        "rules": routing_world.RULES,
        "conditions": 5,
        "waiting": WAITING,
        "processes": PROCESSES,
        "baseline": "rules read from the database and interpreted for each decision; one ORM "
        "transaction and a query over all candidates for each assignment; simulation: decides only",
    }
