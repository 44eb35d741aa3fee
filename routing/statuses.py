"""Changing an agent's status, with everything that follows from it in the same transaction."""

import datetime as dt

from django.db import transaction
from django.db.models import Min, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from lingxi.events.outbox import emit
from routing.assignment import rerun_for_agents_on_commit
from routing.models import Agent, AgentStatus, Membership, PickingMethod, StatusPeriod

_WRITTEN = ["status", "status_reason", "status_since", "ready_since", "turn_at", "missed"]


def change_status(agent: Agent, status: str, reason: str = "") -> None:
    """Give a locked agent another status, inside the caller's transaction, and route again.

    Saying the same again changes nothing. Another reason alone begins a new period, but not the
    status anew.
    """
    now, reason = timezone.now(), reason[:80]
    if (agent.status, agent.status_reason) != (status, reason):
        _begin_period(agent, status, reason, now)
    if agent.status != status:
        agent.status_since = now
        if status == AgentStatus.READY:
            _become_ready(agent, now)
    agent.status, agent.status_reason = status, reason
    agent.save(update_fields=_WRITTEN)
    emit("agent.status_changed", payload={"agent": str(agent.id), "status": status})
    rerun_for_agents_on_commit([agent.id])
    if status in {AgentStatus.OFFLINE, AgentStatus.BREAK}:
        # After the commit: declining locks the things before the agent, whom we hold.
        transaction.on_commit(lambda: _decline_all(agent), robust=True)


def _decline_all(agent: Agent) -> None:
    """What they were asked moves on at once; should this be killed, it runs out by itself."""
    from routing import offers

    offers.decline_all(agent)


def _begin_period(agent: Agent, status: str, reason: str, now: dt.datetime) -> None:
    agent.status_periods.filter(ended_at__isnull=True).update(ended_at=now)
    StatusPeriod.objects.create(agent=agent, status=status, reason=reason, started_at=now)


def _become_ready(agent: Agent, now: dt.datetime) -> None:
    """The end of the round, and a clean slate."""
    agent.ready_since = agent.turn_at = now
    agent.missed = 0
    catch_up(agent)


def catch_up(agent: Agent) -> None:
    """Who was away, or is new, does not get all that the others of a weighted group were given."""
    others = (
        Membership.objects.filter(skillgroup=OuterRef("skillgroup"))
        .filter(agent__status=AgentStatus.READY)
        .exclude(agent=agent)
        .order_by()
        .values("skillgroup")
        .annotate(least=Min("stride"))
        .values("least")
    )
    Membership.objects.filter(agent=agent, skillgroup__picking=PickingMethod.WEIGHTED).update(
        stride=Greatest("stride", Coalesce(Subquery(others), "stride"))
    )
