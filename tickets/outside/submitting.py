"""Making a ticket of what a public form brought."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from conversations import attachments, blocklist
from conversations.api.visitor_sessions import UNTOLD
from lingxi import limits
from lingxi.errors import Conflict, Invalid
from tickets import service
from tickets.chat.requests import reviewed
from tickets.models import Source, Ticket, TicketType
from tickets.outside import people
from tickets.public import public_form
from tickets.service import By, NewTicket
from tickets.service.creating import checked_title

PER_HOUR, UNTOLD_PER_HOUR = 20, 300  # of one address; of all behind a proxy that does not tell
MOST_FILES = 5


def throttle(address: str) -> None:
    """Count a submission. Raises `RateLimited`."""
    limits.hit("ticket-form", address, UNTOLD_PER_HOUR if address in UNTOLD else PER_HOUR, 3600)


def submit(
    type: TicketType,
    said: Mapping[str, str],
    values: Mapping[str, Any],
    files: Sequence[UploadedFile],
    address: str,
) -> Ticket:
    """The ticket; the same attempt sent again is the same ticket.

    All that is wrong is told at once: raises `Invalid` with `fields`, `TooLong`, `SensitiveWord`,
    `Blocked`, `UnsupportedMedia`.
    """
    throttle(address)
    person, cleaned = _checked(type, said, values, files)
    with transaction.atomic():
        customer = people.customer_of(person)
        blocklist.refuse(customer.pk, address)
        kept = [attachments.receive(one, customer_id=customer.pk) for one in files]
        new = NewTicket(
            type=type,
            title=reviewed(said.get("title", "")),
            description=reviewed(said.get("description", "")),
            source=Source.FORM,
            fields=cleaned,
            raw_fields=False,
            requester=customer,
            files=[one.pk for one in kept],
            cause=f"form:{_attempt(said)}",
        )
        ticket, is_new = service.create(new, By.requester(customer))
        if not is_new and ticket.requester_id != customer.pk:
            raise Conflict("该表单已提交过，请刷新页面后重新填写")
    return ticket


def _attempt(said: Mapping[str, str]) -> uuid.UUID:
    try:
        return uuid.UUID(said.get("attempt", ""))
    except ValueError as error:
        raise Invalid("页面已过期，请刷新后重新填写") from error


def _checked(
    type: TicketType, said: Mapping[str, str], values: Mapping[str, Any], files: Sequence[Any]
) -> tuple[dict[str, str], dict[str, Any]]:
    """The person and the custom values."""
    wrong: dict[str, Any] = {}
    person: dict[str, str] = {}
    cleaned: dict[str, Any] = {}
    try:
        checked_title(said.get("title", ""))
    except Invalid as error:
        wrong |= error.fields
    try:
        person = people.checked(dict(said))
    except Invalid as error:
        wrong |= error.fields
    try:
        cleaned = public_form(type).clean(dict(values))
    except Invalid as error:
        wrong |= error.fields
    if len(files) > MOST_FILES:
        wrong["files"] = [f"最多 {MOST_FILES} 个文件"]
    if wrong:
        raise Invalid("请检查标出的内容", fields=wrong)
    return person, cleaned
