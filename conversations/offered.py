"""What an agent is asked to take: transfers to them or their groups, and offers of a queue."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from conversations.models import Conversation, Transfer, TransferState
from lingxi.access.masking import mask_text, sees_plain
from routing.models import Agent, WorkItem, WorkState

MOST = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """One conversation the agent may take now. Texts are masked as the person sees them.

    `kind` is `transfer` (to this agent), `group_transfer` (to a group of theirs; whoever is first)
    or `queue` (the machine asks them, also for a group to which it is transferred). `giver` is who
    transfers it, if anybody does.
    """

    kind: str
    conversation: Conversation
    name: str
    text: str
    group: str
    giver: str
    note: str
    asked_at: dt.datetime
    expires_at: dt.datetime | None

    @property
    def until(self) -> int:
        """When it runs out, in milliseconds since 1970; 0 for never."""
        return int(self.expires_at.timestamp() * 1000) if self.expires_at else 0

    def as_dict(self) -> dict[str, Any]:
        """As the API answers."""
        return {
            "kind": self.kind,
            "conversation": str(self.conversation.id),
            "customer": {"id": str(self.conversation.customer_id), "name": self.name},
            "group": self.group,
            "from": self.giver,
            "note": self.note,
            "last_text": self.text,
            "asked_at": self.asked_at,
            "expires_at": self.expires_at,
        }


def offered_to(user: Any, agent: Agent) -> list[Offered]:
    """The offers open to an agent, the one that ends first ahead; three queries."""
    items = _items(agent)
    if not items:
        return []
    ids = [item.item_id for item in items]
    conversations = (
        Conversation.objects.visible_to(user).select_related("customer", "channel").in_bulk(ids)
    )
    open_ones = Transfer.objects.filter(conversation__in=ids, state=TransferState.OFFERED)
    transfers = {one.conversation_id: one for one in open_ones.select_related("from_agent")}
    plain = sees_plain(user)
    found = [
        _offered(item, conversations[item.item_id], transfers.get(item.item_id), plain=plain)
        for item in items
        if item.item_id in conversations
    ]
    return sorted(found, key=lambda one: (one.expires_at is None, one.expires_at or one.asked_at))


def _items(agent: Agent) -> list[WorkItem]:
    asked = Q(state=WorkState.OFFERED, agent=agent)
    groups = agent.groups.values("pk")
    to_group = Q(state=WorkState.WAITING, is_transfer=True, group__in=groups)
    rows = WorkItem.objects.filter(asked | to_group, kind="conversation")
    rows = rows.exclude(to_group, declined_by__contains=[agent.pk])
    return list(rows.select_related("group").order_by("enqueued_at")[:MOST])


def _offered(
    item: WorkItem, conversation: Conversation, transfer: Transfer | None, *, plain: bool
) -> Offered:
    def shown(text: str) -> str:
        return text if plain else mask_text(text)

    return Offered(
        kind=_kind(item, transfer),
        conversation=conversation,
        name=shown(conversation.customer.display_name),
        text=shown(conversation.last_text),
        group=item.group.name,
        giver=transfer.from_agent.name if transfer else "",
        note=shown(transfer.note) if transfer else "",
        asked_at=item.offered_at or item.enqueued_at,
        expires_at=item.offer_expires_at or item.give_up_at,
    )


def _kind(item: WorkItem, transfer: Transfer | None) -> str:
    if transfer is not None and transfer.to_agent_id:
        return "transfer"
    return "queue" if item.state == WorkState.OFFERED else "group_transfer"


def was_offered_to(conversation_id: uuid.UUID, agent: Agent) -> bool:
    """Whether it is or was being transferred to the agent or a group of theirs.

    Who was asked may learn that the offer is over, though they see the conversation no more.
    """
    to = Q(to_agent=agent) | Q(to_group__in=agent.groups.values("pk"))
    return Transfer.objects.filter(to, conversation=conversation_id).exists()
