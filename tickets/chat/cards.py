"""A ticket as the customer sees it in the log, and the lines that say what happened to it.

The log is never written again: a card keeps the state it was written with, and every later entry
about the ticket carries its state then (`content.ticket`). Clients show the highest `revision`.
"""

from typing import Any

from lingxi.events.models import Event
from tickets.models import Category, Ticket, TicketRating
from tickets.workflows import workflow_of

HIDDEN = {"title": "工单", "type": "工单"}


def state_of(ticket: Ticket, rating: TicketRating | None) -> dict[str, Any]:
    """The ticket as its requester sees it: no assignee, no times it is due, nothing internal."""
    return {
        "id": str(ticket.pk),
        "number": ticket.reference,
        "title": ticket.title,
        "type": ticket.type.name,
        "status": workflow_of(ticket).status(ticket.status).name,
        "category": str(ticket.category),
        "revision": ticket.revision,
        "created_at": ticket.created_at.isoformat(),
        "updated_at": ticket.updated_at.isoformat(),
        "rating": score_of(ticket, rating),
    }


def score_of(ticket: Ticket, rating: TicketRating | None) -> int | None:
    """The answer since it was last resolved: taken up again, it is asked again."""
    is_now = rating is not None and ticket.resolved_at and rating.created_at >= ticket.resolved_at
    return rating.score if rating is not None and is_now else None


def card_of(ticket: Ticket, rating: TicketRating | None = None) -> dict[str, Any]:
    """The ticket as `content.ticket`.

    Colleagues read the log too, so a restricted ticket shows no title there.
    """
    return state_of(ticket, rating) | (HIDDEN if ticket.type.is_restricted else {})


def card(text: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The content of a card; `text` is for clients and pages that know no cards."""
    return {"type": "ticket", "text": text, "ticket": data, "automatic": True, **more}


def line(text: str, data: dict[str, Any]) -> dict[str, Any]:
    """The content of a line."""
    return {"text": text, "ticket": data}


def made(ticket: Ticket) -> str:
    """A new ticket, in words."""
    title = "" if ticket.type.is_restricted else f"：{ticket.title}"
    return f"已为您创建工单 {ticket.reference}{title}"


def moved(ticket: Ticket, event: Event) -> str:
    """A change of status, in words; empty when there is none in the event."""
    change = event.payload.get("changes", {}).get("status")
    if ticket.merged_into is not None and "merged" in event.payload.get("changes", {}):
        return f"工单 {ticket.reference} 已并入工单 {ticket.merged_into.reference}"
    if not isinstance(change, dict):
        return ""
    return f"工单 {ticket.reference}：{change.get('from')} → {change.get('to')}"


def asked(ticket: Ticket) -> str:
    """The question whether they are satisfied."""
    return f"工单 {ticket.reference} 已解决，您对处理结果满意吗？"


def is_to_be_rated(ticket: Ticket) -> bool:
    """Whether the question still makes sense: somebody may have reopened it since."""
    return ticket.category == Category.RESOLVED and ticket.merged_into_id is None


def rated(ticket: Ticket, score: Any) -> str:
    """A rating, in words."""
    return f"您对工单 {ticket.reference} 的评价：{score} 星"


def replied(ticket: Ticket, text: str) -> str:
    """A public comment, in words."""
    return f"工单 {ticket.reference} 回复：{text}" if text else f"工单 {ticket.reference} 回复"


def urged(ticket: Ticket, count: Any) -> str:
    """An urge of the customer's own, in words."""
    return f"已催办工单 {ticket.reference}（第 {count} 次）"
