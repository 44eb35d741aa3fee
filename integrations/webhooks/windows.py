"""How many requests each endpoint may have in flight.

Starts small, doubles while the endpoint answers well, halves when it does not: an endpoint that
is down soon takes one place, and leaves the rest to the others.
"""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterable

from integrations.models import Endpoint

START = 8


class Window:
    """The places of one endpoint."""

    def __init__(self) -> None:
        self.size = START
        self.used = 0

    def room(self, limit: int) -> int:
        """Free places, with the endpoint's own limit above all."""
        return max(0, min(self.size, limit) - self.used)

    def enter(self) -> None:
        """A request sets out."""
        self.used += 1

    def leave(self, *, accepted: bool, limit: int) -> None:
        """A request is over."""
        self.used -= 1
        self.size = min(self.size * 2, limit) if accepted else max(1, self.size // 2)


class Windows:
    """The windows of all endpoints, with a limit on their sum."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._windows: defaultdict[uuid.UUID, Window] = defaultdict(Window)

    def __getitem__(self, endpoint_id: uuid.UUID) -> Window:
        return self._windows[endpoint_id]

    def places(self, endpoints: Iterable[Endpoint]) -> dict[uuid.UUID, int]:
        """Free places by endpoint; when few are left, chance decides who gets them."""
        left = self.total - sum(window.used for window in self._windows.values())
        places = {}
        candidates = list(endpoints)
        random.shuffle(candidates)
        for endpoint in candidates:
            room = min(left, self._windows[endpoint.id].room(endpoint.max_in_flight))
            if room > 0:
                places[endpoint.id] = room
                left -= room
        return places
