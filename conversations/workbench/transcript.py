"""Log entries as the workbench shows them: bubbles, notes and lines."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from conversations.models import AuthorType, Conversation, MessageKind
from conversations.wire import read_log
from conversations.workbench.rows import display_name, initial_of
from conversations.workbench.words import line_of
from lingxi.access.masking import sees_plain

PAGE = 50
TOGETHER = dt.timedelta(minutes=3)
LONG = 700  # characters; longer ones are folded


@dataclass(slots=True)
class Entry:
    """One entry. `side` is "in" for the visitor, "out" for our side, "line" for events."""

    id: str
    seq: int
    kind: str
    side: str
    at: dt.datetime
    author: str
    initial: str
    content: Mapping[str, Any]
    client_msg_id: str
    is_mine: bool
    line: str = ""
    day: str = ""  # the separator above it
    status: str = ""
    follows: bool = False  # the same person went on within minutes

    @property
    def text(self) -> str:
        """The words in it."""
        return str(self.content.get("text", ""))

    @property
    def is_long(self) -> bool:
        """Whether it is shown folded."""
        return len(self.text) > LONG or self.text.count("\n") > 24

    @property
    def size(self) -> str:
        """The size of the file in it."""
        return filesizeformat(self.content.get("size") or 0)


@dataclass(slots=True)
class Page:
    """A stretch of one conversation's log; `before` is where the older ones end, 0 at the start."""

    entries: list[Entry]
    before: int
    last_seq: int


def page_of(
    conversation: Conversation, user: Any, agent_id: uuid.UUID | None, before: int | None = None
) -> Page:
    """The last entries, or the last ones before `before`. The log is dense, so counting does."""
    end = conversation.last_seq if before is None else min(before - 1, conversation.last_seq)
    start = max(0, end - PAGE)
    # Without an end, what was written meanwhile comes too.
    limit = PAGE * 2 if before is None else max(0, end - start)
    plain = sees_plain(user)
    events = read_log(conversation.id, start, limit, for_visitor=False, plain=plain)
    customer = conversation.customer
    name = display_name(customer.name, customer.id, plain=plain)
    entries = list(_entries(events, name, agent_id))
    last = events[-1]["seq"] if events else end
    return Page(entries, start + 1 if start else 0, last)


def _entries(
    events: Sequence[dict[str, Any]], visitor: str, agent_id: uuid.UUID | None
) -> Iterator[Entry]:
    day, above = None, None
    for event in events:
        entry = _entry(event, visitor, str(agent_id) if agent_id else None)
        if entry.side == "line" and not entry.line:
            continue
        local = timezone.localtime(entry.at).date()
        if local != day:
            day, entry.day = local, day_of(local)
        entry.follows = above is not None and not entry.day and _goes_on(above, entry)
        above = entry
        yield entry


def _goes_on(above: Entry, entry: Entry) -> bool:
    same = (above.side, above.kind, above.author) == (entry.side, entry.kind, entry.author)
    return same and entry.side != "line" and entry.at - above.at < TOGETHER


def _entry(event: dict[str, Any], visitor: str, agent_id: str | None) -> Entry:
    kind, author = event["kind"], event["author"]
    is_talk = kind in {MessageKind.MESSAGE, MessageKind.NOTE, MessageKind.WHISPER}
    from_visitor = author["type"] == AuthorType.VISITOR
    name = visitor if from_visitor else author["name"] or _TITLES.get(author["type"], "")
    return Entry(
        id=event["id"],
        seq=event["seq"],
        kind=kind,
        side=("in" if from_visitor else "out") if is_talk else "line",
        at=event["created_at"],
        author=name,
        initial=initial_of(name),
        content=event["content"],
        client_msg_id=event["client_msg_id"] or "",
        is_mine=agent_id is not None and author["id"] == agent_id,
        line="" if is_talk else line_of(kind, event["content"], name),
    )


_TITLES = {AuthorType.BOT: "机器人", AuthorType.SYSTEM: "系统", AuthorType.AGENT: "客服"}


def day_of(day: dt.date) -> str:
    """A day separator."""
    days = (timezone.localdate() - day).days
    if days in {0, 1}:
        return ("今天", "昨天")[days]
    weekday = "一二三四五六日"[day.weekday()]
    return f"{day.year} 年 {day.month} 月 {day.day} 日 星期{weekday}"


def with_status(entries: Sequence[Entry], received: int, read: int) -> None:
    """Mark own side's messages with how far the visitor has come."""
    for entry in entries:
        if entry.side == "out" and entry.kind == MessageKind.MESSAGE:
            entry.status = (
                "read" if entry.seq <= read else "delivered" if entry.seq <= received else "queued"
            )
