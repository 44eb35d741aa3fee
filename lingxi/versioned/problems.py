"""What is wrong with the content of a draft."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol, TypeVar

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. Errors refuse saving and publishing, warnings only tell.

    `path` leads into the content, as `0.options.2`; it is empty when it concerns the whole.
    """

    path: str
    message: str
    level: Level = "error"

    def as_dict(self) -> dict[str, str]:
        """As it goes over the wire."""
        return asdict(self)


class AnyProblem(Protocol):
    """What any kind of problem says."""

    @property
    def path(self) -> str:
        """Where."""

    @property
    def message(self) -> str:
        """What."""

    @property
    def level(self) -> Level:
        """How bad."""


P = TypeVar("P", bound=AnyProblem)


def errors_of(problems: Iterable[P]) -> list[P]:
    """Those that refuse."""
    return [problem for problem in problems if problem.level == "error"]


def as_fields(problems: Iterable[AnyProblem], content: str) -> dict[str, Any]:
    """The `fields` of an error: messages by the path of what they are about, under `content`."""
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(f"{content}.{problem.path}".rstrip("."), []).append(problem.message)
    return fields
