"""Runs the product's processes: starts, watches, restarts and stops them.

``make run`` uses it, and so do the fault runs and the browser tests, which kill single processes.
Each process leads a group of its own, so Ctrl-C in the terminal reaches only the supervisor, and
a kill takes the process' children (the beat of the Celery worker) along.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from lingxi.embedded.guard import GRACE_SECONDS, Guard, signal_group, stop_groups

ROOT = Path(__file__).resolve().parent.parent
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 30.0
STABLE_SECONDS = 30.0
COLOURS = (36, 32, 33, 35, 34, 31)

Echo = Callable[[str, str], None]


def commands(home: Path, *, host: str = "127.0.0.1", port: int = 8000) -> dict[str, list[str]]:
    """The processes of the product and how each is started."""
    manage = [sys.executable, str(ROOT / "manage.py")]
    uvicorn = [sys.executable, "-m", "uvicorn", "lingxi.asgi:application"]
    uvicorn += ["--host", host, "--port", str(port)]
    uvicorn += "--loop uvloop --http httptools --ws websockets-sansio".split()
    uvicorn += "--ws-per-message-deflate false --ws-max-size 2097152".split()
    uvicorn += "--no-server-header --no-access-log --log-level warning".split()
    uvicorn += "--backlog 4096 --timeout-graceful-shutdown 5".split()
    # Its warning about running as root repeats at every start; containers often run as root.
    celery = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet"]
    celery += "-A lingxi worker -B -P threads -c 4 -l WARNING".split()
    celery += ["--without-gossip", "--without-mingle", "-s", str(home / "celerybeat-schedule")]
    # On a full machine people come first: what runs behind their backs catches up afterwards.
    later = ["nice", "-n", "5"] if shutil.which("nice") else []
    return {
        "web": uvicorn,
        "relay": [*later, *manage, "relay"],
        "sender": [*later, *manage, "send_webhooks"],
        "worker": [*later, *celery],
    }


@dataclass
class _Process:
    """One named process and the memory of its failures."""

    command: Sequence[str]
    child: "subprocess.Popen[bytes] | None" = None
    reader: threading.Thread | None = None
    wanted: bool = False
    started_at: float = 0.0
    backoff: float = FIRST_BACKOFF
    start_again_at: float = field(default=0.0)


class Supervisor:
    """Named processes, started and killed one by one or kept running by ``watch``."""

    def __init__(
        self,
        processes: Mapping[str, Sequence[str]],
        environ: Mapping[str, str] | None = None,
        *,
        echo: Echo | None = None,
    ) -> None:
        """``environ`` is added to ours; ``echo(name, line)`` gets every line they print."""
        self._processes = {name: _Process(command) for name, command in processes.items()}
        self._environ = dict(os.environ) | dict(environ or {})
        self._echo = coloured_echo(self._processes, sys.stdout) if echo is None else echo
        self._guard = Guard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of those which run."""
        return {
            name: process.child.pid
            for name, process in self._processes.items()
            if process.child is not None and process.child.poll() is None
        }

    def start(self, *names: str) -> None:
        """Start the named processes, or all; those which run are left alone."""
        running = self.pids
        for name in names or tuple(self._processes):
            if name not in running:
                self._spawn(name)

    def kill(self, name: str, number: int = signal.SIGKILL, *, wait: float = 30.0) -> int | None:
        """Signal a process and its children; return its exit code once it ended.

        ``watch`` does not start it again; ``start`` does.
        """
        process = self._processes[name]
        process.wanted = False
        if process.child is None:
            return None
        signal_group(process.child.pid, number)
        code = process.child.wait(wait)
        # What it left in its group: the beat of a killed worker.
        signal_group(process.child.pid, signal.SIGKILL)
        self._forget(process)
        return code

    def stop(self) -> None:
        """Stop all: TERM, and after ten seconds KILL."""
        pids = set(self.pids.values())
        reaper = threading.Thread(target=self._reap, daemon=True)
        reaper.start()
        stop_groups(pids, GRACE_SECONDS)
        reaper.join()
        for process in self._processes.values():
            process.wanted = False
            self._forget(process)
        self._guard.close()

    def watch(self, until: Callable[[float], bool]) -> None:
        """Start again what dies, with growing pauses, until ``until(seconds)`` is true."""
        while not until(0.2):
            for name, process in self._processes.items():
                if process.wanted:
                    self._revive(name, process)

    def _revive(self, name: str, process: _Process) -> None:
        """Note the death of a process, or start it again when its pause is over."""
        now = time.monotonic()
        if process.child is not None:
            code = process.child.poll()
            if code is None:
                return
            if now - process.started_at > STABLE_SECONDS:
                process.backoff = FIRST_BACKOFF
            process.start_again_at = now + process.backoff
            self._echo(name, f"ended with code {code}; again in {process.backoff:g} s")
            process.backoff = min(process.backoff * 2, LONGEST_BACKOFF)
            signal_group(process.child.pid, signal.SIGKILL)
            self._forget(process)
        elif now >= process.start_again_at:
            self._spawn(name)

    def _spawn(self, name: str) -> None:
        """Start one process and the thread which passes on what it prints."""
        process = self._processes[name]
        self._forget(process)
        process.child = subprocess.Popen(
            process.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environ | {"LINGXI_PROCESS": name, "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            start_new_session=True,
        )
        self._guard.add(process.child.pid)
        process.wanted = True
        process.started_at = time.monotonic()
        process.reader = threading.Thread(
            target=self._read, args=(name, process.child.stdout), daemon=True
        )
        process.reader.start()

    def _read(self, name: str, output: IO[bytes]) -> None:
        """Pass lines on until the process has closed its output."""
        with output:
            for line in output:
                self._echo(name, line.decode(errors="replace").rstrip())

    def _reap(self) -> None:
        """Wait for all, so that their groups vanish as soon as they end."""
        for process in self._processes.values():
            if process.child is not None:
                process.child.wait()

    def _forget(self, process: _Process) -> None:
        """Drop a process which has been waited for."""
        if process.child is None:
            return
        self._guard.remove(process.child.pid)
        if process.reader is not None:
            process.reader.join(timeout=2)
        process.child = process.reader = None


def coloured_echo(names: Mapping[str, object], output: IO[str]) -> Echo:
    """Lines with the process' name before them, coloured on a terminal."""
    width = max((len(name) for name in names), default=0)
    coloured = output.isatty() and "NO_COLOR" not in os.environ
    colours = dict(zip(names, COLOURS * len(names), strict=False))
    lock = threading.Lock()

    def echo(name: str, line: str) -> None:
        label = f"{name:<{width}} |"
        if coloured:
            label = f"\x1b[{colours[name]}m{label}\x1b[0m"
        # A closed terminal must not end the processes' readers, and through full pipes them.
        with lock, suppress(OSError, ValueError):
            output.write(f"{label} {line}\n")
            output.flush()

    return echo
