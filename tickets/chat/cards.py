"""A ticket as the customer sees it in the log, and the lines that say what happened to it.

The log is never written again: a card keeps the state it was written with, and every later entry
about the ticket carries its state then (`content.ticket`). Clients show the highest `revision`.
"""

from typing import Any

from lingxi.events.models import Event
from tickets.models import Category, Ticket
from tickets.workflows import workflow_of

WHATEVER = "工单"


def card_of(ticket: Ticket, score: int | None = None) -> dict[str, Any]:
    """The ticket as `content.ticket`: what its requester may know. `score` is its rating.

    Colleagues read the log too, so a restricted ticket shows no title there.
    """
    return {
        "id": str(ticket.pk),
        "number": ticket.reference,
        "title": WHATEVER if ticket.type.is_restricted else ticket.title,
        "type": WHATEVER if ticket.type.is_restricted else ticket.type.name,
        "status": workflow_of(ticket).status(ticket.status).name,
        "category": str(ticket.category),
        "revision": ticket.revision,
        "updated_at": ticket.updated_at.isoformat(),
        "rating": score,
    }


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
