"""留言: what visitors leave when nobody serves, and what becomes of it.

A message belongs to the visitor's open conversation, where its words are said too, so that whoever
takes the conversation up reads them. Remarks of those who handle it are internal.
"""

import re
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from conversations import actions, blocklist, moderation, notices
from conversations.actors import SYSTEM, Actor
from conversations.changes import Change
from conversations.ingest.validate import clean_text
from conversations.locking import locked
from conversations.models import (
    AuthorType,
    Channel,
    Conversation,
    Customer,
    MessageKind,
    OfflineMessage,
    OfflineMessageState,
    SensitiveHit,
    State,
)
from conversations.principals import Visitor
from lingxi import limits
from lingxi.access.permissions import check
from lingxi.errors import Conflict, Invalid, NotFound, SensitiveWord, TokenExpired, TooLong
from lingxi.events.outbox import emit
from routing.models import Agent

PAGE = "/workbench/offline-messages/"
MAX_TEXT, MAX_NAME, MAX_PHONE, MAX_EMAIL, MAX_REMARK = 5000, 80, 32, 254, 2000
PER_HOUR = 10  # of one visitor
REASON = "offline_message_handled"
_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{3,30}[0-9]", re.ASCII)


def leave_message(
    visitor: Visitor, name: str = "", phone: str = "", email: str = "", text: str = ""
) -> OfflineMessage:
    """Keep what a visitor leaves: one message per open conversation, later texts are added to it.

    A phone number or an address is needed unless the customer's are known. Raises `Invalid`,
    `TooLong`, `SensitiveWord`, `RateLimited`, `Blocked`, and `TokenExpired` for a merged customer.
    """
    limits.hit("offline-message", str(visitor.customer_id), PER_HOUR, 3600)
    said = {
        "name": checked_line(name, "name", MAX_NAME),
        "phone": checked_phone(phone),
        "email": checked_email(email),
    }
    verdict = _reviewed(clean_text(text, MAX_TEXT))
    with transaction.atomic():
        blocklist.refuse(visitor.customer_id, visitor.address)
        customer = Customer.objects.select_for_update(of=("self",), no_key=True).filter(
            pk=visitor.customer_id, merged_into=None
        )
        known = customer.first()
        if known is None:
            raise TokenExpired
        if not (said["phone"] or said["email"] or known.phone or known.email):
            raise Invalid("请留下电话或邮箱", fields={"phone": ["电话、邮箱至少填一项"]})
        message = _leave(known, visitor.channel_id, said, verdict.text)
        if message.conversation_id is not None:
            by = Actor.visitor(known.id)
            hits = moderation.hits_of(verdict, message.conversation_id, message.id, by)
            SensitiveHit.objects.bulk_create(hits)
        return message


def _leave(
    customer: Customer, channel_id: uuid.UUID, said: dict[str, str], text: str
) -> OfflineMessage:
    found = Conversation.objects.open().filter(customer=customer, channel=channel_id).first()
    conversation = locked(found.id) if found else None
    if conversation is not None and not conversation.is_open:
        conversation = None  # it ended in this moment
    earlier = OfflineMessage.objects.filter(conversation=conversation).first()
    if conversation is None or earlier is None:
        message = _create(customer, channel_id, conversation, said, text)
    else:
        message = _add_to(earlier, said, text)
    if conversation is not None:
        change = Change()
        content = {"type": "text", "text": text}
        change.log(conversation, MessageKind.MESSAGE, Actor.visitor(customer.id), content)
        change.tell(conversation.agent_id, conversation, "updated")
        change.queue([conversation.group_id])
        change.commit()
    return message


def _create(
    customer: Customer,
    channel_id: uuid.UUID,
    conversation: Conversation | None,
    said: dict[str, str],
    text: str,
) -> OfflineMessage:
    channel = Channel.objects.select_related("group").get(pk=channel_id)
    message = OfflineMessage.objects.create(
        conversation=conversation,
        customer=customer,
        channel=channel,
        group=conversation.group if conversation else channel.group,
        text=text,
        **said,
    )
    payload = {"message_id": str(message.id), "group": str(message.group_id), "text": text, **said}
    emit(
        "offline_message.created",
        conversation_id=message.conversation_id,
        customer_id=customer.id,
        channel=channel.key,
        payload=payload,
    )
    people = notices.supervisors_of_group(message.group)
    notices.notify(people, f"{channel.name} 收到新留言", PAGE)
    return message


