"""What else happens in the transaction of a change. Parts of the app register in `apps.ready`.

A listener is called with the locked ticket after its columns were set and before they are saved,
and may set more of them. It must not lock another ticket.

kinds: created, edited (title, priority, fields, issue type …), status, assigned, commented.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tickets.service.change import Change
    from tickets.workflow import Status

Listener = Callable[["Change"], None]
Guard = Callable[["Change", "Status"], None]
_listeners: list[Listener] = []
_guards: list[Guard] = []


def listen(listener: Listener) -> Listener:
    """Have `listener` called with every change, in the order of registration."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def tell(change: "Change") -> None:
    """Call them all."""
    for listener in _listeners:
        listener(change)


def guard(check: Guard) -> Guard:
    """Have `check` asked before a transition into another status, approved ones too.

    It refuses by raising, in words for the person. What was merged is not asked about.
    """
    if check not in _guards:
        _guards.append(check)
    return check


def ask_guards(change: "Change", status: "Status") -> None:
    """Raises what the first that refuses raises."""
    for check in _guards:
        check(change, status)
