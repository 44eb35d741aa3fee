"""``make run``: everything the product needs, from nothing but this checkout.

Servers, migrations, demo data on the first start, then the four processes under a supervisor
until Ctrl-C. ``PORT`` and ``HOST`` say where; ``LINGXI_DEMO=0`` leaves the demo data out.
``python -m lingxi.serve manage COMMAND ...`` runs a management command on the same servers.
"""

import http
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from lingxi import embedded
from lingxi.embedded.process import write_private
from lingxi.supervisor import ROOT, Supervisor, commands

__all__ = ["Supervisor", "commands", "environment", "main", "migrate", "wait_for_web"]

READY_SECONDS = 60.0
ADDRESSES = ("LINGXI_DATABASE_URL", "LINGXI_REDIS_URL")

BANNER = """
  灵犀云客服 Lingxi is running.

    Widget demo   {url}/demo/
    Workbench     {url}/workbench/
    Archive       {url}/archive/
    Floor         {url}/floor/
    Tickets       {url}/tickets/
    Admin         {url}/admin/
    API           {url}/api/v1/docs/

  Demo log-ins: admin, supervisor, agent1 … agent20, auditor, inspector
  Password of all: lingxi-demo

  Ctrl-C stops everything.
"""


class UsageError(RuntimeError):
    """Something the user can put right; shown without a traceback."""


@contextmanager
def environment(home: Path | str | None = None) -> Iterator[dict[str, str]]:
    """The variables the processes need, with embedded servers behind those not given."""
    given = {name: os.environ[name] for name in ADDRESSES if os.environ.get(name)}
    both = embedded.Servers(home)
    (both.home / "static").mkdir(parents=True, exist_ok=True)
    variables = {
        "LINGXI_HOME": str(both.home),
        "LINGXI_SECRET_KEY": os.environ.get("LINGXI_SECRET_KEY") or _secret_key(both.home),
    }
    if len(given) == len(ADDRESSES):
        yield variables | given
        return
    urls = both.start()
    try:
        yield variables | urls.environ() | given
    finally:
        both.stop()


def migrate(environ: dict[str, str]) -> None:
    """Bring the database to the code's state."""
    _manage(environ, "migrate", "--noinput", "--verbosity", "0")


def wait_for_web(host: str, port: int, seconds: float = READY_SECONDS) -> bool:
    """Wait until the web process serves."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(host, port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    return False


def main(arguments: list[str]) -> int:
    """Run everything until a signal; the exit code is 0 when it stopped on request."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if arguments[:1] == ["manage"]:
            with environment() as environ:
                _manage(environ, *arguments[1:])
        else:
            _run()
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
    except (UsageError, embedded.ServerError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _run() -> None:
    """Prepare, start, and watch."""
    host, port = _address()
    print("Starting PostgreSQL and Redis …", flush=True)
    with environment() as environ:
        print("Preparing the database …", flush=True)
        migrate(environ)
        if os.environ.get("LINGXI_DEMO") != "0":
            _manage(environ, "demo", "--if-empty")
        processes = commands(Path(environ["LINGXI_HOME"]), host=host, port=port)
        with Supervisor(processes, environ) as supervisor:
            supervisor.start()
            near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
            supervisor.watch(lambda seconds: wait_for_web(near, port, seconds))
            shown = f"[{near}]" if ":" in near else near
            print(BANNER.format(url=f"http://{shown}:{port}"), flush=True)
            supervisor.watch(_sleep)


def _sleep(seconds: float) -> bool:
    """Wait; never a reason to end."""
    time.sleep(seconds)
    return False


def _address() -> tuple[str, int]:
    """Host and port from the environment, checked before anything is started."""
    host = os.environ.get("HOST") or "127.0.0.1"
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise UsageError(f"PORT={text} is not a port number.")
    port = int(text)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {host}:{port} ({error.strerror}); try another: make run PORT=8080"
        ) from error
    return host, port


def _manage(environ: dict[str, str], *arguments: str) -> None:
    """Run a management command in the terminal."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    code = subprocess.run(command, env=os.environ | environ, cwd=ROOT, check=False).returncode
    if code:
        raise UsageError(f"manage.py {arguments[0]} failed with code {code}.")


def _secret_key(home: Path) -> str:
    """The key of this home, made once: sessions and tokens outlive a restart."""
    path = home / "secret_key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(50))
    return path.read_text()


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Treat SIGTERM as Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
