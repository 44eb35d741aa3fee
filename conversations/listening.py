"""What visitors' words set in motion: from the bot to a human, and another look at the strategy.

A subscriber of the outbox, so it happens at least once and in order. Both effects are idempotent:
who is handed over is no longer with the bot, and only the first message decides anew.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from conversations import handoff, placing
from conversations.actors import Actor
from conversations.models import Conversation, State
from lingxi.events.models import Event
from lingxi.events.subscribers import subscriber
from routing.models import WorkItem


def register() -> None:
    """Subscribe to visitors' messages."""
    subscriber("listening", ["message.received"])(take)


def take(events: list[Event]) -> None:
    """Look at these messages, conversation by conversation in the order of their ids."""
    told: dict[uuid.UUID, list[Event]] = {}
    for event in events:
        if event.conversation_id is not None:
            told.setdefault(event.conversation_id, []).append(event)
    found = Conversation.objects.filter(pk__in=told, agent=None).exclude(state=State.CLOSED)
    concerned = list(found.select_related("channel").order_by("pk"))
    items = _pending([one.pk for one in concerned if not one.with_bot])
    for conversation in concerned:
        if conversation.with_bot:
            _listen(conversation, told[conversation.pk])
        else:
            _decide_again(conversation, items.get(conversation.pk), told[conversation.pk])


def _pending(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, WorkItem]:
    rows = WorkItem.objects.pending().filter(kind=placing.KIND, item_id__in=ids)
    return {item.item_id: item for item in rows.select_related("version")}


def _listen(conversation: Conversation, events: Sequence[Event]) -> None:
    if any(handoff.asks_for_human(_text(event)) for event in events):
        handoff.hand_over(conversation.pk, Actor.visitor(conversation.customer_id))


def _decide_again(
    conversation: Conversation, item: WorkItem | None, events: Sequence[Event]
) -> None:
    """The first message may matter to the strategy; later ones would move people about.

    Who was left offline, in no queue, is looked at with every message: somebody may be back.
    """
    if item is None:
        if conversation.state == State.OFFLINE:
            placing.replace(conversation.pk, _text(events[-1]))
        return
    first = conversation.first_visitor_message_at
    text = next((_text(event) for event in events if event.occurred_at == first), "")
    if text and item.version is not None and asks_about_text(item.version.rules):
        placing.replace(conversation.pk, text)


def asks_about_text(rules: Any) -> bool:
    """Whether a condition anywhere in the rules looks at what the visitor says."""
    if isinstance(rules, dict):
        return rules.get("fact") == "message_text" or asks_about_text(list(rules.values()))
    return isinstance(rules, list) and any(asks_about_text(one) for one in rules)


def _text(event: Event) -> str:
    return str(event.payload.get("text") or "")
