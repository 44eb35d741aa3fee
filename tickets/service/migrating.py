"""Bringing a ticket to another version of its type's workflow."""

import uuid
from collections.abc import Mapping

from lingxi.errors import Conflict
from tickets.models import ACTIVE, Ticket, TypeVersion
from tickets.service.actors import By
from tickets.service.change import Change, change_of
from tickets.workflows import compiled

Mapped = Mapping[str, str]


def obstacle(ticket: Ticket, version: TypeVersion, mapped: Mapped) -> str:
    """Why the ticket cannot go to `version`; empty when it can.

    `mapped` says which new status stands for an old one. Statuses of the same key need no entry
    while work goes on in both.
    """
    if ticket.category not in ACTIVE or ticket.merged_into_id is not None:
        return "工单已结束"
    if ticket.approvals.filter(state="pending").exists():
        return "正在审批"
    if target(ticket.status, version, mapped) is None:
        old = compiled(ticket.type_version_id).status(ticket.status).name
        return f"新流程没有状态“{old}”，也没有指定对应的状态"
    return ""


def target(status: str, version: TypeVersion, mapped: Mapped) -> str | None:
    """The status of `version` that a ticket in `status` gets; one in which work goes on."""
    found = compiled(version.pk).statuses.get(mapped.get(status) or status)
    return found.key if found is not None and found.category in ACTIVE else None


def migrate(ticket_id: uuid.UUID, version: TypeVersion, by: By, mapped: Mapped) -> Ticket:
    """Have the ticket go on by `version`, which is published and of the ticket's type.

    Raises `Conflict` saying what stands in the way, `NotFound`.
    """
    by.check("tickets.manage")
    with change_of(ticket_id, by) as change:
        if change.ticket.type_version_id != version.pk:
            reason = obstacle(change.ticket, version, mapped)
            if reason:
                raise Conflict(reason)
            _move(change, version, mapped)
    return change.ticket


def _move(change: Change, version: TypeVersion, mapped: Mapped) -> None:
    ticket = change.ticket
    old = compiled(ticket.type_version_id).status(ticket.status)
    new = compiled(version.pk).status(str(target(ticket.status, version, mapped)))
    change.note("workflow", "流程", f"v{ticket.type_version.number}", f"v{version.number}")
    ticket.type_version = version
    change.kinds.add("edited")
    if (old.key, old.category) == (new.key, new.category):
        return
    # The names of both are known only here: the ticket knows one workflow at a time.
    change.note("status", "状态", old.name, new.name)
    ticket.status, ticket.category = new.key, new.category
    change.kinds.add("status")
