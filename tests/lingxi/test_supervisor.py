"""The supervisor of ``make run``: restarts what dies, stops everything, leaves nothing behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from lingxi import supervisor as module
from lingxi.supervisor import Supervisor

SLEEP = ["sleep", "300"]
# A process with a child in its group, like a Celery worker with its beat.
FAMILY = ["sh", "-c", "sleep 300 & echo child $!; wait"]
STUBBORN = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]
OWNER = """
import sys, time
from lingxi.supervisor import Supervisor
supervisor = Supervisor({"a": ["sh", "-c", "sleep 300 & wait"]})
supervisor.start()
print(supervisor.pids["a"], flush=True)
time.sleep(300)
"""


class Lines(list[tuple[str, str]]):
    """What the processes printed."""

    def __call__(self, name: str, line: str) -> None:
        self.append((name, line))


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def run(lines: Lines) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def make(**processes: list[str]) -> Supervisor:
        made.append(Supervisor(processes, {"GREETING": "你好"}, echo=lines))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


def test_passes_on_output_and_environment(run: Callable[..., Supervisor], lines: Lines) -> None:
    run(a=["sh", "-c", "echo $GREETING $LINGXI_PROCESS; echo bad >&2"]).start()
    assert eventually(lambda: {("a", "你好 a"), ("a", "bad")} <= set(lines))


def test_starts_again_what_dies(run: Callable[..., Supervisor], lines: Lines) -> None:
    supervisor = run(a=SLEEP, b=SLEEP)
    supervisor.start()
    before = supervisor.pids
    psutil.Process(before["a"]).kill()
    deadline = time.monotonic() + 10

    def until(seconds: float) -> bool:
        time.sleep(seconds)
        return supervisor.pids.get("a", before["a"]) != before["a"] or time.monotonic() > deadline

    supervisor.watch(until)
    assert supervisor.pids["a"] != before["a"]
    assert supervisor.pids["b"] == before["b"]
    assert ("a", "ended with code -9; again in 0.5 s") in lines


def test_pauses_grow(
    run: Callable[..., Supervisor], lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_BACKOFF", 0.7)
    supervisor = run(a=["false"])
    supervisor.start()
    deadline = time.monotonic() + 10

    def until(seconds: float) -> bool:
        time.sleep(seconds)
        return len(lines) >= 3 or time.monotonic() > deadline

    supervisor.watch(until)
    pauses = [line.rsplit("again in ")[1] for _, line in lines[:3]]
    assert pauses == ["0.5 s", "0.7 s", "0.7 s"]


def test_kill_takes_children_along(run: Callable[..., Supervisor], lines: Lines) -> None:
    supervisor = run(a=FAMILY)
    supervisor.start()
    assert eventually(lambda: bool(lines))
    child = int(lines[0][1].split()[1])
    assert supervisor.kill("a", signal.SIGKILL) == -signal.SIGKILL
    assert eventually(lambda: gone(child))
    assert supervisor.pids == {}
    supervisor.start("a")
    assert set(supervisor.pids) == {"a"}


def test_stop_kills_what_ignores_term(
    run: Callable[..., Supervisor], lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.5)
    supervisor = run(a=STUBBORN, b=SLEEP)
    supervisor.start()
    assert eventually(lambda: ("a", "ready") in lines)
    pids = supervisor.pids
    supervisor.stop()
    assert all(gone(pid) for pid in pids.values())


def test_killed_supervisor_leaves_no_orphans() -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    leader = psutil.Process(int(owner.stdout.readline()))
    assert eventually(lambda: bool(leader.children()))
    family = [leader.pid, *(child.pid for child in leader.children())]
    owner.kill()
    owner.wait()
    assert eventually(lambda: all(gone(pid) for pid in family))
