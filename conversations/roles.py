"""As what somebody is in a conversation besides serving it: the questions asked of it."""

import uuid
from collections.abc import Collection

from django.db.models import Q

from conversations.models import Conversation, Participant, ParticipantRole

WRITERS = (ParticipantRole.ASSIST, ParticipantRole.BARGE_IN)
Pair = tuple[uuid.UUID, uuid.UUID | None]  # conversation, agent


def writers_among(pairs: Collection[Pair]) -> set[Pair]:
    """Those of `pairs` where the agent may write besides the one who serves; one query."""
    rows = Participant.objects.filter(
        conversation__in={one for one, _ in pairs},
        agent__in={agent for _, agent in pairs},
        role__in=WRITERS,
    )
    return set(pairs) & set(rows.values_list("conversation_id", "agent_id"))


def may_write(conversation_id: uuid.UUID, agent_id: uuid.UUID | None) -> bool:
    """Whether the visitor hears this agent: the one who serves, who assists, who barged in."""
    if agent_id is None:
        return False
    helps = Q(participants__agent=agent_id, participants__role__in=WRITERS)
    found = Conversation.objects.filter(Q(agent=agent_id) | helps, pk=conversation_id)
    return found.exists()


def role_in(conversation_id: uuid.UUID, agent_id: uuid.UUID | None) -> str:
    """As what the agent is there besides serving; empty for not."""
    rows = Participant.objects.filter(conversation=conversation_id, agent=agent_id)
    return rows.values_list("role", flat=True).first() or "" if agent_id else ""
