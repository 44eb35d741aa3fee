"""Hints: said once per batch after its commit, by any thread of any process."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from conversations.ingest.log import Row
from conversations.models import InboxEntry
from lingxi.ids import new_id

logger = structlog.get_logger("conversations.realtime")
GROUP = "hints"
PROCESS = str(new_id())  # whose hint it is: a process does not listen to itself


@dataclass(slots=True)
class Hint:
    """What happened in one batch."""

    rows: Sequence[Row] = ()
    inbox: Sequence[tuple[str, int]] = ()  # agent, their inbox's last seq
    queues: Collection[str] = ()  # groups whose queue moved
    soft: Sequence[dict[str, Any]] = field(default_factory=list)  # typing, read: best effort
    opened: Sequence[tuple[str, str]] = ()  # customer, the conversation just opened for them
    rights: Collection[int] = ()  # people whose rights may have changed
    merged: Sequence[str] = ()  # customers who are another now
    notices: Collection[int] = ()  # people who have a new notice
    words: bool = False  # the sensitive words are others now

    def by_conversation(self) -> dict[uuid.UUID, list[Row]]:
        """The rows of each conversation, in order."""
        found: dict[uuid.UUID, list[Row]] = defaultdict(list)
        for row in self.rows:
            found[row.conversation_id].append(row)
        return found

    def encode(self) -> bytes:
        """As it goes to the other processes."""
        return orjson.dumps(
            {
                "rows": self.rows,
                "inbox": self.inbox,
                "queues": list(self.queues),
                "soft": self.soft,
                "opened": self.opened,
                "rights": list(self.rights),
                "merged": self.merged,
                "notices": list(self.notices),
                "words": self.words,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> "Hint":
        """The other way."""
        said = orjson.loads(data)
        said["rows"] = [_row(row) for row in said["rows"]]
        return cls(**said)


def _row(said: dict[str, Any]) -> Row:
    said["id"] = uuid.UUID(said["id"])
    said["conversation_id"] = uuid.UUID(said["conversation_id"])
    said["author_id"] = uuid.UUID(said["author_id"]) if said["author_id"] else None
    said["created_at"] = dt.datetime.fromisoformat(said["created_at"])
    return Row(**said)


def rows(rows: Sequence[Row]) -> None:
    """These entries were committed."""
    if rows:
        say(Hint(rows=rows))


def publish(
    rows: Sequence[Row] = (),
    inbox: Sequence[InboxEntry] = (),
    queues: Collection[uuid.UUID] = (),
    opened: Sequence[tuple[uuid.UUID, uuid.UUID]] = (),
) -> None:
    """A change was committed."""
    newest = {str(entry.agent_id): entry.seq for entry in inbox}
    say(
        Hint(
            rows,
            list(newest.items()),
            [str(pk) for pk in queues],
            opened=[(str(customer), str(conversation)) for customer, conversation in opened],
        )
    )


def soft(*frames: dict[str, Any]) -> None:
    """Best effort: `{"conversation", "to": "visitor"|"staff", "frame": {...}}`."""
    say(Hint(soft=list(frames)))


def say(hint: Hint) -> None:
    """Tell this process's hubs and, through the channel layer, all others."""
    from conversations.realtime.hub import running_hubs

    hubs = running_hubs()
    for number, hub in enumerate(hubs):
        hub.loop.call_soon_threadsafe(hub.hear, hint, number == 0)
    if not hubs:
        _say_from_outside(hint)


def _say_from_outside(hint: Hint) -> None:
    """From a worker or a command, which has no loop of its own."""
    try:
        async_to_sync(get_channel_layer().group_send)(GROUP, message(hint))
    except Exception as exc:  # Redis away: whoever watches will look again by itself
        logger.warning("hint not sent", error=str(exc)[:200])


def message(hint: Hint) -> dict[str, Any]:
    """The channel layer's message."""
    return {"type": "hint", "from": PROCESS, "data": hint.encode()}
