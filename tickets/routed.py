"""What routing does to tickets: the handler that it calls, with the rows in hand.

A ticket that nobody takes simply waits: it is never offered, and no overflow takes it away.
"""

import uuid
from collections.abc import Sequence

from conversations.notices import notify
from routing import queue, registry
from routing.models import Agent, SkillGroup, WorkItem
from tickets.models import EntryKind, Ticket
from tickets.service.actors import SYSTEM
from tickets.service.change import Change, locked

KIND = "ticket"
CAPACITY = 30  # tickets of an agent, unless set otherwise


class TicketWork:
    """Routing's handler for work items of the kind `ticket`."""

    def lock(self, item_ids: Sequence[uuid.UUID]) -> None:
        """Lock the tickets in the order of their ids."""
        rows = Ticket.objects.select_for_update(of=("self",), no_key=True)
        list(rows.filter(pk__in=item_ids).order_by("pk").values_list("pk"))

    def assigned(self, items: Sequence[WorkItem]) -> None:
        """Each ticket is now `item.agent`'s. One that was given by hand says so already."""
        agents = Agent.objects.in_bulk({item.agent_id for item in items if item.agent_id})
        groups = SkillGroup.objects.in_bulk({item.group_id for item in items})
        for item in items:
            if item.agent_id is not None:
                _give(item, agents[item.agent_id], groups[item.group_id])

    def offered(self, items: Sequence[WorkItem]) -> None:
        """Does not happen: lasting work is assigned at once."""

    def not_taken(self, items: Sequence[WorkItem], outcome: str) -> None:
        """They go on waiting."""

    def moved(self, items: Sequence[WorkItem]) -> None:
        """They wait in `item.group` now."""
        groups = SkillGroup.objects.in_bulk({item.group_id for item in items})
        for item in items:
            change = Change(locked(item.item_id), SYSTEM)
            if change.set("group", groups[item.group_id], "assigned"):
                change.entry(EntryKind.ASSIGNED, {"changes": change.changes})
                change.commit()

    def left_to_bot(self, items: Sequence[WorkItem]) -> None:
        """No bot works on tickets: they go on waiting."""
        _wait_on(items)

    def gone_offline(self, items: Sequence[WorkItem]) -> None:
        """Nobody is to be asked for a message: they go on waiting."""
        _wait_on(items)


def _give(item: WorkItem, agent: Agent, group: SkillGroup) -> None:
    change = Change(locked(item.item_id), SYSTEM)
    changed = [change.set("group", group, "assigned"), change.set("assignee", agent, "assigned")]
    if any(changed):
        change.entry(EntryKind.ASSIGNED, {"changes": change.changes})
        change.commit()
        tell(change.ticket, agent)


def tell(ticket: Ticket, agent: Agent) -> None:
    """A line for the agent, without anything that had to be masked."""
    notify([agent.user], f"工单 {ticket.reference} 已分配给你", url=f"/tickets/{ticket.reference}/")


def _wait_on(items: Sequence[WorkItem]) -> None:
    for item in items:
        queue.enqueue(KIND, item.item_id, item.group, priority=item.priority, like=item)


def register() -> None:
    """Make routing call us."""
    registry.register(
        KIND, TicketWork(), label="工单", capacity=CAPACITY, home="问题分类或工单类型的技能组"
    )
