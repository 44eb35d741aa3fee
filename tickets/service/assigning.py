"""受理人: giving a ticket to an agent or into a group's queue, by hand."""

import uuid

from lingxi.errors import Conflict, Invalid
from routing.models import Agent, SkillGroup
from tickets.models import Ticket
from tickets.service.actors import By
from tickets.service.change import change_of
from tickets.service.creating import may_see, refuse_merged


def assign(
    ticket_id: uuid.UUID,
    by: By,
    *,
    agent: Agent | None = None,
    group: SkillGroup | None = None,
    note: str = "",
    revision: int | None = None,
) -> Ticket:
    """转派: to `agent` (who need not be there now), or into the queue of `group`.

    With both, to the agent as one of the group. Raises `Invalid`, `Conflict`, `NotFound`,
    `Forbidden`.
    """
    from tickets import assignment

    by.check("tickets.assign")
    may_see(ticket_id, by)
    if agent is None and group is None:
        raise Invalid("请选择受理人或技能组", fields={"assignee": ["必填"]})
    with change_of(ticket_id, by, revision=revision) as change:
        refuse_merged(change.ticket)
        assignment.give(change, agent=agent, group=group, note=note)
    return change.ticket


def claim(ticket_id: uuid.UUID, by: By, agent: Agent) -> Ticket:
    """领取: make an unassigned ticket one's own.

    Raises `Conflict` when somebody else has it or it is done, `NotFound`, `Forbidden`.
    """
    from tickets import assignment

    by.check("tickets.assign")
    may_see(ticket_id, by)
    with change_of(ticket_id, by) as change:
        refuse_merged(change.ticket)
        holder = change.ticket.assignee
        if holder is not None and holder.pk != agent.pk:
            raise Conflict(f"已由 {holder.name} 受理")
        if not change.ticket.is_active:
            raise Conflict("工单已解决或关闭")
        if holder is None:
            assignment.give(change, agent=agent, why="claim")
    return change.ticket
