"""会话小结: what a conversation was about, written by the agent who served it last.

It may be written any time after the end and changed for a day. Where the group requires it, what
is missing stays on the agent's list until it is done.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from conversations.changes import Change
from conversations.locking import locked
from conversations.models import Conversation, State, WrapUp, WrapUpCategory
from conversations.models.conversation import ConversationQuerySet
from conversations.service import settings_of
from lingxi.access.permissions import check
from lingxi.errors import Forbidden, Invalid, NotFound, TooLong, TransitionNotAllowed
from routing.models import Agent

EDITABLE = dt.timedelta(hours=24)
MAX_NOTE, MAX_DEPTH = 2000, 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A category with its place in the tree, as in "售后 / 退款"."""

    id: uuid.UUID
    path: str


def categories_for(group_id: uuid.UUID) -> list[Choice]:
    """What a conversation of the group may be about: active ones, parents before children."""
    rows = {row.pk: row for row in WrapUpCategory.objects.order_by("order", "name")}
    found: list[Choice] = []

    def walk(parent: uuid.UUID | None, path: str) -> None:
        for row in rows.values():
            if row.parent_id != parent or not row.is_active:
                continue
            if row.group_id not in (None, group_id):
                continue
            here = f"{path} / {row.name}" if path else row.name
            found.append(Choice(row.pk, here))
            walk(row.pk, here)

    walk(None, "")
    return found


def path_of(category: WrapUpCategory | None) -> str:
    """Where a category stands in the tree; empty for none."""
    names: list[str] = []
    while category is not None and len(names) < MAX_DEPTH:
        names.insert(0, category.name)
        category = category.parent
    return " / ".join(names)


def missing_of(agent: Agent) -> ConversationQuerySet:
    """Ended conversations of the agent whose wrap-up is required and not there, latest first."""
    return Conversation.objects.filter(
        agent=agent,
        state=State.CLOSED,
        wrap_up=None,
        group__service__wrap_up_required=True,
        closed_at__gte=F("group__service__wrap_up_since"),
    ).order_by("-closed_at")


def is_required(conversation: Conversation) -> bool:
    """Whether its group wants a wrap-up of it."""
    settings = settings_of(conversation.group_id)
    since = settings.wrap_up_since
    ended = conversation.closed_at
    return settings.wrap_up_required and (since is None or ended is None or ended >= since)


def may_write(conversation: Conversation, agent: Agent | None, found: WrapUp | None) -> bool:
    """Whether this agent may write or still change it."""
    if agent is None or conversation.is_open or conversation.agent_id != agent.id:
        return False
    return found is None or timezone.now() - found.created_at <= EDITABLE


@transaction.atomic
def write(
    conversation_id: uuid.UUID,
    by: Any,
    category_id: uuid.UUID | None = None,
    resolved: bool | None = None,
    note: str = "",
) -> WrapUp:
    """Write or change the wrap-up.

    Raises `NotFound` for what `by` may not see, `TransitionNotAllowed` before the end, `Forbidden`
    for others than the last agent and after a day, `Invalid`, `TooLong`.
    """
    check(by, "wrap_up.write")
    if not Conversation.objects.visible_to(by).filter(pk=conversation_id).exists():
        raise NotFound("会话不存在")
    conversation = locked(conversation_id)
    agent = Agent.objects.filter(user_id=by.pk).first()
    found = WrapUp.objects.filter(pk=conversation_id).select_related("category").first()
    if conversation.is_open:
        raise TransitionNotAllowed("会话结束后才能填写小结")
    if agent is None or conversation.agent_id != agent.id:
        raise Forbidden("只有最后接待的坐席可以填写小结")
    if not may_write(conversation, agent, found):
        raise Forbidden("超过 24 小时的小结不能修改")
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise TooLong(fields={"note": [f"最多 {MAX_NOTE} 字"]})
    category = _category(conversation, category_id, found)
    said = {"category": category, "resolved": resolved, "note": note, "agent": agent}
    row, _ = WrapUp.objects.update_or_create(
        conversation=conversation, defaults={**said, "edited_at": timezone.now()}
    )
    change = Change()
    change.tell(agent.id, conversation, "wrapped_up")
    payload = {"category": path_of(category), "resolved": resolved, "note": note}
    change.event("conversation.wrapped_up", conversation, payload)
    change.commit()
    return row


def _category(
    conversation: Conversation, category_id: uuid.UUID | None, found: WrapUp | None
) -> WrapUpCategory | None:
    choices = {one.id for one in categories_for(conversation.group_id)}
    if category_id is None:
        if choices and is_required(conversation):
            raise Invalid("请选择小结分类", fields={"category": ["必填"]})
        return None
    kept = found is not None and found.category_id == category_id  # also when it is retired now
    if category_id not in choices and not kept:
        raise Invalid("小结分类无效", fields={"category": ["不存在或已停用"]})
    return WrapUpCategory.objects.get(pk=category_id)
