"""An import whose worker is killed with -9 at many points. Run as a program by `test_kills`.

Worker number n takes the job up as the last one left it and dies at a later point of its work than
the one before; a point lies before and after every statement and every commit. Prints the number
of kills.
"""

import itertools
import signal
import sys

import django

from tests.lingxi.events.killed_relay import MOST_POINTS, Killer, in_fork

STRIDE = 31  # points between two kills: each ticket has many of them


def worker(number: int) -> None:
    """Take up what the sweep finds, and die on the way."""
    from lingxi.jobs import runner
    from lingxi.jobs.work import LEASE
    from tickets.transfer import importing

    # A dead worker is known at once, patience has no end, and steps are small.
    LEASE.stale, LEASE.attempts, importing.EACH = 0, MOST_POINTS, 2
    Killer(number * STRIDE).watch()
    for job_id in runner.due():
        runner.work_on(job_id)


def main() -> int:
    django.setup()
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
