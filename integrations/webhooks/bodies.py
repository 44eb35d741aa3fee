"""What is sent: the JSON text of an event."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

from lingxi.events.models import Event


def body_of(event: Event) -> str:
    """The body of a webhook for `event`, whose payload the outbox has masked already."""
    return render(
        event.type,
        event.event_id,
        event.occurred_at,
        event.payload,
        conversation_id=event.conversation_id,
        customer_id=event.customer_id,
        channel=event.channel,
    )


def render(
    type: str,
    event_id: uuid.UUID,
    occurred_at: dt.datetime,
    payload: Mapping[str, Any],
    *,
    conversation_id: uuid.UUID | None = None,
    customer_id: uuid.UUID | None = None,
    channel: str = "",
) -> str:
    """`{"type", "timestamp", "data"}`; a payload cannot shadow the keys every event has."""
    when = rfc3339(occurred_at)
    common = {
        "event_id": event_id,
        "occurred_at": when,
        "conversation_id": conversation_id,
        "customer_id": customer_id,
        "channel": channel,
    }
    rest = {key: value for key, value in payload.items() if key not in common}
    body = {"type": type, "timestamp": when, "data": {**common, **rest}}
    # Not orjson: a visitor's 1e300 comes back from the database as an integer of 301 digits.
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str)


def rfc3339(moment: dt.datetime) -> str:
    """UTC with microseconds and a Z."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
