"""Giving a thing to an agent whatever else is under way: a supervisor takes over."""

import uuid

from django.utils import timezone

from routing import queue
from routing.assignment import lock_agents, rerun_for_agents_on_commit
from routing.models import Agent, SkillGroup, WorkItem, WorkState
from routing.registry import handler_of


def hand_to(
    kind: str, item_id: uuid.UUID, agent: Agent, group: SkillGroup, *, channel_kind: str = ""
) -> WorkItem:
    """End every stay of the thing and make it `agent`'s, inside the caller's transaction.

    The caller has locked the thing. Neither capacity nor presence is asked for: who takes over
    says by it that they are there. Who held or was offered it hears of free room.
    """
    ended = queue.leave(kind, item_id, "taken_over")
    lock_agents({agent.pk, *(item.agent_id for item in ended if item.agent_id)})
    facts = ended[0].facts if ended else {}
    item = queue.enqueue(kind, item_id, group, facts, channel_kind=channel_kind)
    item.agent, item.state, item.assigned_at = agent, WorkState.ASSIGNED, timezone.now()
    chosen = {"agent": str(agent.pk), "name": agent.name}
    item.explanation = {"method": "take_over", "chosen": chosen}
    item.save(update_fields=["agent", "state", "assigned_at", "explanation"])
    handler_of(kind).assigned([item])
    rerun_for_agents_on_commit([one.agent_id for one in ended if one.agent_id])
    return item
