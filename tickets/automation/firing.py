"""Making the ticket of a rule, once per rule and conversation.

The conversation is held, so that two rules, or the same one told twice, are one after the other;
the row of `RuleFiring` says that it was done and goes with it in one transaction.
"""

import uuid
from collections.abc import Callable

from django.db import transaction

from conversations import bot
from conversations.changes import Change
from conversations.locking import locked
from conversations.models import Conversation
from tickets import service
from tickets.automation.matching import holds_in
from tickets.models import CreationRule, RuleFiring, Source, Ticket, Trigger
from tickets.prefill import prefill
from tickets.service import By, NewTicket

SOURCES = {
    Trigger.KEYWORD: Source.KEYWORD,
    Trigger.BOT: Source.BOT,
    Trigger.UNANSWERED: Source.UNANSWERED,
    Trigger.UNRESOLVED: Source.UNRESOLVED,
}
Holds = Callable[[Conversation], bool]


@transaction.atomic
def fire(
    rule: CreationRule, conversation_id: uuid.UUID, holds: Holds = lambda conversation: True
) -> Ticket | None:
    """Do what the rule says, if it still `holds` with the conversation in hand.

    When an active ticket of the same type is linked to the conversation, no second one is made:
    the first gets the rule's tags and an internal comment. None when nothing was done. Raises
    `Invalid` or `Conflict` when the type cannot be used.
    """
    conversation = locked(conversation_id)
    if not holds_in(rule, conversation) or not holds(conversation):
        return None
    if RuleFiring.objects.filter(rule=rule, conversation=conversation).exists():
        return None
    known = _active(rule, conversation)
    ticket = known or _make(rule, conversation)
    if known is not None:
        _tell(rule, known)
    RuleFiring.objects.create(
        rule=rule, conversation=conversation, ticket=ticket, is_new=known is None
    )
    _answer(rule, conversation, ticket)
    return ticket


def _active(rule: CreationRule, conversation: Conversation) -> Ticket | None:
    linked = Ticket.objects.active().filter(links__conversation=conversation, type=rule.type)
    return linked.filter(merged_into=None).order_by("number").first()


def _make(rule: CreationRule, conversation: Conversation) -> Ticket:
    found = prefill(conversation, rule.type)
    new = NewTicket(
        type=rule.type,
        title=found.title,
        description=found.description,
        source=SOURCES[Trigger(rule.trigger)],
        priority=rule.priority,
        fields=found.fields,
        raw_fields=False,  # a rule cannot ask for what is required
        requester=conversation.customer,
        group=rule.group,
        issue_type=rule.issue_type,
        tags=rule.tags,
        conversation=conversation,
        files=found.files,
        cause=f"rule:{rule.pk}:{conversation.pk}",
    )
    ticket, _ = service.create(new, By.rule(rule.name))
    return ticket


def _tell(rule: CreationRule, ticket: Ticket) -> None:
    by = By.rule(rule.name)
    missing = [tag for tag in rule.tags if tag not in ticket.tags]
    if missing:
        service.edit(ticket.pk, by, {"tags": [*ticket.tags, *missing]})
    said = f"规则“{rule.name}”（{rule.get_trigger_display()}）再次触发，没有重复建单。"
    service.comment(ticket.pk, by, said)


def _answer(rule: CreationRule, conversation: Conversation, ticket: Ticket) -> None:
    if not rule.answer or not conversation.is_open:
        return
    change = Change()
    bot.say(conversation, change, rule.answer.replace("{number}", ticket.reference))
    change.commit()
