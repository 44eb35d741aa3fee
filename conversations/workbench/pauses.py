"""What an agent may know of breaks: reasons to choose from, what waits, how long it may last."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, FilteredRelation, Q

from routing.models import Agent, AgentStatus, BreakReason, BreakRequestState


@dataclass(frozen=True)
class Breaks:
    """`pending` is the reason of the request that waits for a decision, "" when none does.

    `since` is in milliseconds since 1970, `limit` in seconds; 0: not on a break, no limit.
    """

    reasons: Sequence[BreakReason]
    pending: str = ""
    since: int = 0
    limit: int = 0


def breaks_of(agent: Agent) -> Breaks:
    """As the status switch shows it; one query."""
    asked = Q(breakrequest__agent=agent, breakrequest__state=BreakRequestState.PENDING)
    every = list(
        BreakReason.objects.annotate(
            asked=FilteredRelation("breakrequest", condition=asked)
        ).annotate(asked_id=F("asked__id"))
    )
    offered = [reason for reason in every if reason.is_active]
    pending = next((reason.name for reason in every if reason.asked_id), "")
    if agent.status != AgentStatus.BREAK:
        return Breaks(offered, pending)
    minutes = {reason.name: reason.max_minutes or 0 for reason in every}
    since = round(agent.status_since.timestamp() * 1000)
    return Breaks(offered, pending, since, 60 * minutes.get(agent.status_reason, 0))
