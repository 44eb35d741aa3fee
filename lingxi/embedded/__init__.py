"""Private PostgreSQL and Redis servers from wheels, under ``LINGXI_HOME``.

    with embedded.servers() as urls:
        psycopg.connect(urls.database)

Several processes may use one home at once: the first starts the servers, the last stops them.
Nothing here needs Django. From a shell: ``python -m lingxi.embedded exec command ...``.
"""

import atexit
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lingxi.embedded.guard import Guard
from lingxi.embedded.postgres import OWNER, Postgres, ensure_database, with_database
from lingxi.embedded.process import ServerError, locked, try_lock
from lingxi.embedded.redis import Redis

__all__ = [
    "ServerError",
    "Servers",
    "Urls",
    "default_home",
    "ensure_database",
    "servers",
    "with_database",
]


@dataclass(frozen=True)
class Urls:
    """Where the servers are, in the form of ``LINGXI_DATABASE_URL`` and ``LINGXI_REDIS_URL``."""

    database: str
    redis: str

    def environ(self) -> dict[str, str]:
        """The same as environment variables."""
        return {"LINGXI_DATABASE_URL": self.database, "LINGXI_REDIS_URL": self.redis}


def default_home() -> Path:
    """``LINGXI_HOME``, or ``.lingxi`` beside the code."""
    beside_code = Path(__file__).resolve().parents[2] / ".lingxi"
    return Path(os.environ.get("LINGXI_HOME") or beside_code)


class Servers:
    """One PostgreSQL and one Redis under one home directory.

    ``servers.postgres`` and ``servers.redis`` have ``pid``, ``start()``, ``stop()``,
    ``kill(signal)`` and ``restart()`` for fault runs.
    """

    def __init__(
        self,
        home: Path | str | None = None,
        *,
        durable: bool = True,
        shared_buffers: str | None = None,
    ) -> None:
        """``durable=False`` (tests) trades safety against power loss for speed."""
        self.home = Path(home or default_home()).absolute()
        buffers = shared_buffers or ("512MB" if durable else "128MB")
        self.postgres = Postgres(self.home, durable=durable, shared_buffers=buffers)
        self.redis = Redis(self.home)
        self._lease: IO[bytes] | None = None
        self._guard: Guard | None = None

    @property
    def urls(self) -> Urls:
        """The addresses of the database ``lingxi`` and of Redis database 0."""
        return Urls(database=self.postgres.url, redis=self.redis.url)

    @property
    def idle(self) -> bool:
        """Whether no process uses the servers of this home."""
        lock = self.home / "users.lock"
        if not lock.exists():
            return True
        with lock.open("ab") as lease:
            return try_lock(lease)

    def start(self) -> Urls:
        """Start both, or join those another process runs under the same home."""
        self.home.mkdir(parents=True, exist_ok=True)
        with locked(self.home / "start.lock"):
            self._lease = (self.home / "users.lock").open("ab")
            fcntl.flock(self._lease, fcntl.LOCK_SH)
            self._guard = Guard(sys.executable, "-m", "lingxi.embedded", "stop", str(self.home))
            atexit.register(self.stop)
            try:
                self.postgres.start()
                self.redis.choose_port()
                self.redis.start()
                ensure_database(self.urls.database, OWNER)
            except BaseException:
                self._leave()
                raise
        return self.urls

    def stop(self) -> None:
        """Stop both, unless other processes still use them."""
        if self._lease is not None:
            with locked(self.home / "start.lock"):
                self._leave()

    def _leave(self) -> None:
        """Give up our share; the last one stops the servers. Needs the start lock."""
        atexit.unregister(self.stop)
        if self._lease is None or self._guard is None:
            return
        last = try_lock(self._lease)
        if last:
            self._stop_servers()
        self._lease.close()
        self._lease = None
        # While others use what we started, the guard waits in our place for the last of them.
        self._guard.close(run=not last)

    def _stop_servers(self) -> None:
        """Stop both, whoever started them."""
        self.redis.stop()
        self.postgres.stop()

    def stop_when_unused(self) -> None:
        """Wait until no process uses the servers, then stop them (what the guard runs)."""
        if not (self.home / "users.lock").exists():
            return
        with (self.home / "users.lock").open("ab") as lease:
            while True:
                with locked(self.home / "start.lock"):
                    if try_lock(lease):
                        self._stop_servers()
                        return
                time.sleep(0.2)


@contextmanager
def servers(home: Path | str | None = None, *, durable: bool = True) -> Iterator[Urls]:
    """Run the servers for the length of a block; yields their addresses."""
    both = Servers(home, durable=durable)
    urls = both.start()
    try:
        yield urls
    finally:
        both.stop()
