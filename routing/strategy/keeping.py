"""Values that a process reads at most once a second: good enough to decide on, and cheap."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.conf import settings

T = TypeVar("T")
_all: "list[Kept[object]]" = []


class Kept(Generic[T]):
    """What `load` gave, for ``LINGXI["LIVE_KEPT"]`` seconds (0: read every time).

    An equal value keeps its identity, so that what was derived from it can be kept as well.
    Threads that find it expired at once may load it twice, which harms nobody.
    """

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._value: tuple[float, T] | None = None
        _all.append(self)  # type: ignore[arg-type]

    def get(self) -> T:
        """The value."""
        kept, now = self._value, time.monotonic()
        if kept is not None and now < kept[0]:
            return kept[1]
        value = self._load()
        if kept is not None and kept[1] == value:
            value = kept[1]
        self._value = (now + settings.LINGXI["LIVE_KEPT"], value)
        return value

    def forget(self) -> None:
        """Read again next time."""
        self._value = None


def forget_all() -> None:
    """Read everything again next time."""
    for kept in _all:
        kept.forget()
