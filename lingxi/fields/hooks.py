"""What the kernel cannot know: whether a file or a customer exists, and what they are called.

The apps that have them register here when they are ready.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reference:
    """What an id stands for. `media_type` is that of a file; `url` may be empty."""

    name: str
    url: str = ""
    media_type: str = ""


Check = Callable[[uuid.UUID, Any], Reference | None]
"""Given the id and the person (None: the system), what it stands for; None when there is no such
thing or the person may not see it."""

_checks: dict[str, Check] = {}


def register_file_check(check: Check) -> None:
    """Say what a file id stands for."""
    _checks["file"] = check


def register_customer_check(check: Check) -> None:
    """Say what a customer id stands for."""
    _checks["customer"] = check


def reference_of(kind: str, found: uuid.UUID, user: Any) -> Reference | None:
    """What the id stands for, as the person may see it; None without an answer."""
    check = _checks.get(kind)
    return check(found, user) if check else None
