"""What goes into the writer and what comes out."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from conversations.actors import Actor
from lingxi.ids import new_id


@dataclass(slots=True)
class Command:
    """One entry to be written. `kind` is text, image, file, note, whisper, recall or edit."""

    conversation_id: uuid.UUID
    actor: Actor
    kind: str
    content: dict[str, Any]
    client_msg_id: str
    id: uuid.UUID = field(default_factory=new_id)


@dataclass(slots=True)
class Ack:
    """It is stored, at `seq` for staff and `visitor_seq` for the visitor (None: internal)."""

    client_msg_id: str
    message_id: uuid.UUID
    seq: int
    visitor_seq: int | None
    created_at: dt.datetime
    dup: bool = False

    def as_dict(self, *, for_visitor: bool) -> dict[str, Any]:
        """The `ack` frame."""
        return {
            "t": "ack",
            "client_msg_id": self.client_msg_id,
            "message_id": str(self.message_id),
            "seq": self.visitor_seq if for_visitor else self.seq,
            "created_at": self.created_at,
            "dup": self.dup,
        }
