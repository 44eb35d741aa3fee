"""What PostgreSQL and Redis have in common as child processes of ours."""

import fcntl
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

START_SECONDS = 90.0
START_ATTEMPTS = 40
LOG_LIMIT = 20 * 1024 * 1024


class ServerError(RuntimeError):
    """An embedded server did not start; the message carries the end of its log."""


class Server(ABC):
    """One server, which may have been started by us or by another process."""

    name: str
    stops: Sequence[tuple[signal.Signals, float]]

    def __init__(self, home: Path) -> None:
        """``home`` holds the server's files and its log."""
        self.home = home
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where the server writes its log."""
        return self.home / f"{self.name}.log"

    @property
    @abstractmethod
    def pid_file(self) -> Path:
        """The file whose first line is the running server's process id."""

    @property
    @abstractmethod
    def mark(self) -> Path:
        """A path in the server's command line which tells it from all other processes."""

    @abstractmethod
    def spawn(self) -> "subprocess.Popen[bytes]":
        """Clear away what a killed server left and start a new one."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it serves (a recovering PostgreSQL lives but does not serve)."""

    @property
    def pid(self) -> int | None:
        """The process id while it lives, whoever started it."""
        if self._child is not None:
            return self._child.pid if self._child.poll() is None else None
        try:
            pid = int(self.pid_file.read_text().split("\n", 1)[0])
            line = psutil.Process(pid).cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        # The file may be old and its number in use by an unrelated process.
        return pid if any(str(self.mark) in word for word in line) else None

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        attempts = 0
        deadline = time.monotonic() + START_SECONDS
        while not (self.pid is not None and self.answers()):
            if self.pid is None:
                # After a kill, PostgreSQL refuses to start until its last orphaned backend ended.
                if attempts == START_ATTEMPTS:
                    raise ServerError(f"{self.name} does not start:\n{self.log_tail()}")
                attempts += 1
                self._child = self.spawn()
            if time.monotonic() > deadline:
                raise ServerError(f"{self.name} does not answer:\n{self.log_tail()}")
            time.sleep(0.05 if self.pid is not None else 0.25)

    def stop(self) -> None:
        """Stop it by the gentlest signal that works."""
        for number, seconds in self.stops:
            if self.kill(number, seconds):
                return
        raise ServerError(f"{self.name} (pid {self.pid}) does not stop")

    def kill(self, number: int = signal.SIGKILL, seconds: float = START_SECONDS) -> bool:
        """Signal it and wait up to ``seconds`` for its end; true when it is gone."""
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if not self._wait(pid, seconds):
                return False
        self._child = None
        return True

    def restart(self) -> None:
        """Stop and start it; its address stays."""
        self.stop()
        self.start()

    def _wait(self, pid: int, seconds: float) -> bool:
        """Wait for the end of the process, be it our child or another's."""
        if self._child is not None:
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
            return True
        deadline = time.monotonic() + seconds
        while _lives(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def log_tail(self) -> str:
        """The last lines of the log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
        except OSError:
            return f"(no log at {self.log})"

    @contextmanager
    def open_log(self) -> Iterator[IO[bytes]]:
        """The log, opened for appending; begun anew when it has grown too long."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.unlink()
        with self.log.open("ab") as log:
            yield log


def _lives(pid: int) -> bool:
    """Whether a process runs; one that ended but was not waited for by its parent does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the exclusive lock of a file."""
    with path.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def try_lock(lock: IO[bytes]) -> bool:
    """Turn a lock into the exclusive one, if nobody else holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_private(path: Path, text: str) -> None:
    """Write a file which only we may read, whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.rename(path)
