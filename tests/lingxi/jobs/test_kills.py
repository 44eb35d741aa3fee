"""Killed with -9 at every step, a job goes on behind its last one, and does nothing twice."""

import subprocess
import sys

import pytest
from django.db import connection

from tests.lingxi.jobs.factories import JobFactory
from tests.lingxi.jobs.killed_job import ROWS
from tests.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def effects():
    """A table without constraints, where a doubled effect would show."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE job_effect (number int)")
        yield cursor
        cursor.execute("DROP TABLE job_effect")


def test_killed_at_every_step(effects):
    job = JobFactory(kind="test.killed", owner=None)
    run = subprocess.run(
        [sys.executable, "-m", "tests.lingxi.jobs.killed_job"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert int(run.stdout) > 15
    job.refresh_from_db()
    assert (job.state, job.done, job.result) == ("done", ROWS, {"rows": ROWS})
    assert job.attempts > 10
    effects.execute("SELECT number FROM job_effect ORDER BY number")
    assert [number for (number,) in effects.fetchall()] == list(range(ROWS))
