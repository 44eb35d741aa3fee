"""Which group and agent a ticket belongs to, and the work item of routing that says so.

A ticket that is worked on has one open work item: waiting in the queue of its group, or assigned to
its assignee. It ends when the ticket is resolved, closed or merged, and comes back with it. All is
done in the transaction that changes the ticket, which is locked first; then the work items, then
the agents.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from conversations.notices import notify, supervisors_of_group
from lingxi.errors import Invalid
from routing import queue
from routing.assignment import rerun_for_agents_on_commit
from routing.models import Agent, Membership, SkillGroup, WorkItem, WorkState
from routing.strategy import Decision, decide
from routing.takeover import hand_to
from routing.tasks import assign_soon_on_commit
from tickets.facts import facts_of, path_of, source_of
from tickets.models import EntryKind, Priority, Ticket
from tickets.routed import KIND, tell
from tickets.service.change import Change

# Levels of priority in the queue; a rule of the strategy adds to them.
HEAD_START = {Priority.LOW: -20, Priority.NORMAL: 0, Priority.HIGH: 20, Priority.URGENT: 40}


def on_change(change: Change) -> None:
    """Listener of every change: routing follows what became of the ticket."""
    ticket = change.ticket
    if "created" in change.kinds:
        if _is_routed(ticket):
            place(change)
    elif not _is_routed(ticket):
        if _was_routed(change.before):
            change.after(lambda: _leave(ticket))
    elif not _was_routed(change.before):
        _come_back(change)
    elif "edited" in change.kinds:
        _follow_edit(change)


def _is_routed(ticket: Ticket) -> bool:
    return ticket.is_active and ticket.merged_into_id is None


def _was_routed(before: Mapping[str, Any]) -> bool:
    return before["category"] not in {"resolved", "closed"} and before["merged_into_id"] is None


# -- where a new ticket goes -----------------------------------------------------------------------


def place(change: Change) -> None:
    """Send a new ticket to whom its maker wants, else where the strategy says."""
    ticket = change.ticket
    if change.wanted_agent is not None or change.wanted_group is not None:
        agent = change.wanted_agent
        _belong(change, agent, _group_for(ticket, agent, change.wanted_group))
        change.after(lambda: _follow(change, "manual"))
        return
    facts = facts_of(ticket, change.conversation)
    decision = decide(KIND, ticket.pk, facts, default_group(ticket))
    _go_to(change, decision)
    change.after(lambda: _enter(ticket, facts, decision))


def default_group(ticket: Ticket) -> SkillGroup:
    """Where it goes when no rule places it: the group of its issue type, else of its type."""
    found = [one.group for one in path_of(ticket.issue_type) if one.group is not None]
    return found[-1] if found else ticket.type.group


def _go_to(change: Change, decision: Decision) -> None:
    """The group, tags and notices of a decision."""
    ticket = change.ticket
    if decision.group_id != ticket.group_id:
        change.set("group", SkillGroup.objects.get(pk=decision.group_id), "assigned")
    missing = [tag for tag in decision.tags if tag not in ticket.tags]
    if missing:
        change.set("tags", [*ticket.tags, *missing])
    for one in decision.notices:
        if one.agent_id is not None:
            agents = Agent.objects.select_related("user").filter(pk=one.agent_id)
            people: list[Any] = [agent.user for agent in agents]
        else:
            people = supervisors_of_group(ticket.group)
        change.after(partial(_notify, ticket, people, one.text))


def _notify(ticket: Ticket, people: list[Any], text: str) -> None:
    notify(people, text, url=f"/tickets/{ticket.reference}/")


def _enter(ticket: Ticket, facts: Mapping[str, Any], decision: Decision) -> None:
    _enqueue(ticket, facts, decision)


def _enqueue(
    ticket: Ticket, facts: Mapping[str, Any] | None = None, decision: Decision | None = None
) -> WorkItem:
    item = queue.enqueue(
        KIND,
        ticket.pk,
        ticket.group,
        facts,
        HEAD_START[Priority(ticket.priority)],
        decision=decision,
    )
    assign_soon_on_commit(ticket.group_id)
    return item


# -- by hand ---------------------------------------------------------------------------------------


def give(
    change: Change,
    *,
    agent: Agent | None = None,
    group: SkillGroup | None = None,
    note: str = "",
    why: str = "manual",
) -> None:
    """Give the locked ticket of an open change to an agent, present or not, or to a group's queue.

    With an agent alone it stays in its group where they are a member, and else goes with them.
    Raises `Invalid` for a closed account, and for an agent who is not of the group.
    """
    target = _group_for(change.ticket, agent, group)
    _belong(change, agent, target)
    change.entry(EntryKind.ASSIGNED, {"changes": change.changes, "note": note})
    if _is_routed(change.ticket):
        change.after(lambda: _follow(change, why))


def _group_for(ticket: Ticket, agent: Agent | None, group: SkillGroup | None) -> SkillGroup:
    if agent is None:
        return group or ticket.group
    if not agent.user.is_active:
        raise Invalid("该坐席的账号已停用", fields={"assignee": ["账号已停用"]})
    groups = list(agent.groups.order_by("name"))
    if group is not None:
        if group not in groups:
            raise Invalid(
                f"{agent.name} 不是 {group.name} 的成员", fields={"assignee": ["不是该组成员"]}
            )
        return group
    return ticket.group if ticket.group in groups or not groups else groups[0]


def _belong(change: Change, agent: Agent | None, group: SkillGroup) -> None:
    change.set("group", group, "assigned")
    change.set("assignee", agent, "assigned")


def _follow(change: Change, why: str) -> None:
    """Make the work item what the ticket says, which is saved."""
    ticket, agent = change.ticket, change.ticket.assignee
    if agent is None:
        _requeue(ticket)
        return
    items = WorkItem.objects.filter(kind=KIND, item_id=ticket.pk, state=WorkState.ASSIGNED)
    if items.filter(agent=agent, group=ticket.group).exists():
        return
    hand_to(KIND, ticket.pk, agent, ticket.group, why=why, left="reassigned")
    if change.by.user is None or agent.user_id != change.by.user.pk:
        tell(ticket, agent)


def _requeue(ticket: Ticket) -> None:
    """Into the queue of its group; one that waits there keeps its place."""
    rows = WorkItem.objects.filter(kind=KIND, item_id=ticket.pk)
    if rows.filter(state=WorkState.WAITING, group=ticket.group).exists():
        return
    ended = queue.leave(KIND, ticket.pk, "reassigned")
    held = [item.agent_id for item in ended if item.agent_id is not None]
    item = _enqueue(ticket, facts_of(ticket, source_of(ticket)))
    if held:
        # Who has just given it away is asked last: see `routing.offers.expire`.
        item.declined_by, item.declined_at = held, item.enqueued_at
        item.save(update_fields=["declined_by", "declined_at"])
    rerun_for_agents_on_commit(held)


# -- what becomes of it ----------------------------------------------------------------------------


def _leave(ticket: Ticket) -> None:
    """Resolved, closed or merged: whoever held it has room again."""
    ended = queue.leave(KIND, ticket.pk, "merged" if ticket.merged_into_id else ticket.category)
    rerun_for_agents_on_commit([item.agent_id for item in ended if item.agent_id is not None])


def _come_back(change: Change) -> None:
    """Reopened: to the last assignee while they are of the group, else into its queue."""
    ticket, agent = change.ticket, change.ticket.assignee
    if agent is not None and not _still_there(agent, ticket.group):
        change.set("assignee", None, "assigned")
    change.after(lambda: _follow(change, "returned"))


def _still_there(agent: Agent, group: SkillGroup) -> bool:
    if not agent.user.is_active:
        return False
    return Membership.objects.filter(agent=agent, skillgroup=group).exists()


def _follow_edit(change: Change) -> None:
    """Another issue type is decided on again while nobody works on it; priority moves its place."""
    ticket, before = change.ticket, change.before
    item = (
        WorkItem.objects.waiting()
        .select_for_update(of=("self",), no_key=True)
        .select_related("version")
        .filter(kind=KIND, item_id=ticket.pk)
        .first()
    )
    if item is None:
        return
    if before["issue_type_id"] != ticket.issue_type_id and item.decision:
        _decide_again(change, item)
    elif before["priority"] != ticket.priority:
        steps = HEAD_START[Priority(ticket.priority)] - HEAD_START[Priority(before["priority"])]
        most = queue.MOST_PRIORITY
        queue.set_priority(KIND, ticket.pk, max(-most, min(most, item.priority + steps)))


def _decide_again(change: Change, item: WorkItem) -> None:
    ticket = change.ticket
    facts = facts_of(ticket, source_of(ticket))
    decision = decide(KIND, ticket.pk, facts, default_group(ticket), version=item.version)
    _go_to(change, decision)

    def go() -> None:
        queue.end([item], "decided_again")
        entered = _enqueue(ticket, facts, decision)
        # Deciding again must not cost the place in time.
        entered.enqueued_at = item.enqueued_at
        entered.rank_at = queue.rank(item.enqueued_at, entered.priority, ticket.group)
        entered.save(update_fields=["enqueued_at", "rank_at"])

    change.after(go)
