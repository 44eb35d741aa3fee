"""Recalls and edits: entries of the log that change how an earlier one is shown.

Only one's own message, within two minutes. What was said stays stored for the archive.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from conversations.ingest.commands import Command
from conversations.ingest.log import LAST_TEXT, Head, Row
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


def check(command: Command, target: Message | None) -> Message:
    """The target. Raises `NotFound`, `Forbidden` or `Invalid` when it cannot be revised so."""
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
    return target


def retell(head: Head, command: Command, target: Message) -> None:
    """Lists show the last words said: as they are now, when it is they that change."""
    later = Message.objects.after(head.id, target.seq).filter(kind=MessageKind.MESSAGE)
    if not later.exists():
        text = "[消息已撤回]" if command.kind == "recall" else command.content["text"]
        head.last_text = text[:LAST_TEXT]


def apply(rows: Sequence[Row], targets: Mapping[str, Message]) -> None:
    """Show the targets of these entries as they are now."""
    for row in rows:
        if row.kind in REVISIONS:
            target = targets[row.content["message"]]
            Message.objects.filter(pk=target.pk).update(revised=_revised(row, target))
            if row.kind == MessageKind.RECALL:
                _forget_edits(target)


def _revised(row: Row, target: Message) -> dict[str, Any]:
    if row.kind == MessageKind.RECALL:
        return {"type": "recalled"}
    answered = target.content.get("reply_to")
    kept = {"reply_to": answered} if answered else {}
    return {"type": "text", "text": row.text, "edited": True, **kept}


def _forget_edits(target: Message) -> None:
    """The words a message was edited to are recalled with it."""
    Message.objects.after(target.conversation_id, target.seq).filter(
        kind=MessageKind.EDIT, content__message=str(target.pk)
    ).update(revised={"type": "edit", "message": str(target.pk), "text": ""})
