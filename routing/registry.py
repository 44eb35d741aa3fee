"""How routing reaches what it routes, without knowing it.

The owner of a kind of work registers a handler. Locks are always taken in one order: the things
themselves, their work items, the agents, their inboxes. Whoever keeps to it cannot deadlock.
Rows are locked FOR NO KEY UPDATE, so that others may still insert rows that refer to them.
"""

import uuid
from collections.abc import Sequence
from typing import Protocol

from routing.models import WorkItem


class WorkHandler(Protocol):
    """What the owner of a kind supplies; both run inside the assigning transaction."""

    def lock(self, item_ids: Sequence[uuid.UUID]) -> None:
        """Lock the things, in the order of their ids."""

    def assigned(self, items: Sequence[WorkItem]) -> None:
        """These were just given to `item.agent`; change the things accordingly."""


_handlers: dict[str, WorkHandler] = {}


def register(kind: str, handler: WorkHandler) -> None:
    """Make `handler` responsible for work items of `kind`."""
    _handlers[kind] = handler


def handler_of(kind: str) -> WorkHandler:
    """The handler of `kind`. Raises `KeyError` when nobody registered."""
    return _handlers[kind]
