"""The embedded servers: started, shared, killed in every way, never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from lingxi import embedded
from lingxi.embedded.process import Server

HOLD = """
import sys, time
from lingxi import embedded
urls = embedded.Servers(sys.argv[1], durable=False).start()
print(urls.database, urls.redis, flush=True)
time.sleep(300)
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with its cluster already created, in a directory with an awkward name."""
    return tmp_path_factory.mktemp("Home of 灵犀")


@pytest.fixture
def servers(cluster: Path) -> Iterator[embedded.Servers]:
    both = embedded.Servers(cluster, durable=False)
    both.start()
    yield both
    both.stop()


def answer(url: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT 1").fetchone()
    return row and row[0]


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def hold(home: Path) -> "subprocess.Popen[str]":
    """A process which starts or joins the servers and then only lives."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().startswith("postgresql://")
    return child


def test_both_answer(servers: embedded.Servers) -> None:
    assert answer(servers.urls.database) == 1
    assert redis.Redis.from_url(servers.urls.redis).ping()


def test_long_paths_get_a_short_socket(tmp_path: Path) -> None:
    deep = embedded.Servers(tmp_path / ("x" * 120))
    assert len(str(deep.postgres.socket_dir)) < 80


def test_redis_wants_its_password(servers: embedded.Servers) -> None:
    url = servers.urls.redis
    open_url = "redis://" + url.split("@")[1]
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(open_url).ping()


def test_nobody_else_reaches_the_socket(servers: embedded.Servers) -> None:
    assert servers.postgres.socket_dir.stat().st_mode & 0o077 == 0


def test_database_is_created_once_or_afresh(servers: embedded.Servers) -> None:
    url = embedded.ensure_database(servers.urls.database, "odd name")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    assert embedded.ensure_database(servers.urls.database, "odd name") == url
    with psycopg.connect(url) as connection:
        connection.execute("SELECT * FROM kept")
    embedded.ensure_database(servers.urls.database, "odd name", fresh=True)
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM kept")


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_survives_kill_9(servers: embedded.Servers, name: str) -> None:
    server: Server = getattr(servers, name)
    before = servers.urls
    with psycopg.connect(servers.urls.database, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS marks (who text)")
        connection.execute("INSERT INTO marks VALUES (%s)", [name])
    first = server.pid
    assert server.kill(signal.SIGKILL)
    assert server.pid is None
    server.start()
    assert server.pid not in {None, first}
    assert servers.urls == before
    with psycopg.connect(servers.urls.database) as connection:
        assert connection.execute("SELECT 1 FROM marks WHERE who = %s", [name]).fetchone()


def test_stale_pid_file_of_an_unrelated_process(cluster: Path) -> None:
    both = embedded.Servers(cluster, durable=False)
    both.start()
    both.stop()
    # As after a reboot, when another program was given the old number.
    both.postgres.pid_file.write_text(f"{os.getpid()}\n")
    both.redis.pid_file.write_text(f"{os.getpid()}\n")
    assert both.postgres.pid is None
    both.start()
    assert answer(both.urls.database) == 1
    both.stop()
    assert both.postgres.pid is None


def test_half_created_cluster_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "junk").write_text("initdb was killed here")
    with embedded.servers(tmp_path, durable=False) as urls:
        assert answer(urls.database) == 1


def test_two_callers_at_once_share(tmp_path: Path) -> None:
    pair = [hold(tmp_path) for _ in range(2)]
    both = embedded.Servers(tmp_path)
    first = both.postgres.pid
    assert first is not None
    pair[0].send_signal(signal.SIGTERM)
    pair[0].wait()
    time.sleep(0.5)
    assert both.postgres.pid == first, "the other caller still needs it"
    pair[1].send_signal(signal.SIGTERM)
    pair[1].wait()
    assert eventually(lambda: both.postgres.pid is None and both.redis.pid is None)


def test_killed_caller_leaves_no_orphans(cluster: Path) -> None:
    child = hold(cluster)
    both = embedded.Servers(cluster)
    family = [psutil.Process(pid) for pid in (both.postgres.pid, both.redis.pid) if pid]
    assert len(family) == 2
    child.kill()
    child.wait()
    assert eventually(lambda: not any(process.is_running() for process in family))


def test_start_right_after_a_killed_caller(cluster: Path) -> None:
    child = hold(cluster)
    child.kill()
    child.wait()
    for _ in range(3):
        with embedded.servers(cluster, durable=False) as urls:
            time.sleep(0.3)  # long enough for the guard to look
            assert answer(urls.database) == 1


def test_exec_gives_addresses_and_exit_code(cluster: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lingxi.embedded", "exec", "sh", "-c", "env; exit 7"],
        env={"LINGXI_HOME": str(cluster), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7
    assert "LINGXI_DATABASE_URL=postgresql://" in done.stdout
    assert "LINGXI_REDIS_URL=redis://" in done.stdout


def test_failure_names_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lingxi.embedded.process.START_ATTEMPTS", 1)
    both = embedded.Servers(tmp_path, durable=False, shared_buffers="nonsense")
    with pytest.raises(embedded.ServerError, match='invalid value for parameter "shared_buffers"'):
        both.start()
    assert both.redis.pid is None