def _add_to(message: OfflineMessage, said: dict[str, str], text: str) -> OfflineMessage:
    """More words in the same conversation; what was handled is to be handled again."""
    message.text = f"{message.text}\n\n{text}"
    if len(message.text) > MAX_TEXT:
        raise TooLong(fields={"text": [f"留言合计最多 {MAX_TEXT} 字"]})
    for field, value in said.items():
        setattr(message, field, value or getattr(message, field))
    message.state, message.created_at = OfflineMessageState.NEW, timezone.now()
    message.save(update_fields=["text", *said, "state", "created_at"])
    return message


@transaction.atomic
def handle(message_id: uuid.UUID, by: Any, remark: str = "") -> OfflineMessage:
    """Done with: a conversation that still waits offline for it ends too.

    Raises `NotFound` for what `by` may not see, `Conflict` when it is done already, `TooLong`.
    """
    check(by, "offline_messages.handle")
    remark = remark.strip()
    if len(remark) > MAX_REMARK:
        raise TooLong(fields={"remark": [f"最多 {MAX_REMARK} 字"]})
    found = visible(by, message_id)
    conversation = locked(found.conversation_id) if found.conversation_id else None
    message = OfflineMessage.objects.select_for_update(no_key=True).get(pk=message_id)
    if message.state == OfflineMessageState.HANDLED:
        raise Conflict("该留言已处理")
    message.state, message.remark = OfflineMessageState.HANDLED, remark
    message.handled_by = Agent.objects.filter(user_id=by.pk).first()
    message.handled_at = timezone.now()
    message.save(update_fields=["state", "remark", "handled_by", "handled_at"])
    if conversation is not None and conversation.state == State.OFFLINE:
        actions.close_conversation(conversation.id, SYSTEM, reason=REASON)
    return message


def contact(message_id: uuid.UUID, by: Any, agent: Agent) -> Conversation:
    """联系客户: take up the conversation it was left in, while that waits.

    Raises `NotFound`, `Conflict` when it is over or somebody has it, and as claiming does.
    """
    check(by, "offline_messages.handle")
    message = visible(by, message_id)
    conversation = message.conversation
    if conversation is None or not conversation.is_open:
        raise Conflict("会话已结束，请用电话或邮箱联系客户")
    return actions.claim_conversation(conversation.id, agent)


def visible(user: Any, message_id: uuid.UUID) -> OfflineMessage:
    """The message, if the person may see it. Raises `NotFound`."""
    rows = OfflineMessage.objects.visible_to(user)
    found = rows.select_related("conversation", "customer").filter(pk=message_id).first()
    if found is None:
        raise NotFound("留言不存在，或你无权查看")
    return found


def checked_line(value: str, field: str, limit: int) -> str:
    """One line that fits. Raises `TooLong`, `Invalid`."""
    if len(value) > limit:
        raise TooLong(fields={field: [f"最多 {limit} 个字符"]})
    if value and not value.isprintable():
        raise Invalid(fields={field: ["包含控制字符"]})
    return value.strip()


def checked_phone(value: str) -> str:
    """A phone number, or nothing. Raises `TooLong`, `Invalid`."""
    phone = checked_line(value, "phone", MAX_PHONE)
    if phone and not _PHONE.fullmatch(phone):
        raise Invalid("电话号码无效", fields={"phone": ["无效"]})
    return phone


def checked_email(value: str) -> str:
    """An e-mail address, or nothing. Raises `TooLong`, `Invalid`."""
    email = checked_line(value, "email", MAX_EMAIL)
    try:
        if email:
            validate_email(email)
    except ValidationError as exc:
        raise Invalid("邮箱无效", fields={"email": ["无效"]}) from exc
    return email


def _reviewed(text: str) -> moderation.Verdict:
    """What the words are and hit. Raises `SensitiveWord`."""
    moderation.refresh()
    verdict = moderation.review(text, AuthorType.VISITOR)
    if verdict.is_blocked:
        raise SensitiveWord
    return verdict
