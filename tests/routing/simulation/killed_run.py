"""A trial whose worker is killed with -9 at every step in turn. Run as a program by `test_kills`.

Worker number n takes the run up as the last one left it and dies at the n-th point of its work;
a point lies before and after every statement and every commit. Prints the number of kills.
"""

import itertools
import signal
import sys

import django

from tests.lingxi.events.killed_relay import MOST_POINTS, Killer, in_fork


def worker(number: int) -> None:
    """Take up what the sweep finds, and die on the way."""
    from routing.simulation import runs, simulate

    # Every look at the clock writes, a dead worker is known at once, and patience has no end.
    runs.LEASE.beat, runs.LEASE.stale, runs.LEASE.attempts = 0, 0, MOST_POINTS
    simulate.EACH = 5
    Killer(number).watch()
    for run_id in runs.due():
        runs.work_on(run_id)


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
