"""A job whose worker is killed with -9 at every step in turn. Run as a program by `test_kills`.

Worker number n takes the job up as the last one left it and dies at the n-th point of its work; a
point lies before and after every statement and every commit. Prints the number of kills.
"""

import itertools
import signal
import sys

import django
from django.db import connection

from tests.lingxi.events.killed_relay import MOST_POINTS, Killer, in_fork

ROWS, EACH = 6, 2


def register() -> None:
    """A job that writes numbers into a table without constraints."""
    from lingxi.jobs import Work
    from lingxi.jobs import register as kind

    @kind("test.killed", title="试验")
    def count(work: Work) -> dict[str, int]:
        while (row := work.checkpoint.get("row", 0)) < ROWS:
            with work.step(), connection.cursor() as cursor:
                for number in range(row, row + EACH):
                    cursor.execute("INSERT INTO job_effect VALUES (%s)", [number])
                work.done += EACH
                work.checkpoint["row"] = row + EACH
        return {"rows": work.done}


def worker(number: int) -> None:
    """Take up what the sweep finds, and die on the way."""
    from lingxi.jobs import runner
    from lingxi.jobs.work import LEASE

    # A dead worker is known at once, and patience has no end.
    LEASE.stale, LEASE.attempts = 0, MOST_POINTS
    Killer(number).watch()
    for job_id in runner.due():
        runner.work_on(job_id)


def main() -> int:
    django.setup()
    register()
    for number in itertools.count():
        code = in_fork(lambda number=number: worker(number))  # type: ignore[misc]
        if code == 0:
            sys.stdout.write(f"{number}\n")
            return 0
        if code != -signal.SIGKILL or number == MOST_POINTS:
            return 1
    raise AssertionError("count() does not end")


if __name__ == "__main__":
    sys.exit(main())
