"""The tree of issue types."""

import uuid
from collections import defaultdict
from typing import Any

from tickets.models import IssueType

MAX_DEPTH = 4


def line_of(issue_type: IssueType | None) -> list[IssueType]:
    """The issue type and those above it, itself first."""
    found: list[IssueType] = []
    while issue_type is not None and issue_type not in found:
        found.append(issue_type)
        issue_type = issue_type.parent
    return found


def height_of(issue_type: IssueType) -> int:
    """How many levels it and what is below it take; a query for each level."""
    height, level = 1, [] if issue_type._state.adding else [issue_type.pk]
    while level and height <= MAX_DEPTH:
        level = list(IssueType.objects.filter(parent__in=level).values_list("pk", flat=True))
        height += bool(level)
    return height


def in_order() -> list[uuid.UUID]:
    """The ids of all, each below its parent, brothers by order and name; one query."""
    below: dict[Any, list[uuid.UUID]] = defaultdict(list)
    rows = IssueType.objects.order_by("order", "name", "pk").values_list("pk", "parent_id")
    for pk, parent in rows:
        below[parent].append(pk)
    found: list[uuid.UUID] = []
    stack = list(reversed(below[None]))
    while stack:
        one = stack.pop()
        found.append(one)
        stack += reversed(below[one])
    return found
