"""Which group and agent a ticket belongs to."""

from routing.models import Agent, SkillGroup
from tickets.models import EntryKind
from tickets.service.change import Change


def give(
    change: Change, *, agent: Agent | None = None, group: SkillGroup | None = None, note: str = ""
) -> None:
    """Give the locked ticket of an open change to an agent, or to a group."""
    if group is not None:
        change.set("group", group, "assigned")
    change.set("assignee", agent, "assigned")
    change.entry(EntryKind.ASSIGNED, {"changes": change.changes, "note": note})
