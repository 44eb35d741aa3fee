"""Visitors who wait too long for a human: found by a sweep, as time makes no event.

The clock is `Conversation.waiting_since`, the first words that no human has answered. Of each rule
one query over the open conversations (there is an index of those) finds what is due; where it has
fired it is due no more.
"""

import datetime as dt
import uuid

from django.db.models import Exists, OuterRef
from django.utils import timezone

from conversations.models import Conversation
from conversations.models.conversation import ConversationQuerySet
from lingxi.sweeps import attempt
from tickets.automation import matching
from tickets.automation.firing import fire
from tickets.models import CreationRule, RuleFiring, Trigger

AT_ONCE = 200  # of one rule in one sweep


def sweep(now: dt.datetime | None = None) -> int:
    """Let rules fire whose time has come; how many did."""
    moment = now or timezone.now()
    found = [(rule, pk) for rule in matching.active(Trigger.UNANSWERED) for pk in due(rule, moment)]
    return sum(attempt(_fire, rule, pk, moment) for rule, pk in found)


def due(rule: CreationRule, now: dt.datetime) -> list[uuid.UUID]:
    """Conversations in which somebody waits longer than the rule allows; the longest first."""
    rows = _waiting(rule, now)
    channels, groups = (
        [row.pk for row in rows] for rows in (rule.channels.all(), rule.groups.all())
    )
    if channels:
        rows = rows.filter(channel__in=channels)
    if groups:
        rows = rows.filter(group__in=groups)
    fired = RuleFiring.objects.filter(rule=rule, conversation=OuterRef("pk"))
    late = rows.filter(~Exists(fired)).order_by("waiting_since")
    return list(late.values_list("pk", flat=True)[:AT_ONCE])


def _waiting(rule: CreationRule, now: dt.datetime) -> ConversationQuerySet:
    since = now - dt.timedelta(minutes=rule.minutes or 0)
    return Conversation.objects.open().filter(with_bot=False, waiting_since__lte=since)


def _fire(rule: CreationRule, conversation_id: uuid.UUID, now: dt.datetime) -> int:
    """Looked at again with the conversation in hand: somebody may have answered."""
    still = _waiting(rule, now).filter(pk=conversation_id)
    return int(fire(rule, conversation_id, lambda _: still.exists()) is not None)
