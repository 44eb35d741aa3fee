"""Writing events."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from lingxi.access.masking import mask_json
from lingxi.events.models import Event


def emit(
    type: str,
    *,
    conversation_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    channel: str = "",
    payload: Mapping[str, Any] | None = None,
) -> Event:
    """Record an event in the current transaction; the payload is masked here, once for all."""
    return emit_many(
        [
            Event(
                type=type,
                conversation_id=conversation_id,
                customer_id=customer_id,
                channel=channel,
                payload=dict(payload or {}),
            )
        ]
    )[0]


def emit_many(events: Iterable[Event]) -> list[Event]:
    """Record several at once. Raises `TransactionManagementError` outside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An event is emitted with its cause.")
    rows = list(events)
    for row in rows:
        row.payload = mask_json(row.payload)
    return Event.objects.bulk_create(rows)
