"""Who else is in a conversation, to whom it is being transferred, and what one may do there."""

from dataclasses import dataclass, field
from typing import Any

from conversations import supervision
from conversations.models import Conversation, Participant, ParticipantRole, State, Transfer
from conversations.roles import WRITERS
from conversations.transfers import open_transfer
from conversations.workbench.rows import ROLES
from lingxi.access.permissions import can
from routing.models import Agent


@dataclass(slots=True)
class Company:
    """What the head and the bar of the middle column show besides the log.

    `role` is the person's own, `helpers` those who assist, seen by all; `speaks`: the visitor
    hears what the person writes.
    """

    role: str
    speaks: bool
    helpers: list[Agent] = field(default_factory=list)
    transfer: Transfer | None = None
    may_withdraw: bool = False
    may_invite: bool = False
    may_supervise: bool = False
    may_whisper: bool = False

    @property
    def role_label(self) -> str:
        """The role in Chinese."""
        return ROLES.get(self.role, "")

    @property
    def waits_for(self) -> str:
        """To whom it is being transferred."""
        return str(self.transfer.to_agent or self.transfer.to_group) if self.transfer else ""

    @property
    def waits_until(self) -> int:
        """When the offer runs out, in milliseconds since 1970."""
        return int(self.transfer.expires_at.timestamp() * 1000) if self.transfer else 0


def company_of(conversation: Conversation, user: Any, agent: Agent | None) -> Company:
    """As `user`, whose agent row is `agent`, sees it."""
    if not conversation.is_open:
        return Company(role="", speaks=agent is not None and conversation.agent_id == agent.id)
    rows = Participant.objects.filter(conversation=conversation).exclude(role="")
    people = [row for row in rows.select_related("agent") if row.agent is not None]
    is_mine = agent is not None and conversation.agent_id == agent.id
    role = "" if is_mine else next((one.role for one in people if agent == one.agent), "")
    is_moving = conversation.state == State.TRANSFERRING
    transfer = open_transfer(conversation) if is_moving else None
    leads = not is_mine and supervision.may_supervise(user, conversation)
    return Company(
        role=role,
        speaks=is_mine or role in WRITERS,
        helpers=[one.agent for one in people if one.role == ParticipantRole.ASSIST and one.agent],
        transfer=transfer,
        may_withdraw=transfer is not None and agent == transfer.from_agent,
        may_invite=(is_mine or leads) and can(user, "conversations.assist"),
        may_supervise=leads,
        may_whisper=leads and agent is not None,
    )
