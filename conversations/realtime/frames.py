"""The rows of one hint as frames: built once per audience, whoever many watch."""

import uuid
from collections.abc import Sequence
from enum import Enum
from typing import Any

import orjson

from conversations.ingest.log import Row
from conversations.wire import to_wire


class Audience(Enum):
    """Who sees the same bytes."""

    VISITOR = "visitor"
    STAFF = "staff"  # sensitive values masked
    STAFF_PLAIN = "staff_plain"


def dumps(value: Any) -> str:
    """One frame. Times are RFC 3339 in UTC."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()


def events_frame(conversation_id: uuid.UUID, events: Sequence[dict[str, Any]]) -> str:
    """The `events` frame."""
    return dumps({"t": "events", "conversation": str(conversation_id), "events": events})


class Batch:
    """The rows of one conversation in one hint."""

    __slots__ = ("_cache", "conversation_id", "rows")

    def __init__(self, conversation_id: uuid.UUID, rows: Sequence[Row]) -> None:
        self.conversation_id, self.rows = conversation_id, rows
        self._cache: dict[Audience, tuple[int, int, str]] = {}

    def frame(self, audience: Audience) -> tuple[int, int, str]:
        """First seq, last seq and frame for an audience; (0, 0, "") if it may see none."""
        if audience not in self._cache:
            self._cache[audience] = self._build(audience)
        return self._cache[audience]

    def _build(self, audience: Audience) -> tuple[int, int, str]:
        visitor = audience is Audience.VISITOR
        rows = [row for row in self.rows if not visitor or row.visitor_seq is not None]
        if not rows:
            return 0, 0, ""
        plain = audience is not Audience.STAFF
        events = [to_wire(row, for_visitor=visitor, plain=plain) for row in rows]
        return events[0]["seq"], events[-1]["seq"], events_frame(self.conversation_id, events)
