"""What routing may know of a ticket: a flat mapping, computed when it is to be placed.

Facts are stored with the work item and shown in explanations, so phone and identity-card numbers in
them are masked here, once, and sensitive fields are left out.
"""

import datetime as dt
from typing import Any

from conversations.models import Conversation, Customer
from lingxi.access.masking import mask_json
from tickets.forms import form_of_ticket
from tickets.models import IssueType, Priority, Ticket

MAX_TEXT = 500
MAX_DEPTH = 10


def facts_of(ticket: Ticket, conversation: Conversation | None) -> dict[str, Any]:
    """Every fact of `tickets.strategy_facts`, by name. `conversation` is what it was made of.

    Two queries for a ticket with a customer, and those that follow the issue type upward.
    """
    path = path_of(ticket.issue_type)
    requester = ticket.requester
    facts: dict[str, Any] = {
        "ticket_type": ticket.type.key,
        "ticket_priority": Priority(ticket.priority).wire,
        "ticket_source": ticket.source,
        "ticket_title": ticket.title,
        "ticket_text": f"{ticket.title}\n{ticket.description}"[:MAX_TEXT],
        "ticket_tags": list(ticket.tags),
        "issue_type": str(path[-1].pk) if path else "",
        "issue_area": str(path[0].pk) if path else "",
        "ticket_fields": _shown_fields(ticket),
    }
    if requester is not None:
        facts |= {
            "customer_level": requester.level,
            "customer_tags": [str(tag) for tag in requester.tags],
            **last_agent(requester, ticket),
        }
    if conversation is not None:
        channel = conversation.channel
        facts |= {"channel": channel.key, "channel_kind": channel.kind}
    masked: dict[str, Any] = mask_json(facts)
    return masked


def path_of(issue_type: IssueType | None) -> list[IssueType]:
    """The issue type below its parents, the root first."""
    path: list[IssueType] = []
    while issue_type is not None and len(path) < MAX_DEPTH:
        path.insert(0, issue_type)
        issue_type = issue_type.parent
    return path


def source_of(ticket: Ticket) -> Conversation | None:
    """The conversation that it was made of."""
    link = ticket.links.filter(is_source=True).select_related("conversation__channel").first()
    return link.conversation if link else None


def _shown_fields(ticket: Ticket) -> dict[str, Any]:
    form = form_of_ticket(ticket)
    hidden = {one.key for one in form.fields if one.sensitive} if form else set()
    return {key: value for key, value in ticket.fields.items() if key not in hidden}


def last_agent(customer: Customer, ticket: Ticket) -> dict[str, str | None]:
    """Who had to do with the customer last, by chat or by ticket, and until when."""
    found = [one for one in (_last_chat(customer), _last_ticket(customer, ticket)) if one]
    if not found:
        return {"last_agent": None, "last_agent_at": None}
    at, agent = max(found, key=lambda one: one[0])
    return {"last_agent": str(agent), "last_agent_at": at.isoformat()}


def _last_chat(customer: Customer) -> tuple[dt.datetime, Any] | None:
    rows = customer.conversations.filter(agent__isnull=False, accepted_at__isnull=False)
    row = rows.order_by("-created_at").values_list("closed_at", "accepted_at", "agent_id").first()
    at = (row[0] or row[1]) if row else None
    return (at, row[2]) if row and at else None


def _last_ticket(customer: Customer, ticket: Ticket) -> tuple[dt.datetime, Any] | None:
    rows = customer.tickets.filter(assignee__isnull=False).exclude(pk=ticket.pk)
    row = rows.order_by("-touched_at").values_list("touched_at", "assignee_id").first()
    return (row[0], row[1]) if row else None
