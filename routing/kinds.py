"""Kinds of work: what is routed, and against which capacity of an agent it counts.

Work that is served at once (conversations) shares the capacity that an agent has in general. Work
that stays with an agent for days (tickets) is *lasting*: it has a capacity of its own, else thirty
tickets would keep an agent from every visitor. Nobody sits in front of lasting work and waits; so
it is assigned without being offered first, and does not flow over.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of work.

    `capacity`: how many an agent holds unless set otherwise; None: shared. `home` says in words to
    which group it goes when no rule of its strategy places it.
    """

    name: str
    label: str = ""
    capacity: int | None = None
    home: str = "默认的技能组"

    @property
    def is_lasting(self) -> bool:
        """Whether it has a capacity of its own."""
        return self.capacity is not None


_kinds: dict[str, Kind] = {}


def declare(kind: Kind) -> None:
    """Make a kind known, or known differently."""
    _kinds[kind.name] = kind


def forget(name: str) -> None:
    """Make a kind unknown again."""
    _kinds.pop(name, None)


def of(name: str) -> Kind:
    """The kind of that name; one that nobody declared shares the general capacity."""
    return _kinds.get(name) or Kind(name)


def declared() -> list[Kind]:
    """Every kind, in the order of declaration."""
    return list(_kinds.values())


def label_of(name: str) -> str:
    """What one of the kind is called on the screen."""
    return of(name).label or name


def sharing(name: str = "") -> list[str]:
    """The kinds that count against the same capacity as this one; "": the general capacity."""
    if of(name).is_lasting:
        return [name]
    shared = [kind.name for kind in _kinds.values() if not kind.is_lasting]
    return shared if name in shared or not name else [*shared, name]


def lasting() -> list[str]:
    """The kinds with a capacity of their own."""
    return [kind.name for kind in _kinds.values() if kind.is_lasting]
