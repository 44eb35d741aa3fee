"""Saying something on a ticket: to the customer, or among colleagues."""

import uuid
from collections.abc import Sequence

from django.db import transaction

from lingxi.errors import Conflict, Invalid
from lingxi.ids import new_id
from tickets.models import Category, Comment, EntryKind
from tickets.service.actors import By
from tickets.service.change import Change, by_columns, change_of, locked
from tickets.service.creating import attach_files, checked_text, may_see, refuse_merged

MAX_COMMENT = 10_000


def comment(
    ticket_id: uuid.UUID,
    by: By,
    text: str,
    *,
    is_public: bool = False,
    files: Sequence[uuid.UUID] = (),
    comment_id: uuid.UUID | None = None,
) -> Comment:
    """Add a comment. A public one by staff reaches the customer in their chat; a customer's own is
    public.

    `comment_id` makes repeating harmless: the same id is one comment. Raises `Invalid`,
    `TooLong`, `NotFound`, `Forbidden`, `Conflict` for an id of another ticket's comment.
    """
    by.check("tickets.comment")
    may_see(ticket_id, by)
    with transaction.atomic():
        if comment_id is not None:
            locked(ticket_id)  # whoever sends the same at this moment has sent it then
            known = _known(ticket_id, comment_id)
            if known is not None:
                return known
        return _say(ticket_id, by, text, is_public=is_public, files=files, pk=comment_id)


def _known(ticket_id: uuid.UUID, comment_id: uuid.UUID) -> Comment | None:
    """The comment of that id. Raises `Conflict` when it is one of another ticket."""
    known = Comment.objects.filter(pk=comment_id).first()
    if known is not None and known.ticket_id != ticket_id:
        raise Conflict("该编号已用于其他工单的回复")
    return known


def _say(
    ticket_id: uuid.UUID,
    by: By,
    text: str,
    *,
    is_public: bool,
    files: Sequence[uuid.UUID],
    pk: uuid.UUID | None,
) -> Comment:
    with change_of(ticket_id, by) as change:
        refuse_merged(change.ticket)
        is_public = is_public or by.customer is not None
        return add_comment(change, text, is_public=is_public, files=files, pk=pk)


def add_comment(
    change: Change,
    text: str,
    *,
    is_public: bool,
    files: Sequence[uuid.UUID] = (),
    pk: uuid.UUID | None = None,
) -> Comment:
    """Add it inside an open change. `ticket.commented` tells the text of public ones only."""
    said = checked_text(text, MAX_COMMENT, "text")
    if not said and not files:
        raise Invalid("请填写内容", fields={"text": ["必填"]})
    ticket, by = change.ticket, change.by
    row = Comment(
        pk=pk or new_id(),
        ticket=ticket,
        is_public=is_public,
        text=said,
        created_at=change.at,
        **by_columns(by),
    )
    row.save(force_insert=True)
    attach_files(ticket, files, by, comment=row, is_public=is_public)
    change.entry(EntryKind.COMMENT, {"comment": str(row.pk)}, is_public=is_public)
    change.comment = row
    change.kinds.add("commented")
    change.touch()
    if is_public and by.user is not None and ticket.first_replied_at is None:
        ticket.first_replied_at = change.at
    told = {"comment_id": str(row.pk), "is_public": is_public, "files": len(files)}
    change.event("ticket.commented", {**told, "text": said if is_public else ""})
    if by.customer is not None and ticket.category == Category.PENDING:
        _resume(change)
    return row


def _resume(change: Change) -> None:
    """The customer answered what was waited for."""
    from tickets.service.moving import pull
    from tickets.workflows import workflow_of

    workflow = workflow_of(change.ticket)
    for step in workflow.leaving(change.ticket.status):
        leads_on = workflow.status(step.to).category == Category.OPEN
        asks_more = bool(step.approval or step.required)  # than the answer that was given
        if leads_on and not asks_more and step.allows("", {"customer"}):
            pull(change, step)
            return
