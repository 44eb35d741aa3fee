"""关注: who is told of changes besides the assignee."""

import uuid
from typing import Any

from lingxi.errors import Invalid
from tickets.models import EntryKind, Ticket, Watcher
from tickets.service.actors import By
from tickets.service.change import change_of
from tickets.service.creating import may_see


def watch(ticket_id: uuid.UUID, by: By, user: Any = None) -> None:
    """Have somebody watch the ticket, oneself by default; they may see it from then on.

    Raises `Invalid` for somebody who may see no tickets at all.
    """
    by.check("tickets.edit" if user is not None else "tickets.view")
    may_see(ticket_id, by)
    person = user or by.user
    _refuse_stranger(person)
    with change_of(ticket_id, by) as change:
        _, is_new = Watcher.objects.get_or_create(ticket=change.ticket, user=person)
        if is_new:
            name = person.first_name or person.get_username()
            change.entry(EntryKind.WATCH, {"added": name})


def unwatch(ticket_id: uuid.UUID, by: By, user: Any = None) -> None:
    """Stop watching."""
    by.check("tickets.edit" if user is not None else "tickets.view")
    may_see(ticket_id, by)
    person = user or by.user
    with change_of(ticket_id, by) as change:
        gone, _ = Watcher.objects.filter(ticket=change.ticket, user=person).delete()
        if gone:
            name = person.first_name or person.get_username()
            change.entry(EntryKind.WATCH, {"removed": name})


def _refuse_stranger(person: Any) -> None:
    from lingxi.access.permissions import can

    if person is None or not can(person, "tickets.view"):
        raise Invalid(fields={"user": ["该账号不能查看工单"]})


def watching(ticket: Ticket, user: Any) -> bool:
    """Whether the person watches the ticket."""
    return ticket.watchers.filter(user_id=user.pk).exists()
