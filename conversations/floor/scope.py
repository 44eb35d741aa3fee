"""Which part of the floor a person sees: the same rules as `visible_to`, on rows in memory.

People whose rights are alike get the same part, which is then made only once.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from conversations.floor.snapshot import Row, Snapshot, Table
from conversations.models import State
from conversations.workbench.rows import display_name
from lingxi.access.masking import mask_text, sees_plain
from lingxi.access.models import Scope
from lingxi.access.permissions import can, scope_of
from routing.models import Agent
from routing.querysets import group_ids_of

_WAITS = {"waiting", "offered", *(str(state) for state in (State.QUEUED, State.OFFLINE))}


@dataclass(frozen=True)
class Viewer:
    """What a person may see. `groups` None: all; `agent` is their own row, which matters only
    where they do not see everything."""

    groups: frozenset[str] | None
    whole_groups: bool
    agent: str | None
    plain: bool


Part = dict[str, Table]


def viewer_of(user: Any) -> Viewer | None:
    """The person's view of the floor; None for those who have none."""
    scope = scope_of(user)
    if scope is None or not can(user, "floor.view"):
        return None
    plain = sees_plain(user)
    if scope == Scope.ALL:
        return Viewer(None, True, None, plain)
    agent = Agent.objects.filter(user_id=user.pk).values_list("pk", flat=True).first()
    groups = frozenset(str(pk) for pk in group_ids_of(user))
    return Viewer(groups, scope == Scope.GROUP, str(agent) if agent else None, plain)


def part_of(snapshot: Snapshot, viewer: Viewer) -> Part:
    """The tables as `viewer` may see them."""
    return {
        "groups": {pk: row for pk, row in snapshot.groups.items() if _in(viewer, pk)},
        "agents": {
            pk: _agent(row, viewer)
            for pk, row in snapshot.agents.items()
            if _sees_agent(viewer, row)
        },
        "conversations": {
            pk: _conversation(row, viewer)
            for pk, row in snapshot.conversations.items()
            if _sees_conversation(viewer, row)
        },
    }


def _in(viewer: Viewer, group: str) -> bool:
    return viewer.groups is None or group in viewer.groups


def _sees_agent(viewer: Viewer, row: Row) -> bool:
    """As `AgentQuerySet.visible_to`."""
    if viewer.groups is None or row["id"] == viewer.agent:
        return True
    return any(group in viewer.groups for group in row["groups"])


def _sees_conversation(viewer: Viewer, row: Row) -> bool:
    """As `ConversationQuerySet.visible_to`, without what is only offered or assisted in.

    `home` is the conversation's own group, `serves` who serves it.
    """
    if viewer.groups is None:
        return True
    if viewer.agent is not None and row["serves"] == viewer.agent:
        return True
    if row["home"] not in viewer.groups:
        return False
    return viewer.whole_groups or row["state"] in _WAITS


def _agent(row: Row, viewer: Viewer) -> Row:
    if viewer.groups is None:
        return row
    return {**row, "groups": [group for group in row["groups"] if group in viewer.groups]}


def _conversation(row: Row, viewer: Viewer) -> Row:
    shown = {key: value for key, value in row.items() if key not in {"customer", "home", "serves"}}
    name = display_name(row["name"], uuid.UUID(row["customer"]), plain=viewer.plain)
    shown["name"] = name
    if not viewer.plain:
        shown["text"], shown["vip"] = mask_text(row["text"]), mask_text(row["vip"])
        shown["warnings"] = [{**one, "text": mask_text(one["text"])} for one in row["warnings"]]
    return shown
