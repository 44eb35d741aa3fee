"""Recalls and edits: entries of the log that change how an earlier one is shown.

Only one's own message, within two minutes. What was said stays stored for the archive.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from conversations.ingest.commands import Command
from conversations.ingest.log import Row
from conversations.ingest.validate import REVISIONS
from conversations.models import Message, MessageKind
from lingxi.errors import Forbidden, Invalid, NotFound

WITHIN = dt.timedelta(minutes=2)


def targets_of(commands: Iterable[Command]) -> dict[str, Message]:
    """The messages that the commands would revise, by id; no query when there are none."""
    wanted = [one.content["message"] for one in commands if one.kind in REVISIONS]
    if not wanted:
        return {}
    return {str(row.id): row for row in Message.objects.filter(pk__in=wanted)}


def check(command: Command, target: Message | None) -> None:
    """Raises `NotFound`, `Forbidden` or `Invalid` when this message cannot be revised so."""
    if target is None or target.conversation_id != command.conversation_id:
        raise NotFound("消息不存在", fields={"message": ["不存在"]})
    if target.author_id != command.actor.id or target.kind != MessageKind.MESSAGE:
        raise Forbidden("只能撤回或修改自己的消息")
    if timezone.now() - target.created_at > WITHIN:
        raise Forbidden("超过 2 分钟的消息不能撤回或修改")
    if (target.revised or {}).get("type") == "recalled":
        raise Invalid("消息已撤回")
    if command.kind == "edit" and target.content.get("type") != "text":
        raise Invalid("只有文本消息可以修改")


def apply(rows: Sequence[Row]) -> None:
    """Show the targets of these entries as they are now."""
    for row in rows:
        if row.kind == MessageKind.RECALL:
            revised: dict[str, Any] = {"type": "recalled"}
        elif row.kind == MessageKind.EDIT:
            revised = {"type": "text", "text": row.text, "edited": True}
        else:
            continue
        Message.objects.filter(pk=row.content["message"]).update(revised=revised)
