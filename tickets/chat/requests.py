"""What a customer does with their own tickets; the page, the widget and apps all come here."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from conversations import blocklist, moderation
from conversations.models import AuthorType, Conversation, Customer
from conversations.principals import Visitor
from lingxi.errors import (
    Forbidden,
    NotFound,
    SensitiveWord,
    TokenExpired,
    TransitionNotAllowed,
)
from tickets import service
from tickets.chat.places import tickets_on
from tickets.models import ACTIVE, Comment, Source, Ticket, TicketType, number_of
from tickets.public import public_form
from tickets.service import By, NewTicket
from tickets.service.change import RELATED
from tickets.workflow import Transition

MAX_KEY = 64


def own(visitor: Visitor, reference: str) -> Ticket:
    """The visitor's ticket with this number. Any other does not exist for them: `NotFound`."""
    number = number_of(reference)
    rows = tickets_on(visitor.channel_id, visitor.customer_id).select_related(*RELATED)
    found = rows.filter(number=number).first() if number is not None else None
    if found is None:
        raise NotFound("工单不存在")
    return found


@transaction.atomic
def make(
    visitor: Visitor,
    type: TicketType,
    title: str,
    *,
    description: str = "",
    fields: Mapping[str, Any] | None = None,
    files: Sequence[uuid.UUID] = (),
    key: str = "",
) -> tuple[Ticket, bool]:
    """Make a ticket of a public type; with the same `key`, the one that was made.

    It is linked to the open conversation. Raises `Invalid`, `TooLong`, `SensitiveWord`,
    `Blocked`, `NotFound` for files of others, `TokenExpired` for a merged customer.
    """
    customer = held(visitor)
    here = Conversation.objects.open().filter(customer=customer, channel=visitor.channel_id)
    new = NewTicket(
        type=type,
        title=reviewed(title),
        description=reviewed(description),
        source=Source.VISITOR,
        fields=public_form(type).clean(dict(fields or {})),
        raw_fields=False,
        requester=customer,
        conversation=here.first(),
        files=files,
        cause=f"visitor:{customer.pk}:{key}" if key else None,
    )
    return service.create(new, By.requester(customer))


def held(visitor: Visitor) -> Customer:
    """The customer, held so that they cannot become another meanwhile.

    Raises `Blocked`, and `TokenExpired` for one who has.
    """
    blocklist.refuse(visitor.customer_id, visitor.address)
    rows = Customer.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=visitor.customer_id, merged_into=None).first()
    if found is None:
        raise TokenExpired
    return found


def reviewed(text: str) -> str:
    """The words as they are kept. Raises `SensitiveWord`."""
    if not text:
        return text
    moderation.refresh()
    verdict = moderation.review(text, AuthorType.VISITOR)
    if verdict.is_blocked:
        raise SensitiveWord
    return verdict.text


@transaction.atomic
def comment(
    visitor: Visitor, ticket: Ticket, text: str, *, files: Sequence[uuid.UUID] = (), key: str = ""
) -> Comment:
    """Say something on a ticket; with the same `key` it is said once."""
    customer = held(visitor)
    pk = uuid.uuid5(ticket.pk, f"visitor:{key}") if key else None
    by = By.requester(customer)
    return service.comment(ticket.pk, by, reviewed(text), files=files, comment_id=pk)


@transaction.atomic
def reopen(visitor: Visitor, ticket: Ticket, text: str = "") -> Ticket:
    """未解决: take the ticket up again, within the days its type allows.

    Raises `TransitionNotAllowed` while it is worked on, `Forbidden` after those days.
    """
    customer = held(visitor)
    if ticket.category in ACTIVE:
        raise TransitionNotAllowed("工单正在处理中")
    step = way_back(ticket, customer)
    if step is None:
        raise Forbidden("该工单不能重新打开，请提交新工单")
    by = By.requester(customer)
    return service.move(ticket.pk, step.key, by, comment=reviewed(text), is_public=True)


def way_back(ticket: Ticket, customer: Customer) -> Transition | None:
    """The transition by which the customer may take up what was done; None when there is none."""
    from tickets.workflows import workflow_of

    if ticket.category in ACTIVE:
        return None
    workflow = workflow_of(ticket)
    steps = service.transitions_for(ticket, By.requester(customer))
    return next((one for one in steps if workflow.status(one.to).category in ACTIVE), None)
