"""``make run``: its environment and what it says before it starts anything."""

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from lingxi import serve


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Servers are given, so none are started here; ``main`` takes over SIGTERM."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("LINGXI_DATABASE_URL", "postgresql://given")
    monkeypatch.setenv("LINGXI_REDIS_URL", "redis://given")
    monkeypatch.delenv("LINGXI_SECRET_KEY", raising=False)
    yield
    signal.signal(signal.SIGTERM, before)


def test_given_addresses_are_used(tmp_path: Path) -> None:
    with serve.environment(tmp_path) as environ:
        assert environ["LINGXI_DATABASE_URL"] == "postgresql://given"
        assert environ["LINGXI_REDIS_URL"] == "redis://given"
    assert not (tmp_path / "postgres").exists()


def test_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    keys = []
    for _ in range(2):
        with serve.environment(tmp_path) as environ:
            keys.append(environ["LINGXI_SECRET_KEY"])
    assert keys[0] == keys[1]
    assert len(keys[0]) > 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize("port", ["http", "0", "-1", "65536", "80.5"])
def test_bad_port(
    port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", port)
    assert serve.main([]) == 1
    assert capsys.readouterr().err == f"error: PORT={port} is not a port number.\n"


def test_port_in_use(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        assert serve.main([]) == 1
    assert "try another: make run PORT=" in capsys.readouterr().err


def test_failed_command_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINGXI_HOME", str(tmp_path))
    assert serve.main(["manage", "no_such_command"]) == 1
    assert "error: manage.py no_such_command failed" in capsys.readouterr().err
    assert os.environ["LINGXI_DATABASE_URL"] == "postgresql://given"
