"""Writing events."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lingxi.access.masking import mask_json
from lingxi.events.models import Event
from lingxi.ids import new_id
from lingxi.recordset import recordset


@dataclass(slots=True)
class NewEvent:
    """An event to be recorded; see `models.Event`."""

    type: str
    conversation_id: uuid.UUID | None = None
    customer_id: uuid.UUID | None = None
    channel: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    occurred_at: dt.datetime = field(default_factory=timezone.now)
    event_id: uuid.UUID = field(default_factory=new_id)


_INSERT = """
INSERT INTO events_event (event_id, type, occurred_at, conversation_id, customer_id, channel,
                          payload)
SELECT event_id, type, occurred_at, conversation_id, customer_id, channel, payload
FROM json_to_recordset(%s::json)
  AS t(event_id uuid, type text, occurred_at timestamptz, conversation_id uuid,
       customer_id uuid, channel text, payload jsonb)
"""


def emit(
    type: str,
    *,
    conversation_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    channel: str = "",
    payload: Mapping[str, Any] | None = None,
) -> Event:
    """Record an event in the current transaction; the payload is masked here, once for all."""
    _check_transaction()
    return Event.objects.create(
        type=type,
        conversation_id=conversation_id,
        customer_id=customer_id,
        channel=channel,
        payload=mask_json(dict(payload or {})),
    )


def emit_many(events: Iterable[NewEvent]) -> None:
    """Record several at once. Raises `TransactionManagementError` outside a transaction."""
    rows = list(events)
    if not rows:
        return
    _check_transaction()
    for row in rows:
        row.payload = mask_json(row.payload)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [recordset(rows)])


def _check_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An event is emitted with its cause.")
