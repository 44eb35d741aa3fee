"""黑名单: who may not come in, and until when.

`refuse` is asked where a visitor's session starts and where a conversation is opened, and nowhere
else. A block in force is a row whose time is not over, so expiry needs no job and is exact.
"""

import datetime as dt
import uuid
from ipaddress import ip_address
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from conversations.models import Block, BlockKind, Conversation, Customer
from lingxi.access.permissions import can, check
from lingxi.errors import Blocked, Conflict, Forbidden, Invalid, NotFound

MAX_REASON, MAX_HOURS = 200, 24 * 366
REASON = "blocked"  # of the end of a blocked customer's conversation


def is_blocked(customer_id: uuid.UUID | None = None, address: str = "") -> bool:
    """Whether this customer or this IP address is blocked now."""
    match = Q(pk=None)
    if customer_id is not None:
        match |= Q(customer=customer_id)
    if normal := normal_address(address):
        match |= Q(address=normal, kind=BlockKind.ADDRESS)
    return Block.objects.in_force().filter(match).exists()


def refuse(customer_id: uuid.UUID | None = None, address: str = "") -> None:
    """Raises `Blocked` for those who are."""
    if is_blocked(customer_id, address):
        raise Blocked


def normal_address(address: str) -> str:
    """The address as it is stored: IPv4 in IPv6 clothes as IPv4. Empty for what is none."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


@transaction.atomic
def block(subject: Customer | str, reason: str, hours: int | None, by: Any) -> Block:
    """Block a customer or an IP address for `hours` (None: for good), and end what is open.

    Raises `Invalid`, `NotFound` for a merged customer, `Conflict` when it is blocked already,
    `Forbidden`.
    """
    check(by, "customers.block")
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON:
        raise Invalid("请填写原因", fields={"reason": [f"1 到 {MAX_REASON} 字"]})
    if hours is not None and not 1 <= hours <= MAX_HOURS:
        raise Invalid(fields={"hours": [f"1 到 {MAX_HOURS} 小时，或永久"]})
    expires = timezone.now() + dt.timedelta(hours=hours) if hours else None
    row = Block(reason=reason, expires_at=expires, created_by=by, **_subject(subject))
    if is_blocked(row.customer_id, row.address or ""):
        raise Conflict("已在黑名单中")
    row.save()
    if row.customer_id is not None:
        end_conversations(row.customer_id)
    return row


def _subject(subject: Customer | str) -> dict[str, Any]:
    if isinstance(subject, str):
        address = normal_address(subject)
        if not address:
            raise Invalid("IP 地址无效", fields={"address": ["无效"]})
        return {"kind": BlockKind.ADDRESS, "address": address}
    # Whoever opens a conversation holds the customer too: either they see this block, or we see
    # what they opened.
    rows = Customer.objects.select_for_update(of=("self",), no_key=True)
    if not rows.filter(pk=subject.pk, merged_into=None).exists():
        raise NotFound("客户不存在")
    return {"kind": BlockKind.CUSTOMER, "customer": subject}


def end_conversations(customer_id: uuid.UUID) -> int:
    """End the customer's open conversations; how many."""
    from conversations import actions  # which asks `refuse` before it opens one
    from conversations.actors import SYSTEM

    ids = Conversation.objects.open().filter(customer=customer_id).order_by("id")
    found = list(ids.values_list("id", flat=True))
    for pk in found:
        actions.close_conversation(pk, SYSTEM, reason=REASON)
    return len(found)


def customers_to_end() -> list[uuid.UUID]:
    """Blocked customers who have an open conversation all the same, by a race or a merge."""
    blocks = Block.objects.in_force().filter(customer=OuterRef("customer"))
    rows = Conversation.objects.open().filter(Exists(blocks))
    return list(rows.order_by("customer").values_list("customer", flat=True).distinct()[:200])


def in_force(customer: Customer) -> Block | None:
    """The customer's block that lasts longest, or None."""
    rows = Block.objects.in_force().filter(customer=customer).select_related("created_by")
    return max(rows, key=lambda row: row.expires_at or _NEVER, default=None)


_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


def may_lift(row: Block, by: Any) -> bool:
    """Whether `by` set it, or supervises."""
    if not can(by, "customers.block"):
        return False
    return row.created_by_id == by.pk or can(by, "conversations.supervise")


def lift(row: Block, by: Any) -> Block:
    """End a block; one that is over stays as it is. Raises `Forbidden`."""
    check(by, "customers.block")
    with transaction.atomic():
        row = Block.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        if not may_lift(row, by):
            raise Forbidden("只有主管或添加人可以解除")
        if row.lifted_at is None and (row.expires_at is None or row.expires_at > timezone.now()):
            row.lifted_at = timezone.now()
            row.save(update_fields=["lifted_at"])
    return row


@transaction.atomic
def lift_all(customer: Customer, by: Any) -> int:
    """End all blocks of a customer (a merge can leave several); how many. Raises `Forbidden`."""
    rows = list(Block.objects.in_force().filter(customer=customer).order_by("pk"))
    for row in rows:
        lift(row, by)
    return len(rows)
