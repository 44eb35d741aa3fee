"""The ticket that a page is about."""

from typing import Any

from lingxi.errors import NotFound
from tickets.models import Ticket
from tickets.service.change import RELATED


def ticket_for(user: Any, number: int) -> Ticket:
    """The ticket of that number, if the person may see it. Raises `NotFound`."""
    rows = Ticket.objects.visible_to(user).select_related(
        *RELATED, "type__schema", "parent", "merged_into", "rating", "created_by"
    )
    found = rows.filter(number=number).first()
    if found is None:
        raise NotFound("工单不存在，或你无权查看")
    return found
