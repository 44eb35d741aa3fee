"""What is said of a type of event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EventType:
    """A type of event: its name on the wire, what it tells, and a payload to test with."""

    name: str
    label: str
    description: str
    example: Mapping[str, Any]
