"""The right column: who the customer is, where they come from, what was before."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.utils import timezone

from conversations import blocklist
from conversations.models import Block, Conversation, Customer, Identity, PageView
from conversations.workbench.rows import HUES, clock, display_name, initial_of
from conversations.workbench.words import STATES
from lingxi.access.masking import for_viewer, sees_plain
from lingxi.access.permissions import can
from lingxi.errors import NotFound

if TYPE_CHECKING:
    from conversations.workbench.declared import FieldsBlock

TRAIL, EARLIER = 15, 10
SHOWN = 500  # characters of one value
_LABELS = {
    "entry_page": "入口页面",
    "referrer": "来源",
    "device": "设备",
    "os": "系统",
    "app_version": "App 版本",
    "network": "网络",
    "browser": "浏览器",
    "language": "语言",
    "screen": "屏幕",
    "user_agent": "浏览器标识",
}
_UTM = {
    "source": "推广来源",
    "medium": "推广媒介",
    "campaign": "推广活动",
    "term": "推广词",
    "content": "推广内容",
}


@dataclass(slots=True)
class Fact:
    """A label and a value; `url` when it may be opened."""

    label: str
    value: str
    url: str = ""


@dataclass(slots=True)
class BlockState:
    """Whether the customer is on the blocklist, and what the person may do about it."""

    row: Block | None
    by: str
    may_block: bool
    may_lift: bool


@dataclass(slots=True)
class Panel:
    """The right column."""

    customer: Customer
    name: str
    initial: str
    hue: int
    phone: str
    phone_hidden: bool
    email: str
    level: str
    tags: list[str]
    remark: str
    remark_hidden: bool
    identities: list[dict[str, Any]]
    facts: list[Fact]
    fields: "list[FieldsBlock]"
    trail: list[dict[str, Any]]
    earlier: list[dict[str, Any]]
    may_edit: bool
    may_reveal: bool
    block: BlockState


def customer_for(user: Any, customer_id: uuid.UUID, *, lock: bool = False) -> Customer:
    """The customer, if the person may see them. Raises `NotFound`."""
    rows = Customer.objects.visible_to(user)
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=customer_id).first()
    if found is None:
        raise NotFound("客户不存在，或你无权查看")
    return found


def panel_of(conversation: Conversation, user: Any) -> Panel:
    """Everything about the customer of `conversation` that `user` may see."""
    from conversations.workbench.declared import block_of as fields_of

    customer = conversation.customer
    name = display_name(customer.name, customer.id, plain=sees_plain(user))
    phone = for_viewer(user, customer.phone)
    return Panel(
        customer=customer,
        name=name,
        initial=initial_of(name),
        hue=customer.id.int % HUES,
        phone=phone,
        phone_hidden=phone != customer.phone,
        email=for_viewer(user, customer.email),
        level=for_viewer(user, customer.level),
        tags=tags_of(customer, user),
        remark=for_viewer(user, customer.remark),
        remark_hidden=for_viewer(user, customer.remark) != customer.remark,
        identities=identities_of(customer, user),
        facts=facts_of(conversation.context, customer.device, user),
        fields=[
            fields_of(customer, "customer", user),
            fields_of(conversation, "conversation", user),
        ],
        trail=trail_of(customer, user),
        earlier=earlier_of(conversation, user),
        may_edit=can(user, "customers.edit"),
        may_reveal=can(user, "sensitive.reveal"),
        block=block_of(customer, user),
    )


def block_of(customer: Customer, user: Any) -> BlockState:
    """The customer's block in force."""
    row = blocklist.in_force(customer)
    setter = row.created_by if row else None
    return BlockState(
        row=row,
        by=(setter.first_name or setter.get_username()) if setter else "",
        may_block=row is None and can(user, "customers.block"),
        may_lift=row is not None and blocklist.may_lift(row, user),
    )


def tags_of(customer: Customer, user: Any) -> list[str]:
    """The tags that are texts; what else a client put there is not shown."""
    return [for_viewer(user, tag) for tag in customer.tags if isinstance(tag, str)]


def identities_of(customer: Customer, user: Any) -> list[dict[str, Any]]:
    """Kind, masked value, and whether the host site vouched for it."""
    rows = Identity.objects.filter(customer=customer).order_by("kind", "id")[:20]
    return [
        {
            "kind": row.get_kind_display(),
            "value": for_viewer(user, row.value),
            "verified": row.verified,
        }
        for row in rows
    ]


def facts_of(context: Any, device: Any, user: Any) -> list[Fact]:
    """Entry page, referrer, UTM and device as rows; clients may have sent anything."""
    merged: dict[str, Any] = {}
    for source in (device, context):
        if isinstance(source, Mapping):
            merged |= {str(key): value for key, value in source.items()}
    utm = merged.pop("utm", None)
    rows = [_fact(_LABELS[key], merged[key], user) for key in _LABELS if merged.get(key)]
    if isinstance(utm, Mapping):
        found = [(str(key)[:40], value) for key, value in list(utm.items())[:8] if value]
        rows += [_fact(_UTM.get(key, key), value, user) for key, value in found]
    return rows


def _fact(label: str, value: Any, user: Any) -> Fact:
    if isinstance(value, Mapping):
        value = " · ".join(str(part) for part in value.values() if part)
    text = for_viewer(user, str(value)[:SHOWN])
    return Fact(label, text, text if _is_web(text) else "")


def _is_web(text: str) -> bool:
    """Only web addresses become links; `javascript:` and the like stay text."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def trail_of(customer: Customer, user: Any) -> list[dict[str, Any]]:
    """The last pages, the latest first."""
    rows = PageView.objects.filter(customer=customer).order_by("-viewed_at")[:TRAIL]
    return [
        {
            "title": for_viewer(user, row.title) or for_viewer(user, row.url),
            "url": for_viewer(user, row.url),
            "is_link": _is_web(row.url),
            "at": timezone.localtime(row.viewed_at),
            "clock": clock(row.viewed_at),
        }
        for row in rows
    ]


def earlier_of(conversation: Conversation, user: Any) -> list[dict[str, Any]]:
    """The customer's other conversations in sight, the latest first."""
    rows = (
        Conversation.objects.visible_to(user)
        .filter(customer_id=conversation.customer_id)
        .exclude(pk=conversation.pk)
        .order_by("-created_at")
        .values("id", "state", "created_at", "last_text", "channel__name", "agent__name")[:EARLIER]
    )
    return [
        {
            "id": row["id"],
            "state": row["state"],
            "state_label": STATES.get(row["state"], ""),
            "at": timezone.localtime(row["created_at"]),
            "text": for_viewer(user, row["last_text"]),
            "channel": row["channel__name"],
            "agent": row["agent__name"] or "",
        }
        for row in rows
    ]


def previous_of(conversation: Conversation, user: Any) -> uuid.UUID | None:
    """The customer's conversation before this one, for reading on upwards."""
    return (
        Conversation.objects.visible_to(user)
        .filter(customer_id=conversation.customer_id, created_at__lt=conversation.created_at)
        .order_by("-created_at")
        .values_list("pk", flat=True)
        .first()
    )
