"""What time it is for the ticket service: now, unless history is being written."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_pretended: ContextVar[dt.datetime | None] = ContextVar("pretended", default=None)


def now() -> dt.datetime:
    """The time that changes are made at."""
    return _pretended.get() or timezone.now()


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Have changes made inside as if at `moment`, for history that is written afterwards."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)
