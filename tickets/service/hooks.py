"""What else happens in the transaction of a change. Parts of the app register in `apps.ready`.

A listener is called with the locked ticket after its columns were set and before they are saved,
and may set more of them. It must not lock another ticket.

kinds: created, edited (title, priority, fields, issue type …), status, assigned, commented.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickets.service.change import Change

Listener = Callable[["Change"], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> Listener:
    """Have `listener` called with every change, in the order of registration."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def tell(change: "Change") -> None:
    """Call them all."""
    for listener in _listeners:
        listener(change)
