"""Visitors who do not answer: a reminder, and after it the end, in the times of the group.

The clock runs from the last message anybody wrote, while no words of the visitor wait for an
answer. A reminder counts for the silence it was said in: when somebody writes after it, the next
silence begins anew. The sweep of every worker looks for what is due, and looks again with the
conversation's row in hand, so two workers, or one that was killed, say nothing twice.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, Value
from django.utils import timezone

from conversations import actions, bot
from conversations.actors import SYSTEM
from conversations.changes import Change
from conversations.locking import locked
from conversations.models import Conversation, ServiceSettings, State
from conversations.models.conversation import ConversationQuerySet

AT_ONCE = 200  # of one sweep
REASON = "idle"
_SECOND = Value(dt.timedelta(seconds=1), output_field=DurationField())


def to_remind(now: dt.datetime | None = None) -> list[uuid.UUID]:
    """Conversations in which a reminder is due."""
    return list(_reminders_due(now).values_list("id", flat=True)[:AT_ONCE])


def to_end(now: dt.datetime | None = None) -> list[uuid.UUID]:
    """Conversations that nobody answered in after a reminder."""
    return list(_ends_due(now).values_list("id", flat=True)[:AT_ONCE])


def _reminders_due(now: dt.datetime | None) -> ConversationQuerySet:
    return _silent().filter(
        _ago("last_message_at", "idle_reminder_seconds", now),
        Q(idle_reminded_at=None) | Q(idle_reminded_at__lt=F("last_message_at")),
        group__service__idle_reminder_seconds__gt=0,
    )


def _ends_due(now: dt.datetime | None) -> ConversationQuerySet:
    return _silent().filter(
        _ago("idle_reminded_at", "idle_end_seconds", now),
        idle_reminded_at__gte=F("last_message_at"),
        group__service__idle_end_seconds__gt=0,
    )


def _silent() -> ConversationQuerySet:
    """Served by an agent who has answered; the visitor has not."""
    return Conversation.objects.filter(
        state=State.SERVING, agent__isnull=False, waiting_since=None, first_reply_at__isnull=False
    ).order_by("id")


def _ago(since: str, seconds: str, now: dt.datetime | None) -> Q:
    """`since` is at least as long ago as the group's setting says."""
    limit = ExpressionWrapper(
        Value(now or timezone.now()) - F(f"group__service__{seconds}") * _SECOND,
        output_field=DateTimeField(),
    )
    return Q(**{f"{since}__lte": limit})


@transaction.atomic
def remind(conversation_id: uuid.UUID, now: dt.datetime | None = None) -> bool:
    """Say the group's reminder, if it is still due; whether it was said."""
    conversation = locked(conversation_id)
    if not _reminders_due(now).filter(pk=conversation.pk).exists():
        return False
    change = Change()
    bot.say(conversation, change, _settings(conversation).idle_reminder_text, SYSTEM)
    # Not before the entry's own time, which is later than the last message now.
    conversation.idle_reminded_at = timezone.now()
    conversation.save(update_fields=["idle_reminded_at"])
    change.commit()
    return True


@transaction.atomic
def end(conversation_id: uuid.UUID, now: dt.datetime | None = None) -> bool:
    """End the conversation, if it is still due; whether it was ended."""
    conversation = locked(conversation_id)
    if not _ends_due(now).filter(pk=conversation.pk).exists():
        return False
    change = Change()
    bot.say(conversation, change, _settings(conversation).idle_end_text, SYSTEM)
    change.commit()
    actions.close_conversation(conversation.id, SYSTEM, reason=REASON)
    return True


def _settings(conversation: Conversation) -> ServiceSettings:
    return ServiceSettings.objects.get(pk=conversation.group_id)
