"""Timed work of the conversation layer: the sweep that repairs what a kill left behind."""

import datetime as dt
from collections.abc import Callable

from celery import shared_task
from django.conf import settings
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
from lingxi.sweeps import attempt
from routing import offers, overflow
from routing.assignment import assign_everywhere
from routing.models import Agent, AgentStatus, Presence, WorkItem
from routing.presence import sweep_gone


@shared_task(ignore_result=True)
def sweep() -> dict[str, int]:
    """Assign whoever waits, take gone agents out, and tell waiting visitors that nobody is there.

    Returns how many of each.
    """
    steps: dict[str, Callable[[], int]] = {
        "assigned": assign_everywhere,
        "expired": offers.expire,
        "overflowed": overflow.flow_over,
        "requeued": requeue_from_gone,
        "offline": tell_offline,
        "online": tell_online,
        "closed": close_left,
        "reminded": lambda: sum(attempt(idle.remind, pk) for pk in idle.to_remind()),
        "ended_idle": lambda: sum(attempt(idle.end, pk) for pk in idle.to_end()),
        "blocked": lambda: sum(attempt(end_conversations, pk) for pk in customers_to_end()),
    }
    return {name: attempt(step) for name, step in steps.items()}


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
    return sum(attempt(requeue_conversation, pk, "agent_gone") for pk in ids)


def _somebody_online() -> Exists:
    lease = Presence.objects.filter(agent=OuterRef("pk"), expires_at__gt=timezone.now())
    online = Agent.objects.filter(Exists(lease), groups=OuterRef("group_id"))
    return Exists(online.exclude(status=AgentStatus.OFFLINE))


def tell_online() -> int:
    """Somebody of the group is back, though perhaps busy: who was told "offline" waits again.

    Those who are in no queue were left there by the strategy; they wait for nobody.
    """
    ids = Conversation.objects.filter(_somebody_online(), _is_queued(), state=State.OFFLINE)
    return sum(attempt(mark_online, pk) for pk in list(ids.values_list("id", flat=True)[:200]))


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
    return sum(attempt(close_conversation, pk, SYSTEM) for pk in ids)


def tell_offline() -> int:
    """Queued for a while in groups where nobody is online: the state says so."""
    since = timezone.now() - dt.timedelta(seconds=settings.LINGXI["OFFLINE_AFTER"])
    ids = list(
        Conversation.objects.filter(~_somebody_online(), state=State.QUEUED, created_at__lt=since)
        .order_by("created_at")
        .values_list("id", flat=True)[:200]
    )
    return sum(attempt(mark_offline, pk) for pk in ids)
