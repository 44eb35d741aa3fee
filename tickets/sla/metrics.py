"""How many clocks were kept: `sla_compliance` of metrics.md, for reports to build on."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from tickets.models.sla import SlaClock


@dataclass(frozen=True, slots=True)
class Compliance:
    """Clocks that were met in time, and those that were breached. The others are undecided."""

    met: int
    breached: int

    @property
    def rate(self) -> float | None:
        """met ÷ (met + breached); None when nothing was decided."""
        decided = self.met + self.breached
        return self.met / decided if decided else None


def compliance(
    clocks: QuerySet[SlaClock], since: dt.datetime | None = None, until: dt.datetime | None = None
) -> Compliance:
    """Of the clocks with a target that were decided from `since` to before `until`.

    A breach is decided when it happens and counts whether or not it was met afterwards; the rest
    when it is met. What runs, is paused or was cancelled counts as neither.
    """
    targeted = Q(target_seconds__isnull=False)
    met = targeted & Q(breached_at=None, met_at__isnull=False, **_within("met_at", since, until))
    breached = targeted & Q(breached_at__isnull=False, **_within("breached_at", since, until))
    found = clocks.order_by().aggregate(
        met=Count("pk", filter=met), breached=Count("pk", filter=breached)
    )
    return Compliance(found["met"], found["breached"])


def _within(name: str, since: dt.datetime | None, until: dt.datetime | None) -> dict[str, Any]:
    bounds = {f"{name}__gte": since, f"{name}__lt": until}
    return {key: value for key, value in bounds.items() if value is not None}
