"""Tells customers in their chat what happens to their tickets: a subscriber of ticket events.

Each event leaves its entry once: its id is the entry's `client_msg_id`, looked for under the lock
of the conversation. It has nothing to do with the transaction that changed the ticket, so a chat
can neither hinder a ticket nor be told of one that was never written.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from conversations.actors import SYSTEM, Actor
from conversations.attachments import describe
from conversations.changes import Change
from conversations.locking import locked
from conversations.models import Attachment, AuthorType, Conversation, Message, MessageKind
from lingxi.events.models import Event
from lingxi.events.subscribers import subscriber
from routing.models import Agent
from tickets.chat import cards
from tickets.chat.places import places_of
from tickets.models import Comment, Source, Ticket, TicketRating

TYPES = tuple(
    f"ticket.{what}" for what in ("created", "updated", "resolved", "commented", "rated", "urged")
)


def register() -> None:
    """Subscribe to what customers are told of."""
    subscriber("ticket-chat", TYPES)(take)


def take(events: list[Event]) -> None:
    """Tell these, conversation by conversation in the order of their ids."""
    wanted = [event for event in events if event.customer_id and is_told(event)]
    tickets = _tickets({event.payload.get("ticket_id") for event in wanted})
    places = places_of(tickets.values())
    told: defaultdict[uuid.UUID, list[tuple[Event, Ticket]]] = defaultdict(list)
    for event in wanted:
        ticket = tickets.get(str(event.payload.get("ticket_id")))
        if ticket is not None and ticket.pk in places:
            told[places[ticket.pk].pk].append((event, ticket))
    for conversation_id in sorted(told):
        _tell(conversation_id, told[conversation_id])


def is_told(event: Event) -> bool:
    """Whether the event is one that a customer hears of; most changes are not."""
    said = event.payload
    if event.type == "ticket.updated":
        return bool({"status", "merged"} & set(said.get("changes", {})))
    by_customer = said.get("by", {}).get("kind") == "customer"
    if event.type == "ticket.commented":
        return bool(said.get("is_public")) and not by_customer
    if event.type == "ticket.urged":
        return by_customer
    return not (event.type == "ticket.created" and said.get("source") == Source.IMPORT)


def _tickets(ids: set[Any]) -> dict[str, Ticket]:
    rows = Ticket.objects.filter(pk__in=[pk for pk in ids if pk])
    return {str(row.pk): row for row in rows.select_related("type", "merged_into")}


@transaction.atomic
def _tell(conversation_id: uuid.UUID, told: Sequence[tuple[Event, Ticket]]) -> None:
    conversation = locked(conversation_id)
    seen = _seen(conversation, [event for event, _ in told])
    change = Change()
    cards_here = _with_card(conversation, {str(ticket.pk) for _, ticket in told})
    for event, ticket in told:
        if _key(event) not in seen:
            _Telling(change, conversation, event, ticket, cards_here).tell()
    change.commit()


def _key(event: Event) -> str:
    return f"ticket:{event.event_id}"


def _seen(conversation: Conversation, events: Sequence[Event]) -> set[str | None]:
    """The events that were told, wherever it was: meanwhile there may be another conversation."""
    keys = [_key(event) for event in events]
    rows = Message.objects.filter(
        conversation__customer_id=conversation.customer_id, client_msg_id__in=keys
    )
    return set(rows.values_list("client_msg_id", flat=True))


def _with_card(conversation: Conversation, ids: set[str]) -> set[str]:
    """Those of the tickets that have their card in this conversation."""
    rows = Message.objects.filter(
        conversation=conversation, content__type="ticket", content__ticket__id__in=list(ids)
    )
    return set(rows.values_list("content__ticket__id", flat=True))


class _Telling:
    """One event told in one locked conversation."""

    def __init__(
        self,
        change: Change,
        conversation: Conversation,
        event: Event,
        ticket: Ticket,
        with_card: set[str],
    ) -> None:
        self.change, self.conversation = change, conversation
        self.event, self.ticket, self.with_card = event, ticket, with_card
        rating = TicketRating.objects.filter(ticket=ticket).first()
        self.data = cards.card_of(ticket, rating)

    def tell(self) -> None:
        """Write what the event says to the customer."""
        getattr(self, f"_{self.event.type.removeprefix('ticket.')}")()

    def _created(self) -> None:
        self._card(cards.made(self.ticket))

    def _updated(self) -> None:
        text = cards.moved(self.ticket, self.event)
        if text:
            self._line(text)

    def _resolved(self) -> None:
        if cards.is_to_be_rated(self.ticket):
            self._card(cards.asked(self.ticket), ask="rating")

    def _rated(self) -> None:
        self._line(cards.rated(self.ticket, self.event.payload.get("score")))

    def _urged(self) -> None:
        self._line(cards.urged(self.ticket, self.event.payload.get("count")))

    def _commented(self) -> None:
        comment = Comment.objects.filter(pk=self.event.payload.get("comment_id")).first()
        if comment is None or not comment.is_public:
            return
        by = author_of(comment)
        text = cards.replied(self.ticket, comment.text)
        content = {"type": "text", "text": text, "ticket": self.data}
        row = self.change.log(self.conversation, MessageKind.MESSAGE, by, content, _key(self.event))
        Comment.objects.filter(pk=comment.pk).update(message_id=row.id)
        for one in comment.files.filter(is_public=True).select_related("attachment"):
            self._file(one.attachment, by)

    def _file(self, attachment: Attachment, by: Actor) -> None:
        kind = "image" if attachment.is_image else "file"
        content = {"type": kind, "attachment": str(attachment.pk), **describe(attachment)}
        self.change.log(self.conversation, MessageKind.MESSAGE, by, content | {"ticket": self.data})
        # Who may see the conversation may see the file from now on, if no other one has it.
        Attachment.objects.filter(pk=attachment.pk, conversation=None).update(
            conversation=self.conversation
        )

    def _card(self, text: str, **more: Any) -> None:
        content = cards.card(text, self.data, **more)
        self.change.log(self.conversation, MessageKind.MESSAGE, SYSTEM, content, _key(self.event))
        self.with_card.add(str(self.ticket.pk))

    def _line(self, text: str) -> None:
        """A line below the card; where the card is not, in another conversation, one is made."""
        if str(self.ticket.pk) not in self.with_card:
            self._card(text)
            return
        content = cards.line(text, self.data)
        self.change.log(self.conversation, MessageKind.SYSTEM, SYSTEM, content, _key(self.event))


def author_of(comment: Comment) -> Actor:
    """Who speaks to the customer; people who are no agents speak as customer service."""
    if comment.user_id is None:
        return SYSTEM
    agent = Agent.objects.filter(user_id=comment.user_id).first()
    return Actor.agent(agent) if agent else Actor(AuthorType.AGENT)
