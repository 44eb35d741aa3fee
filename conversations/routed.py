"""What assignment does to conversations: the handler that routing calls."""

import uuid
from collections.abc import Sequence

from django.utils import timezone

from conversations.actors import SYSTEM, Actor
from conversations.changes import Change
from conversations.models import AuthorType, Conversation, MessageKind, Participant
from conversations.states import Trigger, pull
from routing import registry
from routing.models import Agent, SkillGroup, WorkItem


class ConversationWork:
    """Routing's handler for work items of the kind `conversation`."""

    def lock(self, item_ids: Sequence[uuid.UUID]) -> None:
        """Lock the conversations in the order of their ids."""
        list(
            Conversation.objects.select_for_update(no_key=True)
            .filter(pk__in=item_ids)
            .order_by("pk")
            .values_list("pk")
        )

    def assigned(self, items: Sequence[WorkItem]) -> None:
        """Each conversation is now served by `item.agent`."""
        conversations = (
            Conversation.objects.select_related("channel").select_for_update(
                of=("self",), no_key=True
            )
        ).in_bulk([item.item_id for item in items])
        agents = Agent.objects.in_bulk([item.agent_id for item in items if item.agent_id])
        groups = SkillGroup.objects.in_bulk([item.group_id for item in items])
        change = Change()
        for item in items:
            agent = agents[item.agent_id]
            self._assign(conversations[item.item_id], agent, groups[item.group_id], change)
        self._save(list(conversations.values()))
        change.queue(groups)
        change.commit()

    def _assign(
        self, conversation: Conversation, agent: Agent, group: SkillGroup, change: Change
    ) -> None:
        before = conversation.agent_id
        if conversation.state != "serving":
            pull(conversation, Trigger.ASSIGN, AuthorType.SYSTEM)
        conversation.agent, conversation.group = agent, group
        conversation.accepted_at = conversation.accepted_at or timezone.now()
        content = {
            "agent": {"id": str(agent.id), "name": agent.name},
            "group": {"id": str(group.id), "name": group.name},
        }
        change.log(conversation, MessageKind.ASSIGNMENT, SYSTEM, content)
        change.state(conversation, Actor.agent(agent), "assigned")
        if before and before != agent.id:
            change.tell(before, conversation, "released")
        change.tell(agent.id, conversation, "assigned")
        change.event("handoff.to_agent", conversation, content)

    def _save(self, conversations: list[Conversation]) -> None:
        Conversation.objects.bulk_update(conversations, ["state", "agent", "group", "accepted_at"])
        Participant.objects.bulk_create(
            [Participant(conversation=one, agent=one.agent) for one in conversations],
            ignore_conflicts=True,
        )


def register() -> None:
    """Make routing call us."""
    registry.register("conversation", ConversationWork())
