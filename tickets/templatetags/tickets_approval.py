"""What templates ask of approvals and orders."""

from typing import Any

from django import template

from lingxi.access.permissions import can
from tickets.approval import lists, shown
from tickets.models import SupervisionOrder, Ticket
from tickets.supervision import orders_of

register = template.Library()


@register.simple_tag
def approvals_of(ticket: Ticket, user: Any) -> list[shown.ShownApproval]:
    """``{% approvals_of page.ticket request.user as approvals %}``."""
    return shown.approvals_of(ticket, user)


@register.simple_tag
def supervision_of(ticket: Ticket) -> list[SupervisionOrder]:
    """``{% supervision_of page.ticket as orders %}``: open ones first."""
    return orders_of(ticket)


@register.simple_tag
def approvals_waiting(user: Any) -> int:
    """How many requests wait for the person; 0 for those who approve nothing."""
    return lists.waiting_count(user) if can(user, "tickets.approve") else 0
