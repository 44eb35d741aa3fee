"""The whole product on private servers in a temporary home, each part of which can be killed.

Every process is registered with a guard (see ``lingxi.embedded.guard``), so that nothing outlives
the run, whatever ends it; only what was started here is ever signalled.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from lingxi.embedded import Servers
from lingxi.serve import wait_for_web
from lingxi.supervisor import ROOT, Supervisor, commands

SERVERS = ("redis", "postgres")


class World:
    """A context manager: inside it everything runs, after it nothing does."""

    def __init__(self, webs: int, *, keep: bool = False) -> None:
        """``keep``: leave the home with its logs behind."""
        self.ports = [_free_port() for _ in range(webs)]
        self.home = Path(tempfile.mkdtemp(prefix="lx-chaos-"))
        self.password = secrets.token_urlsafe(12)
        self._keep = keep
        self._servers = Servers(self.home, durable=True, shared_buffers="256MB")
        self._lock = threading.Lock()
        self._supervisor: Supervisor | None = None
        self._log: IO[str] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _start(self) -> None:
        (self.home / "static").mkdir(exist_ok=True)
        urls = self._servers.start()
        self.database = urls.database
        self.environ = urls.environ() | {
            "LINGXI_HOME": str(self.home),
            "LINGXI_SECRET_KEY": secrets.token_urlsafe(50),
            "LINGXI_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
            "LINGXI_LOG_LEVEL": "INFO",
            "DJANGO_SETTINGS_MODULE": "lingxi.settings",
        }
        self._run("manage.py", "migrate", "--noinput", "--verbosity", "0")
        self._log = (self.home / "processes.log").open("a", buffering=1)
        self._supervisor = Supervisor(self._commands(), self.environ, echo=self._echo)

    def _commands(self) -> dict[str, list[str]]:
        parts = commands(self.home, port=self.ports[0])
        for number, port in enumerate(self.ports[1:], 2):
            parts[f"web{number}"] = commands(self.home, port=port)["web"]
        return parts

    def _stop(self) -> None:
        try:
            if self._supervisor is not None:
                self._supervisor.stop()
        finally:
            self._servers.stop()
            if self._log is not None:
                self._log.close()
            if not self._keep:
                shutil.rmtree(self.home, ignore_errors=True)

    def _run(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, *arguments], env=os.environ | self.environ, cwd=ROOT, check=True
        )

    def _echo(self, name: str, line: str) -> None:
        with self._lock:
            if self._log is not None and not self._log.closed:
                self._log.write(f"{name} | {line}\n")

    # -- for the run ------------------------------------------------------------------------

    def seed(self, casts: list[dict[str, Any]], webhook: str) -> None:
        """Fill the database."""
        plan = {"password": self.password, "webhook": webhook, "casts": casts}
        self._run("-m", "tests.chaos.seed", json.dumps(plan))

    def start(self) -> None:
        """Start all processes and wait until every web serves."""
        assert self._supervisor is not None
        self._supervisor.start()
        for port in self.ports:
            if not wait_for_web("127.0.0.1", port):
                raise RuntimeError(f"the web process does not serve; see {self.log_tail()}")

    @property
    def parts(self) -> list[str]:
        """All that can be killed."""
        return [*self._commands(), *SERVERS]

    def kill(self, name: str) -> None:
        """Kill -9, and wait until it is gone."""
        if name in SERVERS:
            getattr(self._servers, name).kill()
        else:
            assert self._supervisor is not None
            self._supervisor.kill(name)

    def revive(self, name: str) -> None:
        """Start it again; a server is waited for."""
        if name in SERVERS:
            getattr(self._servers, name).start()
        else:
            assert self._supervisor is not None
            self._supervisor.start(name)

    def missing(self) -> list[str]:
        """Processes that ended by themselves: a fault of theirs, since nobody killed them."""
        assert self._supervisor is not None
        return [name for name in self._commands() if name not in self._supervisor.pids]

    def log_tail(self, lines: int = 40) -> str:
        """The end of what the processes printed."""
        text = (self.home / "processes.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
