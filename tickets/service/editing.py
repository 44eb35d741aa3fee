"""Changing what a ticket says: title, description, priority, issue type, tags, custom fields."""

import uuid
from collections.abc import Mapping
from typing import Any

from conversations.models import Customer
from lingxi.errors import Invalid
from tickets.forms import form_in_force, form_of_ticket
from tickets.models import IssueType, Priority, Ticket
from tickets.service.actors import By
from tickets.service.change import Change, change_of
from tickets.service.creating import (
    MAX_DESCRIPTION,
    checked_tags,
    checked_text,
    checked_title,
    clean_fields,
    may_see,
    refuse_merged,
)

SINGLE = frozenset({"title", "description", "priority", "issue_type", "tags", "requester"})


def edit(
    ticket_id: uuid.UUID, by: By, said: Mapping[str, Any], *, revision: int | None = None
) -> Ticket:
    """Change what `said` holds: the names of `SINGLE`, and `fields` with custom values.

    Custom fields that are not named stay. `issue_type` and `requester` take rows or None,
    `priority` a number of `Priority`. Raises `Conflict` when `revision` is old, `Invalid`,
    `NotFound`, `Forbidden`.
    """
    by.check("tickets.edit")
    may_see(ticket_id, by)
    unknown = set(said) - SINGLE - {"fields"}
    if unknown:
        raise Invalid(fields={name: ["不能修改"] for name in unknown})
    with change_of(ticket_id, by, revision=revision) as change:
        refuse_merged(change.ticket)
        apply(change, said)
    return change.ticket


def apply(change: Change, said: Mapping[str, Any], required: frozenset[str] = frozenset()) -> None:
    """Put what is said into an open change. Raises `Invalid`."""
    for name in SINGLE & set(said):
        change.set(name, _checked(name, said[name]))
    if "fields" in said or required:
        set_fields(change, said.get("fields") or {}, required)
    if change.kinds and change.by.user is not None:
        change.touch()


def _checked(name: str, value: Any) -> Any:
    if name == "title":
        return checked_title(value)
    if name == "description":
        return checked_text(value, MAX_DESCRIPTION, "description")
    if name == "tags":
        return checked_tags(value)
    if name == "priority":
        if value not in Priority.values or isinstance(value, bool):
            raise Invalid(fields={"priority": ["应为 low、normal、high 或 urgent"]})
        return Priority(value)
    expected = IssueType if name == "issue_type" else Customer
    if value is not None and not isinstance(value, expected):
        raise Invalid(fields={name: ["不存在"]})
    return value


def set_fields(
    change: Change, values: Mapping[str, Any], required: frozenset[str] = frozenset()
) -> None:
    """Custom values, cleaned by the form in force; the ticket moves to its version.

    That is the lazy migration: nothing of the older version is lost (see `lingxi.fields`).
    """
    ticket = change.ticket
    form, old = form_in_force(ticket.type), form_of_ticket(ticket)
    before = ticket.fields
    if form is not None and old is not None and old.version_id != form.version_id:
        before = form.upgrade(before, old).values
    cleaned = clean_fields(form, values, change.by, before=before, required=required, partial=True)
    if form is not None:
        _note_fields(change, form, ticket.fields, cleaned)
        ticket.fields_version_id = form.version_id
    if cleaned != ticket.fields:
        ticket.fields = cleaned
        change.kinds.add("edited")


def _note_fields(
    change: Change, form: Any, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """The timeline tells in words what changed; of hidden fields that they did."""
    for one in form.fields:
        old, new = before.get(one.key), after.get(one.key)
        if old == new:
            continue
        hidden = one.sensitive or one.visible
        shown = ("••••", "••••") if hidden else (_said(one, old), _said(one, new))
        change.note(f"fields.{one.key}", one.label, *shown)


def _said(one: Any, value: Any) -> str:
    from lingxi.fields.types import TYPES, is_empty

    return "" if is_empty(value) else TYPES[one.type].text(one, value)
