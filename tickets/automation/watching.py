"""What is said and how conversations end: the subscribers that let rules fire.

Told again, a rule finds that it has fired. A rule that cannot make its ticket (the type was
switched off) is left out and logged; it must not keep the others from firing.
"""

import uuid
from collections.abc import Iterable, Sequence

import structlog

from conversations.models import Conversation
from lingxi.errors import LingxiError
from lingxi.events.models import Event
from lingxi.events.subscribers import subscriber
from tickets.automation import matching
from tickets.automation.firing import Holds, fire
from tickets.models import CreationRule, Trigger

logger = structlog.get_logger("tickets.automation")
ENDS = ("conversation.closed", "conversation.wrapped_up", "conversation.rated")
Hit = tuple[uuid.UUID, CreationRule, Holds]


def register() -> None:
    """Subscribe to visitors' words and to ends."""
    subscriber("ticket-rules-words", ["message.received"])(hear)
    subscriber("ticket-rules-ends", ENDS)(see_end)


def hear(events: list[Event]) -> None:
    """Keywords, and choices while the bot serves."""
    rules = matching.active(Trigger.KEYWORD, Trigger.BOT)
    if rules:
        _fire(hit for event in events for hit in _heard(event, rules))


def _heard(event: Event, rules: Sequence[CreationRule]) -> Iterable[Hit]:
    text = str(event.payload.get("text") or "")
    if not text or event.conversation_id is None:
        return
    for rule in rules:
        if rule.trigger == Trigger.BOT and matching.chooses(rule, text):
            yield event.conversation_id, rule, _with_bot
        elif rule.trigger == Trigger.KEYWORD and matching.says(rule, text):
            yield event.conversation_id, rule, _always


def see_end(events: list[Event]) -> None:
    """Wrapped up as unresolved, rated badly, or left before anybody came."""
    rules = matching.active(Trigger.UNRESOLVED)
    if rules:
        _fire(
            (event.conversation_id, rule, _holds(event))
            for event in events
            for rule in rules
            if event.conversation_id is not None and is_unresolved(rule, event)
        )


def is_unresolved(rule: CreationRule, event: Event) -> bool:
    """Whether the event says, as the rule sees it, that nothing was resolved."""
    said = event.payload
    if event.type == "conversation.wrapped_up":
        return rule.on_wrap_up and said.get("resolved") is False
    if event.type == "conversation.rated":
        score, most = said.get("score"), rule.most_score
        is_low = isinstance(score, int) and most is not None and score <= most
        return is_low or (rule.on_rating and said.get("resolved") is False)
    return rule.on_abandoned


def _holds(event: Event) -> Holds:
    return _was_abandoned if event.type == "conversation.closed" else _always


def _always(conversation: Conversation) -> bool:
    return True


def _with_bot(conversation: Conversation) -> bool:
    return conversation.is_open and conversation.with_bot


def _was_abandoned(conversation: Conversation) -> bool:
    """They said something, waited for a human, and none ever had the conversation."""
    spoke = conversation.first_visitor_message_at is not None
    nobody = conversation.agent_id is None and conversation.first_reply_at is None
    return spoke and nobody and not conversation.with_bot and not conversation.is_open


def _fire(hits: Iterable[Hit]) -> None:
    """Conversation by conversation in the order of their ids, as all who take several."""
    for conversation_id, rule, holds in sorted(hits, key=lambda hit: (hit[0], hit[1].order)):
        try:
            fire(rule, conversation_id, holds)
        except LingxiError as error:
            logger.warning("rule cannot fire", rule=str(rule.pk), error=error.code)
