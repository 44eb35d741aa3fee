"""Who does something to a conversation."""

import uuid
from dataclasses import dataclass

from conversations.models import AuthorType
from routing.models import Agent


@dataclass(frozen=True, slots=True)
class Actor:
    """A visitor, an agent, or the system; `id` is the customer's or the agent's."""

    type: AuthorType
    id: uuid.UUID | None = None
    name: str = ""

    @classmethod
    def visitor(cls, customer_id: uuid.UUID, name: str = "") -> "Actor":
        """The visitor who is this customer."""
        return cls(AuthorType.VISITOR, customer_id, name)

    @classmethod
    def agent(cls, agent: Agent) -> "Actor":
        """This agent."""
        return cls(AuthorType.AGENT, agent.id, agent.name)


SYSTEM = Actor(AuthorType.SYSTEM)
BOT = Actor(AuthorType.BOT)
