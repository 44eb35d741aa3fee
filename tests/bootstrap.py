"""Starts servers for a test run and gives every xdist worker its own corner of them.

Runs before Django reads its settings. The controller starts the servers; workers inherit their
addresses. Two runs under one home take different slots, so that they do not share databases.
"""

import fcntl
import os
from itertools import count
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from lingxi import embedded

WORKERS_PER_SLOT = 32
_kept_open: list[IO[bytes]] = []


def prepare() -> None:
    """Set the environment which ``lingxi.settings`` reads."""
    if "LINGXI_TEST_SLOT" not in os.environ:
        _start_servers()
    os.environ["LINGXI_REDIS_URL"] = redis_url()
    os.environ["LINGXI_CHANNEL_PREFIX"] = f"test{redis_number()}"


def slot() -> int:
    """The number of this test run among those under the same home."""
    return int(os.environ["LINGXI_TEST_SLOT"])


def worker() -> int:
    """0 without xdist, else 1 for gw0, 2 for gw1 …"""
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(name.removeprefix("gw")) + 1 if name.startswith("gw") else 0


def redis_number(offset: int = 0) -> int:
    """The Redis database of this worker; ``offset`` 1 is that of its live server."""
    return (slot() * WORKERS_PER_SLOT + worker()) * 2 + offset


def redis_url(offset: int = 0) -> str:
    """The address of this worker's Redis database."""
    return embedded.with_database(os.environ["LINGXI_TEST_REDIS_URL"], str(redis_number(offset)))


def _start_servers() -> None:
    """Start or join the servers, unless addresses are given, and take a slot."""
    home = embedded.default_home().absolute() / "test"
    (home / "static").mkdir(parents=True, exist_ok=True)
    environ = {
        "LINGXI_SECRET_KEY": "only-for-tests-" + "x" * 40,
        "LINGXI_LOG_LEVEL": "WARNING",
        "LINGXI_HOME": str(home),
    }
    if not {"LINGXI_DATABASE_URL", "LINGXI_REDIS_URL"} <= os.environ.keys():
        environ |= embedded.Servers(home, durable=False).start().environ()
    for name, value in environ.items():
        os.environ.setdefault(name, value)
    os.environ["LINGXI_HOME"] = str(home)
    os.environ["LINGXI_TEST_REDIS_URL"] = os.environ["LINGXI_REDIS_URL"]
    number = _take_slot(home)
    os.environ["LINGXI_TEST_SLOT"] = str(number)
    os.environ["LINGXI_MEDIA"] = str(home / f"media{number}")
    _drop_leftovers(os.environ["LINGXI_DATABASE_URL"], number)


def _take_slot(home: Path) -> int:
    """The first number no other run holds; the lock ends with this process."""
    for number in count():
        lock = (home / f"slot{number}.lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _kept_open.append(lock)
        return number
    raise AssertionError("count() does not end")


def _drop_leftovers(url: str, number: int) -> None:
    """Drop the databases an earlier run in this slot left when it was killed."""
    pattern = f"^(test|live)_lingxi{number}(_|$)"
    with psycopg.connect(embedded.with_database(url, "postgres"), autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s", [pattern]
        ).fetchall()
        for (name,) in found:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
