"""The registry of subscribers. An app registers its own in `AppConfig.ready`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lingxi.events.models import Event

Handler = Callable[[list[Event]], None]


@dataclass(frozen=True)
class Subscriber:
    """A named handler; `types` is None for every type."""

    name: str
    types: frozenset[str] | None
    handle: Handler

    def wants(self, event: Event) -> bool:
        """Whether the handler is for this type."""
        return self.types is None or event.type in self.types


_registry: dict[str, Subscriber] = {}


def subscriber(name: str, types: Iterable[str] | None = None) -> Callable[[Handler], Handler]:
    """Register a handler. It gets lists of events in order, inside the relay's transaction.

    A handler must not call out: it writes rows, and a worker of its own does the calling.
    """

    def register(handle: Handler) -> Handler:
        _registry[name] = Subscriber(name, frozenset(types) if types is not None else None, handle)
        return handle

    return register


def all_subscribers() -> list[Subscriber]:
    """All that are registered, in order of registration."""
    return list(_registry.values())


def get_subscriber(name: str) -> Subscriber | None:
    """The one of that name, or None when its app is gone."""
    return _registry.get(name)
