"""The admin pages of one model. Part of the oracle."""

from dataclasses import dataclass

from tests.access.oracle import LEADERS, NOBODY


@dataclass(frozen=True)
class Page:
    """The pages of one model: who may do what, and the row that is asked for."""

    thing: str
    view: frozenset[str] = LEADERS
    change: frozenset[str] = NOBODY
    add: frozenset[str] = NOBODY
    delete: frozenset[str] = NOBODY
    needs: str = ""  # whose right to see it goes with
    lists: tuple[tuple[str, str], ...] = ()
    shows: tuple[tuple[str, str], ...] = ()
