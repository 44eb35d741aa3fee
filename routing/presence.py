"""Agents' status and the leases that prove they are there."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from lingxi.errors import Invalid
from lingxi.ids import new_id
from routing import breaks
from routing.assignment import rerun_for_agents_on_commit
from routing.models import Agent, AgentStatus, Presence
from routing.statuses import change_status


def _expiry() -> dt.datetime:
    return timezone.now() + dt.timedelta(seconds=settings.LINGXI["LEASE"])


def connect(agent_id: uuid.UUID) -> uuid.UUID:
    """Open a lease for a new connection; its id."""
    lease = Presence.objects.create(id=new_id(), agent_id=agent_id, expires_at=_expiry())
    with transaction.atomic():
        rerun_for_agents_on_commit([agent_id])
    return lease.id


def renew(lease_ids: Iterable[uuid.UUID], agents: dict[uuid.UUID, uuid.UUID]) -> None:
    """Prolong leases; one that had expired meanwhile is opened again. `agents`: lease → agent."""
    rows = [Presence(id=pk, agent_id=agents[pk], expires_at=_expiry()) for pk in lease_ids]
    Presence.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=["expires_at"]
    )


def disconnect(lease_ids: Iterable[uuid.UUID]) -> None:
    """End leases."""
    Presence.objects.filter(id__in=list(lease_ids)).delete()


def set_status(agent: Agent, status: str, reason: str = "") -> Agent:
    """Change an agent's status and route again; the agent as they are afterwards.

    A break for a reason that needs approval is asked for instead (`breaks`), and the status
    stays. Who goes offline takes back what they asked for. Raises `Invalid`, and `Conflict`
    where `breaks.ask` does.
    """
    if status not in AgentStatus.values:
        raise Invalid(fields={"status": ["不是有效的状态"]})
    reason = reason.strip()
    with transaction.atomic():
        locked = Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
        if status == AgentStatus.BREAK:
            asked = breaks.reason_to_ask_for(locked, reason)
            if asked is not None:
                breaks.ask(locked, asked)
                return locked
        elif status == AgentStatus.OFFLINE:
            breaks.withdraw_pending(locked)
        change_status(locked, status, reason)
    return locked


def set_capacity(agent: Agent, capacity: int) -> Agent:
    """Change how many an agent can hold; those held beyond it stay. Raises `Invalid`."""
    if not 1 <= capacity <= 200:
        raise Invalid(fields={"capacity": ["1 到 200 之间"]})
    with transaction.atomic():
        Agent.objects.filter(pk=agent.pk).update(capacity=capacity)
        rerun_for_agents_on_commit([agent.pk])
    agent.capacity = capacity
    return agent


def sweep_gone() -> list[uuid.UUID]:
    """Remove dead leases; agents gone for `AGENT_GONE_AFTER` seconds are set offline.

    Returns the agents set offline. They keep what they hold; the caller decides about that.
    """
    now = timezone.now()
    grace = dt.timedelta(seconds=settings.LINGXI["AGENT_GONE_AFTER"])
    leases = Presence.objects.filter(agent=OuterRef("pk"), expires_at__gt=now - grace)
    gone = Agent.objects.exclude(status=AgentStatus.OFFLINE).filter(
        ~Exists(leases), status_since__lt=now - grace
    )
    ids = list(gone.values_list("id", flat=True))
    for agent in Agent.objects.filter(id__in=ids):
        set_status(agent, AgentStatus.OFFLINE, "连接中断")
    Presence.objects.filter(expires_at__lt=now - grace).delete()
    return ids
