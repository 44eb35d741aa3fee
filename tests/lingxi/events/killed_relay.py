"""A relay that is killed with -9 at every step in turn. Run as a program by `test_kills`.

Every run is a fork of this process, which itself never touches the database. Run number n first
finishes what the last one left, then dies at the n-th point of its own work; a point lies before
and after every statement and every commit. The run that reaches its end is the last. Prints the
number of kills.
"""

import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.db import connection, transaction

EVENTS = 4
MOST_POINTS = 300


class Killer:
    """Dies at the n-th point."""

    def __init__(self, left: int) -> None:
        self.left = left

    def point(self) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def around(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.point()
        result = call(*args, **kwargs)
        self.point()
        return result

    def watch(self) -> None:
        commit = connection._commit  # type: ignore[attr-defined]
        connection._commit = lambda: self.around(commit)  # type: ignore[attr-defined]
        connection.execute_wrappers.append(self.around)


def register() -> None:
    """Subscribers with an effect in our database; one refuses each event the first time."""
    from lingxi.events import relay
    from lingxi.events.models import Event, FailedHandling
    from lingxi.events.subscribers import subscriber

    relay.RETRY_SECONDS = (0,)  # type: ignore[assignment]

    def effect(name: str, events: list[Event]) -> None:
        with connection.cursor() as cursor:
            ids = [event.event_id for event in events]
            cursor.execute("INSERT INTO relay_effect SELECT %s, unnest(%s::uuid[])", [name, ids])

    @subscriber("steady")
    def steady(events: list[Event]) -> None:
        effect("steady", events)

    @subscriber("picky", {"test.picky"})
    def picky(events: list[Event]) -> None:
        effect("picky", events)
        if FailedHandling.objects.filter(event__in=events).count() < len(events):
            raise ValueError("not yet")


def unfinished() -> bool:
    """Whether a relay has something to do."""
    from lingxi.events.models import Event, FailedHandling

    return Event.objects.filter(relayed_at=None).exists() or FailedHandling.objects.exists()


def emit_some() -> None:
    """What happens between two kills."""
    from lingxi.events.outbox import emit

    with transaction.atomic():
        for number in range(EVENTS):
            emit("test.picky" if number == 0 else "test.plain", payload={"number": number})


def relay_all() -> None:
    """Until nothing is left. A killed predecessor may hold the lock for a moment yet."""
    from lingxi.events.relay import relay_batch, retry_failed

    while unfinished():
        relay_batch()
        retry_failed()


def in_fork(work: Callable[[], None]) -> int:
    """Exit code of `work` in a process of its own; negative for a signal."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_at(number: int) -> None:
    """Finish what the last one left, then relay something new and die on the way."""
    relay_all()
    emit_some()
    Killer(number).watch()
    relay_all()


def main() -> int:
    django.setup()
    register()
    for number in itertools.count():
        code = in_fork(lambda number=number: killed_at(number))  # type: ignore[misc]
        if code == 0:
            sys.stdout.write(f"{number}\n")
            return 0
        if code != -signal.SIGKILL or number == MOST_POINTS:
            return 1
    raise AssertionError("count() does not end")


if __name__ == "__main__":
    sys.exit(main())
