"""The middle column: one conversation, its log, and what this person may do with it."""

import uuid
from dataclasses import dataclass
from typing import Any

from conversations import receipts
from conversations.models import Conversation
from conversations.models.conversation import WAITING_STATES
from conversations.workbench.company import Company, company_of
from conversations.workbench.panel import previous_of
from conversations.workbench.rows import display_name, initial_of
from conversations.workbench.transcript import Page, page_of, with_status
from conversations.workbench.words import STATES
from conversations.workbench.wrapping import Wrapping, wrapping_of
from lingxi.access.masking import sees_plain
from lingxi.access.permissions import can
from lingxi.errors import NotFound
from routing.models import Agent


@dataclass(slots=True)
class Pane:
    """One conversation as a person sees it."""

    conversation: Conversation
    name: str
    initial: str
    page: Page
    previous: uuid.UUID | None
    received: int
    read: int
    is_mine: bool
    may_send: bool
    may_note: bool
    may_claim: bool
    company: Company
    wrapping: Wrapping | None  # None while it is open

    @property
    def state_label(self) -> str:
        """The state in Chinese."""
        return STATES.get(self.conversation.state, "")


def conversation_for(user: Any, conversation_id: uuid.UUID) -> Conversation:
    """The conversation, if the person may see it. Raises `NotFound`."""
    found = (
        Conversation.objects.visible_to(user)
        .select_related("customer", "channel", "group", "agent")
        .filter(pk=conversation_id)
        .first()
    )
    if found is None:
        raise NotFound("会话不存在，或你无权查看")
    return found


def pane_of(conversation: Conversation, user: Any, agent: Agent | None) -> Pane:
    """The middle column for `conversation`."""
    customer = conversation.customer
    name = display_name(customer.name, customer.id, plain=sees_plain(user))
    page = page_of(conversation, user, agent.id if agent else None)
    place = receipts.of_other_side(conversation.id, for_visitor=False)
    with_status(page.entries, place.received, place.read)
    is_mine = agent is not None and conversation.agent_id == agent.id
    company = company_of(conversation, user, agent)
    return Pane(
        conversation=conversation,
        name=name,
        initial=initial_of(name),
        page=page,
        previous=None if page.before else previous_of(conversation, user),
        received=place.received,
        read=place.read,
        is_mine=is_mine,
        may_send=company.speaks and conversation.is_open and can(user, "conversations.send"),
        may_note=agent is not None and can(user, "conversations.note"),
        may_claim=(
            agent is not None
            and conversation.state in WAITING_STATES
            and can(user, "conversations.claim")
        ),
        company=company,
        wrapping=wrapping_of(conversation, user, agent),
    )
