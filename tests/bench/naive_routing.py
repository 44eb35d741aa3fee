"""The baseline of routing: rules read for each decision, one ORM transaction per assignment.

As a first version is written: the rules come from the database each time and are interpreted, live
numbers are counted when a condition asks, and each item looks for its agent with a query over all
candidates. The effects on the conversation are the product's own, so that both do the same.
"""

import re
import time
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from routing.models import Agent, Presence, Strategy, WorkItem
from routing.registry import handler_of


def decide(kind: str, facts: dict[str, Any], group_id: Any) -> tuple[uuid.UUID, int]:
    """The group's id and the priority."""
    version = Strategy.objects.select_related("current").get(kind=kind).current
    assert version is not None
    for rule in version.rules:
        checks = [_holds(one, facts) for one in rule["when"]["items"]]
        if all(checks) if rule["when"]["match"] == "all" else any(checks):
            done = {act["action"]: act["params"] for act in rule["then"]}
            return uuid.UUID(done["enqueue"]["group"]), done.get("priority", {}).get("by", 0)
    return group_id, 0


def _holds(condition: dict[str, Any], facts: dict[str, Any]) -> bool:
    value = _value(condition, facts)
    wanted = condition["value"]
    match condition["operator"]:
        case "in":
            return value in wanted
        case ">=":
            return value >= wanted
        case "contains":
            return wanted.lower() in value.lower()
        case "contains_any":
            return any(word.lower() in value.lower() for word in wanted)
        case _:
            return re.search(wanted, value) is not None


def _value(condition: dict[str, Any], facts: dict[str, Any]) -> Any:
    if condition["fact"] == "group_waiting":
        return WorkItem.objects.filter(state="waiting", group=condition["subject"]).count()
    return facts[condition["fact"]]


@transaction.atomic
def assign(pk: Any) -> bool:
    """Decide on one item and give it to the least busy agent of its group."""
    item = WorkItem.objects.select_for_update(of=("self",)).get(pk=pk)
    group, priority = decide(item.kind, item.facts, item.group_id)
    item.group_id, item.priority = group, priority
    handler_of(item.kind).lock([item.item_id])
    lease = Presence.objects.filter(agent=OuterRef("pk"), expires_at__gt=timezone.now())
    agent = (
        Agent.objects.filter(Exists(lease), groups=group, status="ready")
        .annotate(load=Count("workitem", filter=Q(workitem__state__in=["assigned", "offered"])))
        .order_by("load", "ready_since")
        .first()
    )
    if agent is None or agent.load >= agent.capacity:
        item.save()
        return False
    item.agent, item.state, item.assigned_at = agent, "assigned", timezone.now()
    item.save()
    handler_of(item.kind).assigned([item])
    return True


def decide_and_assign(part: int, of: int, most: int) -> int:
    """Every `of`-th waiting item, at most so many."""
    ids = list(WorkItem.objects.waiting().values_list("id", flat=True))[part::of][:most]
    return sum(assign(pk) for pk in ids)


def decisions(items: list[tuple[dict[str, Any], Any]]) -> list[float]:
    """Seconds that each decision took."""
    took = []
    for facts, group_id in items:
        start = time.perf_counter()
        decide("conversation", facts, group_id)
        took.append(time.perf_counter() - start)
    return took
