"""The queue of deliveries in the database: take what is due, write back how it went.

Each function is one statement, so there is nothing to undo when the process dies between them:
a taken row is free again when its lease runs out. All times are the database's.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from integrations.models import Endpoint
from integrations.webhooks.outcomes import Claim, Outcome
from lingxi.access.masking import mask_text

# The ids come as an array, not a join: the planner cannot know how few they are.
_TAKE = """
UPDATE integrations_delivery d
SET state = 'sending',
    claimed_until = clock_timestamp() + (e.timeout_seconds + %(grace)s) * interval '1 second'
FROM integrations_endpoint e
WHERE e.id = d.endpoint_id AND d.id = ANY(ARRAY(
    SELECT due.id
    FROM unnest(%(endpoints)s::uuid[], %(places)s::int[]) AS room(endpoint_id, places)
    CROSS JOIN LATERAL (
        SELECT id FROM integrations_delivery
        WHERE endpoint_id = room.endpoint_id AND state IN ('pending', 'failed')
          AND next_attempt_at <= now()
        ORDER BY next_attempt_at, id
        LIMIT room.places
        FOR UPDATE SKIP LOCKED
    ) AS due
))
RETURNING d.id, d.endpoint_id, d.event_id, d.body, d.attempts, d.claimed_until
"""

_RELEASE = """
UPDATE integrations_delivery
SET state = CASE WHEN attempts = 0 THEN 'pending' ELSE 'failed' END, claimed_until = NULL
WHERE id = ANY(ARRAY(
    SELECT id FROM integrations_delivery
    WHERE state = 'sending' AND claimed_until < now()
    ORDER BY claimed_until
    LIMIT 1000
    FOR UPDATE SKIP LOCKED
))
"""

_SETTLE = """
UPDATE integrations_delivery d
SET state = r.state,
    attempts = d.attempts + 1,
    next_attempt_at = now() + r.delay * interval '1 second',
    claimed_until = NULL,
    last_status = r.status,
    last_error = r.error,
    last_response = r.response,
    delivered_at = CASE WHEN r.state = 'delivered' THEN now() END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::float8[], %s::int[], %s::text[],
            %s::text[]) AS r(id, claimed_until, state, delay, status, error, response)
WHERE d.id = r.id AND d.state = 'sending' AND d.claimed_until = r.claimed_until
"""


def take(places: Mapping[uuid.UUID, int], grace: float) -> list[Claim]:
    """Claim due deliveries, for each endpoint at most as many as it has places.

    A claim holds for the endpoint's time-out and `grace` seconds more.
    """
    if not places:
        return []
    parameters: dict[str, Any] = {
        "endpoints": list(places),
        "places": list(places.values()),
        "grace": grace,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, parameters)
        return [Claim(*row) for row in cursor.fetchall()]


def release_expired() -> int:
    """Free the rows of senders that died; the number freed."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE)
        return cursor.rowcount


def settle(outcomes: Sequence[Outcome]) -> int:
    """Write results back; the number written.

    A claim that was lost meanwhile, to another sender or to a person who pressed "redeliver",
    is left as it is: whoever has the row now says how it ends.
    """
    if not outcomes:
        return 0
    rows = [
        (
            one.claim.id,
            one.claim.claimed_until,
            one.state.value,
            one.delay,
            one.answer.status,
            mask_text(one.answer.error)[:500],
            mask_text(one.answer.response),
        )
        for one in outcomes
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [list(column) for column in zip(*rows, strict=True)])
        written = cursor.rowcount
    _switch_off({one.claim.endpoint_id for one in outcomes if one.answer.gone})
    return written


def _switch_off(endpoint_ids: set[uuid.UUID]) -> None:
    if endpoint_ids:
        Endpoint.objects.active().filter(id__in=endpoint_ids).update(
            is_active=False, disabled_reason="接收方返回 410 Gone，已自动停用"
        )
