"""Tickets as the API answers them: plain data, masked for who asks."""

from collections.abc import Iterable
from typing import Any

from lingxi.access.masking import for_viewer
from lingxi.access.permissions import role_of
from tickets.forms import form_of_ticket
from tickets.models import Comment, Entry, IssueType, Priority, Ticket, TicketType
from tickets.workflows import workflow_of


def ticket_answer(ticket: Ticket, user: Any) -> dict[str, Any]:
    """A ticket; its related rows are loaded (`service.change.RELATED`)."""
    form = form_of_ticket(ticket)
    status = workflow_of(ticket).status(ticket.status)
    words = {
        "title": ticket.title,
        "description": ticket.description,
        "tags": list(ticket.tags),
        "requester": _named(
            ticket.requester_id, ticket.requester and ticket.requester.display_name
        ),
    }
    return {
        "id": str(ticket.pk),
        "number": ticket.reference,
        "type": ticket.type.key,
        **for_viewer(user, words),
        "priority": Priority(ticket.priority).wire,
        "status": {"key": status.key, "name": status.name, "category": str(ticket.category)},
        "issue_type": _named(ticket.issue_type_id, ticket.issue_type and ticket.issue_type.name),
        "fields": form.visible(ticket.fields, user) if form else {},
        "fields_version": form.number if form else None,
        "group": _named(ticket.group_id, ticket.group.name),
        "assignee": _named(ticket.assignee_id, ticket.assignee and ticket.assignee.name),
        "source": ticket.source,
        "parent": ticket.parent.reference if ticket.parent else None,
        "merged_into": ticket.merged_into.reference if ticket.merged_into else None,
        "urges": ticket.urges,
        "reopens": ticket.reopens,
        "due_at": ticket.due_at,
        "is_breached": ticket.is_breached,
        "revision": ticket.revision,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "first_replied_at": ticket.first_replied_at,
        "resolved_at": ticket.resolved_at,
        "closed_at": ticket.closed_at,
    }


def _name_of(ticket: Ticket) -> str:
    return ticket.requester.display_name if ticket.requester else ""


def _named(pk: Any, name: Any) -> dict[str, str] | None:
    return {"id": str(pk), "name": name} if pk else None


def comment_answer(comment: Comment, user: Any) -> dict[str, Any]:
    """A comment with its files."""
    return {
        "id": str(comment.pk),
        "is_public": comment.is_public,
        "text": for_viewer(user, comment.text),
        "author": {"kind": comment.actor_kind, "name": for_viewer(user, comment.actor_name)},
        "files": [file_answer(one) for one in comment.files.all()],
        "created_at": comment.created_at,
    }


def file_answer(file: Any) -> dict[str, Any]:
    """A file of a ticket; `url` asks again who may see it."""
    attachment = file.attachment
    return {
        "id": str(attachment.pk),
        "name": attachment.name,
        "size": attachment.size,
        "media_type": attachment.media_type,
        "is_public": file.is_public,
    }


def entry_answer(entry: Entry, user: Any) -> dict[str, Any]:
    """An entry of the timeline."""
    return {
        "revision": entry.revision,
        "kind": entry.kind,
        "data": for_viewer(user, entry.data),
        "is_public": entry.is_public,
        "by": {"kind": entry.actor_kind, "name": for_viewer(user, entry.actor_name)},
        "created_at": entry.created_at,
    }


def type_answer(type: TicketType, user: Any) -> dict[str, Any]:
    """A type with its form and its statuses, as new tickets get them."""
    from tickets.forms import form_in_force
    from tickets.workflows import compiled

    form = form_in_force(type)
    workflow = compiled(type.current_id) if type.current_id else None
    return {
        "key": type.key,
        "name": type.name,
        "description": type.description,
        "default_priority": Priority(type.default_priority).wire,
        "fields_version": form.number if form else None,
        "fields": [_field(one) for one in form.fields if one.sees(role_of(user))] if form else [],
        "statuses": [
            {"key": one.key, "name": one.name, "category": str(one.category)}
            for one in (workflow.statuses.values() if workflow else ())
        ],
    }


def _field(one: Any) -> dict[str, Any]:
    """A definition, as far as somebody who fills in the form needs it."""
    told = {name: getattr(one, name) for name in _TOLD}
    told["options"] = [
        {"value": option.value, "label": option.label}
        for option in one.options
        if not option.retired
    ]
    return {name: value for name, value in told.items() if value not in ("", None, [])}


_TOLD = (
    "key",
    "type",
    "label",
    "help",
    "section",
    "required",
    "default",
    "pattern",
    "min",
    "max",
    "decimals",
    "currency",
    "max_length",
)


def issue_types_answer(rows: Iterable[IssueType]) -> list[dict[str, Any]]:
    """The active tree as a flat list, parents before children, with whole paths."""
    by_parent: dict[Any, list[IssueType]] = {}
    for row in rows:
        by_parent.setdefault(row.parent_id, []).append(row)
    found: list[dict[str, Any]] = []

    def walk(parent: Any, path: str) -> None:
        for row in by_parent.get(parent, ()):
            here = f"{path} / {row.name}" if path else row.name
            found.append({"id": str(row.pk), "name": row.name, "path": here})
            walk(row.pk, here)

    walk(None, "")
    return found
