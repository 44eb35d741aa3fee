"""The relay: takes pending events to their subscribers.

One transaction per batch holds the events' marks and the subscribers' writes together, so a kill
at any line either undoes both or keeps both. A subscriber that fails is rolled back alone, to its
savepoint, and each of its events gets a row to be tried again.
"""

import datetime as dt

import structlog
from django.db import connection, transaction
from django.utils import timezone

from lingxi.events.models import Event, FailedHandling
from lingxi.events.subscribers import Subscriber, all_subscribers, get_subscriber

logger = structlog.get_logger("lingxi.events.relay")
_LOCK = 0x11C7  # any constant: one relay works at a time, so events stay in order
RETRY_SECONDS = (1, 5, 30, 120, 600, 3600)


def relay_batch(size: int = 1000) -> int:
    """Relay up to `size` pending events; the number taken, 0 when there is nothing to do."""
    with transaction.atomic():
        if not _alone():
            return 0
        events = list(Event.objects.filter(relayed_at=None).order_by("position")[:size])
        for sub in all_subscribers():
            _hand_over(sub, [event for event in events if sub.wants(event)])
        positions = [event.position for event in events]
        Event.objects.filter(position__in=positions).update(relayed_at=timezone.now())
    return len(events)


def retry_failed(size: int = 100) -> int:
    """Try again what failed and is due; the number tried."""
    with transaction.atomic():
        if not _alone():
            return 0
        due = (
            FailedHandling.objects.filter(due_at__lte=timezone.now())
            .select_related("event")
            .order_by("event__position")[:size]
        )
        rows = list(due)
        for row in rows:
            _retry(row)
    return len(rows)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return cursor.fetchone()[0]


def _hand_over(sub: Subscriber, events: list[Event]) -> None:
    if not events:
        return
    try:
        with transaction.atomic():
            sub.handle(events)
    except Exception as exc:
        logger.exception("subscriber failed", subscriber=sub.name, events=len(events))
        if len(events) > 1:
            for event in events:  # find the one that cannot be taken; the rest go through
                _hand_over(sub, [event])
            return
        FailedHandling.objects.create(
            subscriber=sub.name, event=events[0], due_at=_due(1), error=repr(exc)[:2000]
        )


def _retry(row: FailedHandling) -> None:
    sub = get_subscriber(row.subscriber)
    try:
        with transaction.atomic():
            if sub is not None:
                sub.handle([row.event])
            row.delete()
    except Exception as exc:
        row.attempts += 1
        row.due_at, row.error = _due(row.attempts), repr(exc)[:2000]
        row.save(update_fields=["attempts", "due_at", "error"])


def _due(attempts: int) -> dt.datetime:
    seconds = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1]
    return timezone.now() + dt.timedelta(seconds=seconds)
