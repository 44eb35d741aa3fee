"""What people tried to say, what they were promised, and what they saw."""

import re
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.chaos.tickets import Book

Key = tuple[str, int]  # author's name, number of the message

_TEXT = re.compile(r"(\w+) #(\d+) ")
_WORDS = ("订单到哪了？", "可以退款吗", "尺码偏大怎么换", "谢谢，收到了", "发票什么时候开")


def text_of(key: Key) -> str:
    """The words of a message; they tell which one it is."""
    name, number = key
    return f"{name} #{number:06d} {_WORDS[number % len(_WORDS)]}"


def key_of(text: str) -> Key | None:
    """The other way; None for words that are none of ours."""
    found = _TEXT.match(text)
    return (found[1], int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry on somebody's screen."""

    seq: int
    id: str
    text: str
    at: float = 0.0


@dataclass
class Screen:
    """What one person sees of one conversation, first to last."""

    conversation: str
    entries: list[Shown] = field(default_factory=list)
    last: int = 0
    epoch: int | None = None
    asked_at: float = 0.0
    head: int = 0  # how far the log reaches, as far as we were told
    behind_since: float = 0.0

    def show(self, event: dict[str, Any]) -> None:
        """Put an entry below the others."""
        self.last = event["seq"]
        self.head = max(self.head, self.last)
        text = event["content"].get("text", "") if event["kind"] == "message" else ""
        self.entries.append(Shown(event["seq"], event["id"], text, time.monotonic()))

    def is_behind(self, now: float, seconds: float) -> bool:
        """Whether something that is known to exist has been missing for a while."""
        if self.head <= self.last:
            self.behind_since = 0.0
        elif not self.behind_since:
            self.behind_since = now
        return bool(self.behind_since) and now - self.behind_since >= seconds

    def clear(self) -> None:
        """For history that is loaded anew."""
        self.entries, self.last = [], 0


@dataclass(frozen=True, slots=True)
class Promise:
    """An ack: where the server says it stored the message."""

    message_id: str
    seq: int
    seconds: float  # from the moment it was written
    sends: int
    at: float


@dataclass
class Ledger:
    """The common book of all clients of a run."""

    attempted: dict[Key, float] = field(default_factory=dict)
    acked: dict[Key, Promise] = field(default_factory=dict)
    refused: dict[Key, str] = field(default_factory=dict)
    may_lose: set[str] = field(default_factory=set)  # whose conversations can be passed on
    ack_times: list[float] = field(default_factory=list)
    repeats: int = 0  # sends that went out again
    dups: int = 0  # acks that said "seen before"
    reconnects: int = 0
    resyncs: int = 0
    gaps: int = 0
    asked: int = 0  # times that what follows the last entry was asked for
    tickets: Book = field(default_factory=Book)

    def attempt(self, key: Key) -> None:
        """Somebody pressed send."""
        self.attempted[key] = time.monotonic()

    def ack(self, key: Key, frame: dict[str, Any], sends: int) -> None:
        """The server says it is stored."""
        now = time.monotonic()
        self.ack_times.append(now)
        self.dups += bool(frame["dup"])
        waited = now - self.attempted[key]
        self.acked[key] = Promise(frame["message_id"], frame["seq"], waited, sends, now)

    def refuse(self, key: Key, code: str) -> None:
        """The server says that it will not be stored."""
        self.refused[key] = code

    def longest_silence(self, since: float, until: float) -> float:
        """The longest time without any ack between two moments."""
        moments = [at for at in self.ack_times if since <= at <= until]
        edges = [since, *moments, until]
        return max(after - before for before, after in pairwise(edges))
