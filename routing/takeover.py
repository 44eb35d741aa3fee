"""Giving a thing to an agent whatever else is under way: a supervisor takes over, or assigns."""

import uuid

from django.utils import timezone

from routing import queue
from routing.assignment import lock_agents, rerun_for_agents_on_commit
from routing.models import Agent, SkillGroup, WorkItem, WorkState
from routing.registry import handler_of


def hand_to(
    kind: str,
    item_id: uuid.UUID,
    agent: Agent,
    group: SkillGroup,
    *,
    channel_kind: str = "",
    why: str = "take_over",
    left: str = "taken_over",
) -> WorkItem:
    """End every stay of the thing and make it `agent`'s, inside the caller's transaction.

    The caller has locked the thing. Neither capacity nor presence is asked for: who takes over
    says by it that they are there, and lasting work may be given to somebody who is away. Who held
    or was offered it hears of free room. `why` is kept in the explanation, `left` with the stays
    that end.
    """
    ended = queue.leave(kind, item_id, left)
    lock_agents({agent.pk, *(item.agent_id for item in ended if item.agent_id)})
    facts = ended[0].facts if ended else {}
    item = queue.enqueue(kind, item_id, group, facts, channel_kind=channel_kind)
    item.agent, item.state, item.assigned_at = agent, WorkState.ASSIGNED, timezone.now()
    chosen = {"agent": str(agent.pk), "name": agent.name}
    item.explanation = {"method": why, "chosen": chosen}
    item.save(update_fields=["agent", "state", "assigned_at", "explanation"])
    handler_of(kind).assigned([item])
    rerun_for_agents_on_commit([one.agent_id for one in ended if one.agent_id])
    return item
