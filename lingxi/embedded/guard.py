"""A helper process that stops our children when we die without a chance to do it ourselves.

``kill -9`` runs no handler, and ``PR_SET_PDEATHSIG`` exists on Linux only (and fires when the
starting *thread* ends). A pipe works everywhere: the guard reads from it, the kernel closes it
when the parent is gone, and the guard then stops every process the parent had registered.

The file is also the guard's program, run with ``python -I -S``: standard library only.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 10.0
ROOT = Path(__file__).resolve().parents[2]


class Guard:
    """Registers the process groups which must not outlive this process."""

    def __init__(self, *then: str) -> None:
        """Start the guard; ``then`` is a command it runs last, after our death."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, *then],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,
        )

    def add(self, pid: int) -> None:
        """Stop the process group led by ``pid`` when this process is gone."""
        self._tell(f"+{pid}")

    def remove(self, pid: int) -> None:
        """Forget ``pid``: it has been waited for, its number may be given to another."""
        self._tell(f"-{pid}")

    def close(self, *, run: bool = False) -> None:
        """End the guard; with ``run`` it still does its work, as after our death."""
        if self._process.stdin is None or self._process.stdin.closed:
            return
        if not run:
            self._tell("quit")
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        if not run:
            self._process.wait()

    def _tell(self, line: str) -> None:
        """Write one line; a guard which was killed itself must not take us with it."""
        if self._process.stdin is None or self._process.stdin.closed:
            return
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()


def signal_group(pid: int, number: int) -> bool:
    """Signal the process group led by ``pid``; false when nothing is left of it."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        # macOS answers EPERM for a group of which only zombies are left.
        return False
    return True


def stop_groups(pids: set[int], grace: float = GRACE_SECONDS) -> None:
    """TERM all groups, wait up to ``grace`` seconds, KILL what is left."""
    left = {pid for pid in pids if signal_group(pid, signal.SIGTERM)}
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {pid for pid in left if signal_group(pid, 0)}
    for pid in left:
        signal_group(pid, signal.SIGKILL)


def watch(then: list[str]) -> None:
    """The guard's life: read registrations until the parent is gone, then stop them all."""
    pids: set[int] = set()
    for line in sys.stdin:
        word = line.strip()
        if word == "quit":
            return
        if word.startswith("+"):
            pids.add(int(word[1:]))
        elif word.startswith("-"):
            pids.discard(int(word[1:]))
    stop_groups(pids)
    if then:
        subprocess.run(then, check=False)


if __name__ == "__main__":
    watch(sys.argv[1:])
