"""Kinds of jobs. An app registers its own in its module `jobs`, which is found by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lingxi.jobs.work import Work

Run = Callable[["Work"], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a job does. `template` shows its result, given `job`; empty: its texts one by one."""

    name: str
    title: str
    run: Run
    permission: str = ""
    template: str = ""


KINDS: dict[str, Kind] = {}


def register(
    name: str, *, title: str, permission: str = "", template: str = ""
) -> Callable[[Run], Run]:
    """Decorate what does jobs of this kind; what it returns is the job's result (JSON).

    With a `permission`, who asks for the job must have it, must have it still when the job is
    done, and when they fetch its file. Raises `ValueError` for a name that is taken.
    """

    def decorate(run: Run) -> Run:
        if name in KINDS and KINDS[name].run is not run:
            raise ValueError(f"there is a job {name} already")
        KINDS[name] = Kind(name, title, run, permission, template)
        return run

    return decorate
