"""An hour of past traffic: one busy group, one idle."""

import datetime as dt
from typing import Any

from django.utils import timezone

from routing.models import AgentStatus, SkillGroup, StatusPeriod, WorkState
from tests.factories import AgentFactory, WorkItemFactory

UNTIL = timezone.now().replace(microsecond=0) - dt.timedelta(hours=1)
SINCE = UNTIL - dt.timedelta(hours=1)


def traffic(busy: SkillGroup, idle: SkillGroup) -> None:
    """Twenty conversations for one agent of `busy`, every other of high intent."""
    for group in (busy, idle):
        agent = AgentFactory(groups=[group], capacity=1)
        StatusPeriod.objects.create(
            agent=agent, status=AgentStatus.READY, started_at=SINCE, ended_at=UNTIL
        )
    for number in range(20):
        at = SINCE + dt.timedelta(seconds=30 * number)
        WorkItemFactory(
            group=busy,
            agent=AgentFactory(),
            state=WorkState.DONE,
            enqueued_at=at,
            assigned_at=at + dt.timedelta(seconds=10),
            finished_at=at + dt.timedelta(seconds=60),
            facts={"intent": "high" if number % 2 else "low"},
        )


def rule_to(group: SkillGroup | None, *conditions: dict[str, Any]) -> dict[str, Any]:
    """High intent goes to `group`, or what the conditions say."""
    high = {"fact": "intent", "subject": "", "operator": "is", "value": "high"}
    return {
        "id": "r1",
        "name": "高意向客户",
        "enabled": True,
        "when": {"match": "all", "items": list(conditions) or [high]},
        "then": [{"action": "enqueue", "params": {"group": str(group.id) if group else ""}}],
    }
