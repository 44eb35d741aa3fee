"""Kinds of jobs for tests, and somebody to be woken."""

from collections.abc import Iterator
from typing import Any

import pytest

from lingxi.jobs import register, tasks
from lingxi.jobs.registry import KINDS


@pytest.fixture
def kind() -> Iterator[Any]:
    """`@kind` registers what does the job "test.job" until the test is over."""

    def decorate(run: Any, **options: Any) -> Any:
        return register("test.job", title="试验", **options)(run)

    yield decorate
    KINDS.pop("test.job", None)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs whose worker was woken."""
    found: list[str] = []
    monkeypatch.setattr(tasks.run_job, "delay", found.append)
    return found
