"""What is wrong with rules."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. Errors refuse saving and publishing, warnings only tell.

    `rule_id` is empty when it concerns the whole; `path` leads into the list of rules, as
    `0.when.items.2`.
    """

    rule_id: str
    message: str
    level: Level = "error"
    path: str = ""

    def as_dict(self) -> dict[str, str]:
        """As it goes over the wire."""
        return asdict(self)


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """Those that refuse."""
    return [problem for problem in problems if problem.level == "error"]


def as_fields(problems: Iterable[Problem]) -> dict[str, Any]:
    """The `fields` of an error: messages by the path of what they are about."""
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(f"rules.{problem.path}".rstrip("."), []).append(problem.message)
    return fields
