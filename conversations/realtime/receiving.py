"""What sockets receive besides messages: typing and receipts, coalesced and best effort."""

import asyncio
import uuid
from typing import Any

import structlog

from conversations import receipts
from conversations.actors import Actor
from conversations.models import AuthorType
from conversations.realtime import hints
from conversations.realtime.connection import Connection
from conversations.realtime.database import in_database
from lingxi.access.masking import mask_text

logger = structlog.get_logger("conversations.realtime")
PREVIEW = 500
FLUSH_AFTER = 0.2


def typing(
    connection: Connection, actor: Actor, conversation_id: uuid.UUID, frame: dict[str, Any]
) -> None:
    """Pass typing on to the other side; only agents see what is being typed."""
    if conversation_id not in connection.places:
        return
    by_visitor = actor.type == AuthorType.VISITOR
    preview = frame.get("preview") if by_visitor else None
    passed = {
        "t": "typing",
        "conversation": str(conversation_id),
        "author": {"type": str(actor.type), "name": actor.name},
        "preview": mask_text(preview[:PREVIEW]) if isinstance(preview, str) else None,
    }
    to = "staff" if by_visitor else "visitor"
    hints.soft({"conversation": str(conversation_id), "to": to, "frame": passed})


class Receipts:
    """A socket's receipts: the furthest per conversation, written a moment later."""

    def __init__(self, connection: Connection, actor: Actor) -> None:
        self._connection, self._actor = connection, actor
        self._furthest: dict[tuple[uuid.UUID, bool], int] = {}
        self._flushing = False

    def add(self, conversation_id: uuid.UUID, seq: int, *, read: bool) -> None:
        """The viewer received or read up to `seq`."""
        key = (conversation_id, read)
        self._furthest[key] = max(seq, self._furthest.get(key, 0))
        if not self._flushing:
            self._flushing = True
            self._connection.spawn(self._flush())

    async def _flush(self) -> None:
        await asyncio.sleep(FLUSH_AFTER)
        furthest, self._furthest, self._flushing = self._furthest, {}, False
        try:
            frames = await in_database(self._write, furthest)
        except Exception as exc:
            logger.warning("receipts not written", error=str(exc)[:200])
            return
        if frames:
            hints.soft(*frames)

    def _write(self, furthest: dict[tuple[uuid.UUID, bool], int]) -> list[dict[str, Any]]:
        frames = []
        for (conversation_id, read), seq in furthest.items():
            moved = receipts.mark(conversation_id, self._actor, seq, read=read)
            if moved is not None:
                frames.append(self._frame(conversation_id, moved, read))
        return frames

    def _frame(self, conversation_id: uuid.UUID, seq: int, read: bool) -> dict[str, Any]:
        by_visitor = self._actor.type == AuthorType.VISITOR
        if not by_visitor:
            seq = receipts.visitor_place(conversation_id, seq)
        frame = {
            "t": "read" if read else "received",
            "conversation": str(conversation_id),
            "seq": seq,
            "by": str(self._actor.type),
        }
        to = "staff" if by_visitor else "visitor"
        return {"conversation": str(conversation_id), "to": to, "frame": frame}
