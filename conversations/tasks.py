"""Timed work of the conversation layer: the sweep that repairs what a kill left behind."""

import datetime as dt

import structlog
from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from conversations import attachments, idle
from conversations.actions import (
    close_conversation,
    mark_offline,
    mark_online,
    requeue_conversation,
)
from conversations.actors import SYSTEM
from conversations.blocklist import customers_to_end, end_conversations
from conversations.models import Conversation, State
from lingxi.errors import LingxiError
from routing import offers, overflow
from routing.assignment import assign_everywhere
from routing.models import Agent, AgentStatus, Presence, WorkItem
from routing.presence import sweep_gone

logger = structlog.get_logger("conversations.sweep")


@shared_task(ignore_result=True)
def sweep() -> dict[str, int]:
    """Assign whoever waits, take gone agents out, and tell waiting visitors that nobody is there.

    Returns how many of each.
    """
    return {
        "assigned": assign_everywhere(),
        "expired": offers.expire(),
        "overflowed": overflow.flow_over(),
        "requeued": requeue_from_gone(),
        "offline": tell_offline(),
        "online": tell_online(),
        "closed": close_left(),
        "reminded": sum(_quietly(idle.remind, pk) for pk in idle.to_remind()),
        "ended_idle": sum(_quietly(idle.end, pk) for pk in idle.to_end()),
        "blocked": sum(_quietly(end_conversations, pk) for pk in customers_to_end()),
    }


@shared_task(ignore_result=True)
def remove_unused_uploads() -> int:
    """Uploads that no message ever carried; how many were removed."""
    return attachments.remove_unused()


def requeue_from_gone() -> int:
    """Conversations of agents whose connection is lost for good go back to the queue."""
    ids = list(
        Conversation.objects.filter(
            state__in=[State.SERVING, State.TRANSFERRING], agent__in=sweep_gone()
        ).values_list("id", flat=True)
    )
    return sum(_quietly(requeue_conversation, pk, "agent_gone") for pk in ids)


def _somebody_online() -> Exists:
    lease = Presence.objects.filter(agent=OuterRef("pk"), expires_at__gt=timezone.now())
    online = Agent.objects.filter(Exists(lease), groups=OuterRef("group_id"))
    return Exists(online.exclude(status=AgentStatus.OFFLINE))


def tell_online() -> int:
    """Somebody of the group is back, though perhaps busy: who was told "offline" waits again.

    Those who are in no queue were left there by the strategy; they wait for nobody.
    """
    ids = Conversation.objects.filter(_somebody_online(), _is_queued(), state=State.OFFLINE)
    return sum(_quietly(mark_online, pk) for pk in list(ids.values_list("id", flat=True)[:200]))


def _is_queued() -> Exists:
    return Exists(WorkItem.objects.pending().filter(kind="conversation", item_id=OuterRef("pk")))


def close_left() -> int:
    """What was left offline, in no queue, and has been silent for long, is over."""
    since = timezone.now() - dt.timedelta(seconds=settings.LINGXI["OFFLINE_KEPT"])
    ids = list(
        Conversation.objects.filter(~_is_queued(), state=State.OFFLINE, created_at__lt=since)
        .exclude(last_message_at__gte=since)
        .values_list("id", flat=True)[:200]
    )
    return sum(_quietly(close_conversation, pk, SYSTEM) for pk in ids)


def tell_offline() -> int:
    """Queued for a while in groups where nobody is online: the state says so."""
    since = timezone.now() - dt.timedelta(seconds=settings.LINGXI["OFFLINE_AFTER"])
    ids = list(
        Conversation.objects.filter(~_somebody_online(), state=State.QUEUED, created_at__lt=since)
        .order_by("created_at")
        .values_list("id", flat=True)[:200]
    )
    return sum(_quietly(mark_offline, pk) for pk in ids)


def _quietly(change, *args) -> int:  # type: ignore[no-untyped-def]
    """One that fails must not keep the sweep from the others."""
    try:
        with transaction.atomic():
            done = change(*args)
    except LingxiError as exc:
        logger.info("not swept", error=exc.code)
        return 0
    return 0 if done is False else 1  # False: somebody else was faster
