"""The table for people and the JSON line for programs."""

import json
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from tests.chaos.checker import Result
from tests.chaos.faults import Fault
from tests.chaos.ledger import Ledger

EXAMPLES = 5
_EQUAL = ("attempted", "acked", "stored", "shown_to_visitors", "shown_to_agents")
_WORDS = {
    "attempted": "attempted",
    "acked": "acked",
    "stored": "stored",
    "shown_to_visitors": "shown to the visitors",
    "shown_to_agents": "shown to the agents",
    "lost": "lost",
    "duplicated": "duplicated",
    "out_of_order": "out of order",
    "acked_wrongly": "acked with another place",
    "refused": "refused without reason",
    "seq_holes": "holes in the numbering",
    "not_shown": "not shown to somebody entitled",
    "shown_twice": "shown twice",
    "shown_out_of_order": "shown out of order",
    "events_wrong": "messages without exactly one event",
    "undelivered": "events undelivered",
    "waiting_with_room": "waiting though an agent has room",
    "above_capacity": "agents above their capacity",
    "owners_wrong": "conversations without exactly one owner",
    "tickets_wrong": "tickets not made exactly once",
    "tickets_untold": "news of tickets not told exactly once",
    "sweep_dead": "timed sweep that does not repair",
    "clients_failed": "clients that broke",
    "processes_ended": "processes that ended by themselves",
}


@dataclass
class Run:
    """A finished main run."""

    result: Result
    faults: Sequence[Fault]
    ledger: Ledger
    seconds: float


def show(run: Run) -> None:
    """Print the table of the main run."""
    kills = Counter(fault.target for fault in run.faults)
    print(f"\nFaults: {', '.join(f'{name} ×{n}' for name, n in kills.items())}")
    print(f"  {'killed':<10} {'down':>6} {'no ack for':>11}")
    for fault in run.faults:
        silence = run.ledger.longest_silence(fault.at, fault.settled)
        print(f"  {fault.target:<10} {fault.down:>5.1f}s {silence:>10.1f}s")
    print("\nMessages")
    figures = run.result.figures
    for name in _EQUAL:
        print(f"  {_WORDS[name]:<42} {figures[name]:>9,.0f}")
    _show_slowest(run)
    print("\nAlso")
    for name in [name for name in figures if name not in _EQUAL]:
        print(f"  {name.replace('_', ' '):<42} {figures[name]:>9,g}")
    print("\nPromises broken")
    show_broken(run.result)


def _show_slowest(run: Run) -> None:
    """Whose message waited longest for its ack, and what was done to the product meanwhile."""
    acked = run.ledger.acked.items()
    print("\nSlowest acks")
    for key, promise in sorted(acked, key=lambda item: -item[1].seconds)[:EXAMPLES]:
        since = run.ledger.attempted[key]
        until = since + promise.seconds
        during = [one.target for one in run.faults if one.at < until and one.settled > since]
        words = f"{promise.seconds:.1f} s, sent {promise.sends} times, during {', '.join(during)}"
        print(f"  {key[0]} #{key[1]}: {words}")


def show_broken(result: Result) -> None:
    """Print how often each promise was broken, with examples."""
    for name, cases in result.broken.items():
        print(f"  {_WORDS[name]:<42} {len(cases):>9,}")
        for case in cases[:EXAMPLES]:
            print(f"      {case}")


def show_control(key: str, caught: bool, result: Result) -> None:
    """Print what the checker made of a broken client."""
    seen = {name: count for name, count in result.counts().items() if count}
    print(f"\nControl {key}: {'caught' if caught else 'NOT CAUGHT'}: {seen}")


def summary(run: Run | None, controls: Mapping[str, tuple[bool, Result]], sizes: Any) -> str:
    """The last line."""
    ok = (run is None or run.result.kept) and all(caught for caught, _ in controls.values())
    said: dict[str, Any] = {"ok": ok, **sizes, "machine": _machine()}
    if run is not None:
        said |= run.result.figures | run.result.counts()
        said["seconds"] = round(run.seconds, 1)
        said["faults"] = dict(Counter(fault.target for fault in run.faults))
    said["controls"] = {
        key: {"caught": caught, **{name: n for name, n in result.counts().items() if n}}
        for key, (caught, result) in controls.items()
    }
    return json.dumps(said, ensure_ascii=False)


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} CPUs, {memory:.0f} GiB"
