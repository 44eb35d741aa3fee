"""What routing does to conversations: the handler that it calls, with the rows in hand."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from conversations import bot, placing, service, transfers
from conversations.actors import SYSTEM, Actor
from conversations.changes import Change
from conversations.models import (
    AuthorType,
    ChannelKind,
    Conversation,
    MessageKind,
    TransferState,
)
from conversations.states import Trigger, pull
from lingxi.recordset import recordset
from routing import registry
from routing.models import Agent, SkillGroup, WorkItem

OUTCOMES = {
    "refused": TransferState.REFUSED,
    "timed_out": TransferState.TIMED_OUT,
    "withdrawn": TransferState.WITHDRAWN,
}

_SERVED = """
UPDATE conversations_conversation c
SET state = t.state, agent_id = t.agent_id, group_id = t.group_id, accepted_at = t.accepted_at,
    with_bot = false
FROM json_to_recordset(%s::json)
  AS t(id uuid, state text, agent_id uuid, group_id uuid, accepted_at timestamptz)
WHERE c.id = t.id
"""

_TAKES_PART = """
INSERT INTO conversations_participant (conversation_id, agent_id, received_seq, read_seq, joined_at)
SELECT id, agent_id, 0, 0, %s FROM json_to_recordset(%s::json) AS t(id uuid, agent_id uuid)
ON CONFLICT DO NOTHING
"""


_COLUMNS = (
    *("id", "customer_id", "channel_id", "group_id", "agent_id", "state", "with_bot"),
    *("accepted_at", "channel__key", "channel__kind", "channel__group_id"),
)


@dataclass
class _Rows:
    """The conversations of some items, with the agents and groups the items name."""

    conversations: dict[uuid.UUID, Conversation]
    agents: dict[uuid.UUID, Agent]
    groups: dict[uuid.UUID, SkillGroup]

    @classmethod
    def of(cls, items: Sequence[WorkItem]) -> "_Rows":
        # Locked by `lock` already; ten columns are a third of the time of all.
        conversations = (
            Conversation.objects.select_related("channel")
            .only(*_COLUMNS)
            .in_bulk([item.item_id for item in items])
        )
        return cls(
            conversations,
            Agent.objects.only("id", "name").in_bulk(
                {item.agent_id for item in items if item.agent_id}
            ),
            SkillGroup.objects.in_bulk({item.group_id for item in items}),
        )


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
        rows, change = _Rows.of(items), Change()
        served = [self._assign(rows, item, change) for item in items]
        _save(served)
        change.queue(rows.groups)
        change.commit()

    def _assign(self, rows: _Rows, item: WorkItem, change: Change) -> Conversation:
        conversation, group = rows.conversations[item.item_id], rows.groups[item.group_id]
        agent = rows.agents[item.agent_id]  # type: ignore[index]
        before, is_first = conversation.agent_id, conversation.accepted_at is None
        if item.is_transfer:
            transfers.settle(conversation, change, TransferState.ACCEPTED, accepted_by=agent)
        if conversation.state != "serving" or conversation.with_bot:
            pull(conversation, Trigger.ASSIGN, AuthorType.SYSTEM)
        conversation.agent, conversation.group, conversation.with_bot = agent, group, False
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
        if is_first:
            service.welcome(conversation, agent, group, change)
        return conversation

    def offered(self, items: Sequence[WorkItem]) -> None:
        """Each conversation's item waits for the answer of `item.agent`."""
        rows, change = _Rows.of(items), Change()
        for item in items:
            # A transfer to one agent has told them already, with its own words.
            if not (item.is_transfer and item.give_up_at == item.offer_expires_at):
                change.tell(item.agent_id, rows.conversations[item.item_id], "offered")
        change.queue(rows.groups)
        change.commit()

    def not_taken(self, items: Sequence[WorkItem], outcome: str) -> None:
        """Nobody took them: a transfer that is done is over, anything else waits again."""
        rows, change = _Rows.of(items), Change()
        for item in items:
            conversation = rows.conversations[item.item_id]
            asked = uuid.UUID(item.explanation["asked"]) if item.explanation.get("asked") else None
            if item.is_transfer and not item.is_pending:
                transfers.settle(conversation, change, OUTCOMES[outcome])
            change.tell(asked, conversation, "offer_ended")
        change.queue(rows.groups)
        change.commit()

    def moved(self, items: Sequence[WorkItem]) -> None:
        """They wait in `item.group` now."""
        rows, change = _Rows.of(items), Change()
        for item in items:
            conversation = rows.conversations[item.item_id]
            change.queue([conversation.group_id])
            conversation.group = rows.groups[item.group_id]
            conversation.save(update_fields=["group"])
            step = item.decision.get("overflow", [{}])[-1]
            told = {"group": {"id": str(item.group_id), "name": conversation.group.name}}
            change.event("conversation.overflowed", conversation, {**told, **step})
        change.queue(rows.groups)
        change.commit()

    def left_to_bot(self, items: Sequence[WorkItem]) -> None:
        """A bot serves them."""
        rows, change = _Rows.of(items), Change()
        for item in items:
            bot.leave_to_bot(rows.conversations[item.item_id], change)
        change.queue(rows.groups)
        change.commit()

    def gone_offline(self, items: Sequence[WorkItem]) -> None:
        """A message may be left for them; they are in no queue."""
        rows, change = _Rows.of(items), Change()
        for item in items:
            conversation = rows.conversations[item.item_id]
            text = service.settings_of(item.group_id).offline_text
            placing.take_offline(conversation, change, text)
        change.queue(rows.groups)
        change.commit()


def _save(conversations: Sequence[Conversation]) -> None:
    now: dt.datetime = timezone.now()
    rows = [
        {
            "id": one.pk,
            "state": str(one.state),
            "agent_id": one.agent_id,
            "group_id": one.group_id,
            "accepted_at": one.accepted_at,
        }
        for one in conversations
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SERVED, [recordset(rows)])
        people = [{"id": one["id"], "agent_id": one["agent_id"]} for one in rows]
        cursor.execute(_TAKES_PART, [now, recordset(people)])


def register() -> None:
    """Make routing call us."""
    registry.register("conversation", ConversationWork(), label="会话", home="渠道的技能组")
    registry.register_channel_kinds(ChannelKind.choices)
