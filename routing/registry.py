"""How routing reaches what it routes, without knowing it.

The owner of a kind of work registers a handler. Locks are always taken in one order: the things
themselves, their work items, the agents, their inboxes. Whoever keeps to it cannot deadlock.
Rows are locked FOR NO KEY UPDATE, so that others may still insert rows that refer to them.
"""

import uuid
from collections.abc import Sequence
from typing import Protocol

from routing import kinds
from routing.models import WorkItem


class WorkHandler(Protocol):
    """What the owner of a kind supplies; all run inside the transaction that holds the rows."""

    def lock(self, item_ids: Sequence[uuid.UUID]) -> None:
        """Lock the things, in the order of their ids."""

    def assigned(self, items: Sequence[WorkItem]) -> None:
        """These were just given to `item.agent`; change the things accordingly."""

    def offered(self, items: Sequence[WorkItem]) -> None:
        """These were just offered to `item.agent`, who has until `item.offer_expires_at`."""

    def not_taken(self, items: Sequence[WorkItem], outcome: str) -> None:
        """Nobody took these: `refused`, `timed_out` or `withdrawn`.

        A transfer (`item.is_transfer`) that is done is over, and its old agent keeps it; any other
        item waits again.
        """

    def moved(self, items: Sequence[WorkItem]) -> None:
        """These flowed over into the queue of `item.group`."""

    def left_to_bot(self, items: Sequence[WorkItem]) -> None:
        """These left the queue; a bot is to serve them."""

    def gone_offline(self, items: Sequence[WorkItem]) -> None:
        """These left the queue; a message may be left for them."""


_handlers: dict[str, WorkHandler] = {}
_channel_kinds: dict[str, str] = {}


def register(
    kind: str,
    handler: WorkHandler,
    *,
    label: str = "",
    capacity: int | None = None,
    home: str = "默认的技能组",
) -> None:
    """Make `handler` responsible for work items of `kind`.

    With a number, an agent holds so many of this kind beside what they hold of others, unless a
    `ChannelCapacity` of that kind says otherwise. `label` is what one of it is called, `home` the
    group it goes to when no rule places it, in words.
    """
    _handlers[kind] = handler
    kinds.declare(kinds.Kind(kind, label, capacity, home))
    if capacity is not None:
        register_channel_kinds([(kind, label)])


def unregister(kind: str) -> None:
    """Nobody is responsible any more."""
    _handlers.pop(kind, None)
    _channel_kinds.pop(kind, None)
    kinds.forget(kind)


def handler_of(kind: str) -> WorkHandler:
    """The handler of `kind`. Raises `KeyError` when nobody registered."""
    return _handlers[kind]


def register_channel_kinds(kinds: Sequence[tuple[str, str]]) -> None:
    """Say which kinds of channel there are: (value, label). A kind of work can stand for one."""
    _channel_kinds.update(kinds)


def channel_kinds() -> list[tuple[str, str]]:
    """The kinds of channel that capacity can be limited for: (value, label)."""
    return list(_channel_kinds.items())
