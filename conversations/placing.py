"""Placing a conversation: the strategy decides, and what it decided is carried out here."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from conversations import bot, notices
from conversations.actors import SYSTEM
from conversations.changes import Change
from conversations.facts import facts_of
from conversations.locking import locked
from conversations.models import AuthorType, Conversation, Customer, State
from conversations.states import Trigger, pull
from routing import assignment, overflow, queue
from routing.models import SkillGroup, WorkItem, WorkState
from routing.strategy import Decision, decide

KIND = "conversation"


def place(conversation: Conversation, change: Change, facts: Mapping[str, Any]) -> None:
    """Decide where a new, handed-over or returning conversation goes, and send it there.

    The caller holds the row, which is queued or offline, and commits `change`. A conversation
    keeps the version of the strategy by which it was decided first.
    """
    earlier = _first_item(conversation)
    version = earlier.version if earlier is not None else None
    own = conversation.channel.group
    carry_out(
        conversation, change, decide(KIND, conversation.id, facts, own, version=version), facts
    )


def _first_item(conversation: Conversation) -> WorkItem | None:
    return (
        WorkItem.objects.filter(kind=KIND, item_id=conversation.id, version__isnull=False)
        .select_related("version")
        .order_by("enqueued_at")
        .first()
    )


def carry_out(
    conversation: Conversation, change: Change, decision: Decision, facts: Mapping[str, Any]
) -> None:
    """Do what was decided; see `place`."""
    if conversation.group_id != decision.group_id:
        conversation.group = SkillGroup.objects.get(pk=decision.group_id)
        conversation.save(update_fields=["group"])
    _tag(conversation, decision)
    for text in decision.texts:
        bot.say(conversation, change, text)
    if decision.outcome == "bot" and not _had_bot(conversation):
        _record(conversation, decision, facts, "left_to_bot")
        bot.leave_to_bot(conversation, change, decision.text)
    elif decision.outcome == "offline":
        _record(conversation, decision, facts, "offline_message")
        take_offline(conversation, change, decision.text)
    else:
        _enqueue(conversation, change, decision, facts)
    _notify(conversation, decision)


def _had_bot(conversation: Conversation) -> bool:
    """Whether it comes from the bot: who asked for a human is not sent back."""
    left = WorkItem.objects.filter(
        kind=KIND, item_id=conversation.id, left_reason__in=overflow.LEFT_TO_BOT
    )
    return left.exists()


def _notify(conversation: Conversation, decision: Decision) -> None:
    for one in decision.notices:
        if one.to == "agent":
            people = list(get_user_model().objects.filter(agent=one.agent_id))
        else:
            people = notices.supervisors_of_group(conversation.group)
        notices.notify(people, one.text, conversation=conversation)


def _tag(conversation: Conversation, decision: Decision) -> None:
    if not decision.tags:
        return
    customer = Customer.objects.select_for_update(no_key=True).get(pk=conversation.customer_id)
    missing = [tag for tag in decision.tags if tag not in customer.tags]
    if missing:
        customer.tags = [*customer.tags, *missing]
        customer.save(update_fields=["tags"])


def _enqueue(
    conversation: Conversation, change: Change, decision: Decision, facts: Mapping[str, Any]
) -> None:
    item = _enter(conversation, decision, facts)
    if conversation.asked_at is None:
        conversation.asked_at = timezone.now()
        conversation.save(update_fields=["asked_at"])
    change.queue([item.group_id])
    assignment.rerun_on_commit([item.group_id])
    overflow.on_entering(item)


def _enter(conversation: Conversation, decision: Decision, facts: Mapping[str, Any]) -> WorkItem:
    kind = conversation.channel.kind
    return queue.enqueue(
        KIND, conversation.id, conversation.group, facts, channel_kind=kind, decision=decision
    )


def _record(
    conversation: Conversation, decision: Decision, facts: Mapping[str, Any], reason: str
) -> None:
    """A stay that never began: the decision is kept for the explanation and for trials."""
    queue.end([_enter(conversation, decision, facts)], reason)


def take_offline(conversation: Conversation, change: Change, text: str = "") -> None:
    """Nobody is to serve now; a message may be left. The caller holds the row."""
    if conversation.state != State.OFFLINE:
        pull(conversation, Trigger.NOBODY_ONLINE, AuthorType.SYSTEM)
        conversation.save(update_fields=["state"])
        change.state(conversation, SYSTEM, "nobody_online")
    bot.say(conversation, change, text)


@transaction.atomic
def replace(conversation_id: uuid.UUID, text: str = "") -> bool:
    """Decide again what still waits, or was left offline, now that the visitor wrote `text`.

    Whether anything changed. What is being served, offered or transferred stays where it is.
    """
    conversation = locked(conversation_id)
    if conversation.state not in {State.QUEUED, State.OFFLINE}:
        return False
    item = (
        WorkItem.objects.pending()
        .select_related("group", "version")
        .select_for_update(of=("self",), no_key=True)
        .filter(kind=KIND, item_id=conversation.id)
        .first()
    )
    facts = facts_of(conversation, text)
    if item is None:
        return _return_to_queue(conversation, facts)
    return item.state == WorkState.WAITING and _redecide(conversation, item, facts)


def _return_to_queue(conversation: Conversation, facts: Mapping[str, Any]) -> bool:
    """Left offline without a place in any queue, and the visitor is back."""
    earlier = _first_item(conversation)
    version = earlier.version if earlier is not None else None
    own = conversation.channel.group
    decision = decide(KIND, conversation.id, facts, own, version=version)
    group = SkillGroup.objects.get(pk=decision.group_id)
    if decision.outcome == "offline" or not overflow.anybody_online(group):
        return False
    pull(conversation, Trigger.SOMEONE_ONLINE, AuthorType.SYSTEM)
    conversation.save(update_fields=["state"])
    change = Change()
    change.state(conversation, SYSTEM, str(Trigger.SOMEONE_ONLINE))
    carry_out(conversation, change, decision, facts)
    change.commit()
    return True


def _redecide(conversation: Conversation, item: WorkItem, facts: Mapping[str, Any]) -> bool:
    own = conversation.channel.group
    decision = decide(KIND, conversation.id, facts, own, version=item.version)
    before = [one["id"] for one in item.decision.get("matched", [])]
    after = [one["id"] for one in decision.explanation.get("matched", [])]
    if before == after:
        return False
    queue.end([item], "decided_again")
    change = Change()
    change.queue([item.group_id])
    carry_out(conversation, change, decision, facts)
    # Deciding again must not cost the place in time.
    WorkItem.objects.waiting().filter(kind=KIND, item_id=conversation.id).update(
        enqueued_at=item.enqueued_at,
        rank_at=queue.rank(item.enqueued_at, decision.priority, conversation.group),
    )
    change.commit()
    return True
