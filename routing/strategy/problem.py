"""What is wrong with rules."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from lingxi.versioned.problems import Level, errors_of
from lingxi.versioned.problems import as_fields as versioned_fields

__all__ = ["Level", "Problem", "as_fields", "errors_of"]


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


def as_fields(problems: Iterable[Problem]) -> dict[str, Any]:
    """The `fields` of an error: messages by the path of what they are about."""
    return versioned_fields(problems, "rules")
