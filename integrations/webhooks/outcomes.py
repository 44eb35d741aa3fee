"""What an answer means for a delivery: delivered, again later, or given up."""

import datetime as dt
import email.utils
import random
import uuid
from dataclasses import dataclass

from django.utils import timezone

from integrations.models import Delivery

# Seconds before each attempt; after the last one fails the delivery is a dead letter.
SCHEDULE = (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
JITTER = 0.2
MAX_RETRY_AFTER = 24 * 3600
GONE = 410


@dataclass(frozen=True)
class Claim:
    """A delivery in a sender's hands; `claimed_until` proves that it still is."""

    id: int
    endpoint_id: uuid.UUID
    event_id: uuid.UUID
    body: str
    attempts: int
    claimed_until: dt.datetime


@dataclass(frozen=True)
class Answer:
    """How an attempt went: an HTTP status with the start of its body, or an error without one."""

    status: int | None = None
    response: str = ""
    error: str = ""
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        """Only a 2xx is success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The receiver wants no more of this, ever."""
        return self.status == GONE


@dataclass(frozen=True)
class Outcome:
    """What is written back; `delay` is in seconds from then."""

    claim: Claim
    answer: Answer
    state: Delivery.State
    delay: float = 0.0


def decide(claim: Claim, answer: Answer) -> Outcome:
    """The next state of a delivery after one more attempt."""
    if answer.accepted:
        return Outcome(claim, answer, Delivery.State.DELIVERED)
    made = claim.attempts + 1
    if answer.gone or made >= len(SCHEDULE):
        return Outcome(claim, answer, Delivery.State.DEAD)
    return Outcome(claim, answer, Delivery.State.FAILED, delay_before(made, answer.retry_after))


def delay_before(attempt: int, retry_after: float | None = None) -> float:
    """Seconds to wait before the attempt of that index; never less than the receiver asks for."""
    planned = SCHEDULE[attempt] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    return max(planned, retry_after or 0)


def parse_retry_after(value: str | None) -> float | None:
    """Seconds from a `Retry-After` header, a number or a date; None when it says nothing."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        # The length is cut before int(), which refuses very long numbers.
        seconds = float(int(value.strip()[:9]))
    else:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        seconds = (moment - timezone.now()).total_seconds()
    return min(seconds, MAX_RETRY_AFTER) if seconds > 0 else None
