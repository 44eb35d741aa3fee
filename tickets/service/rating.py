"""满意度: the requester's answer once their ticket is resolved."""

import uuid

from lingxi.errors import Forbidden, Invalid, TransitionNotAllowed
from tickets.models import Category, EntryKind, TicketRating
from tickets.service.actors import By
from tickets.service.change import change_of
from tickets.service.creating import checked_text, may_see


def rate(ticket_id: uuid.UUID, by: By, score: int, comment: str = "") -> TicketRating:
    """Rate a resolved ticket, 1 to 5; it belongs to the assignee. Again changes the answer.

    Raises `Invalid`, `TooLong`, `NotFound`, `Forbidden` for staff, and `TransitionNotAllowed`
    before it is resolved.
    """
    if isinstance(score, bool) or not isinstance(score, int) or not 1 <= score <= 5:
        raise Invalid(fields={"score": ["1 到 5 的整数"]})
    said = checked_text(comment, 1000, "comment")
    if by.user is not None:
        raise Forbidden("只有客户可以评价")
    may_see(ticket_id, by)
    with change_of(ticket_id, by) as change:
        ticket = change.ticket
        if ticket.category not in {Category.RESOLVED, Category.CLOSED}:
            raise TransitionNotAllowed("工单解决后才能评价")
        row, _ = TicketRating.objects.update_or_create(
            ticket=ticket,
            defaults={
                "score": score,
                "comment": said,
                "agent": ticket.assignee,
                "created_at": change.at,
            },
        )
        change.entry(EntryKind.RATED, {"score": score, "comment": said}, is_public=True)
        change.event("ticket.rated", {"score": score, "comment": said})
    return row
