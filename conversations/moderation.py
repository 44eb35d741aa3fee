"""敏感词: what may not be said, looked for in every message before it is stored.

The words are kept in one Aho-Corasick automaton per process, which finds all of them in one pass.
`refresh` looks every few seconds whether the table has changed, and at once after `stale`;
`review` itself touches nothing but the text.

Case does not matter, nor whether Latin letters and signs are full width: both are folded, one
character to one, so that places in the folded text are places in the text.
"""

import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import ahocorasick
import structlog
from django.db import connection, transaction

from conversations.actors import Actor
from conversations.models import (
    AuthorType,
    Conversation,
    SensitiveHit,
    SensitiveWord,
    WordAction,
    WordDirection,
)
from lingxi import limits
from lingxi.errors import RateLimited
from lingxi.errors import SensitiveWord as Refused

logger = structlog.get_logger("conversations.moderation")
EVERY = 3.0  # seconds between two looks at the table
_FULL_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
# The table in one number: the same whatever the order, another whatever is changed.
_VERSION = """
SELECT count(*), sum(hashtextextended(word || '|' || action || '|' || direction, 0))
FROM conversations_sensitiveword WHERE is_active
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A word, what is done about it, and whose messages it is looked for in."""

    word: str
    action: str
    direction: str

    def applies_to(self, author_type: str) -> bool:
        """Whether this side's messages are looked at."""
        return self.direction in (WordDirection.BOTH, author_type)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The text as it may be stored, and the rules that were hit, each once."""

    text: str
    hits: tuple[Rule, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Whether it may not be stored at all."""
        return any(rule.action == WordAction.BLOCK for rule in self.hits)


def fold(text: str) -> str:
    """`text` in small, half-width letters; as long as before."""
    half = text.translate(_FULL_WIDTH)
    small = half.lower()
    if len(small) == len(text):
        return small
    return "".join(low if len(low := char.lower()) == 1 else char for char in half)


class Words:
    """The automaton of this process."""

    def __init__(self) -> None:
        self._automaton: Any = None  # None: there are no words
        self._version: Any = None
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def stale(self) -> None:
        """Look at the table again before the next text."""
        self._looked = float("-inf")

    def refresh(self) -> None:
        """Read the words again when they have changed; one small query each `EVERY` seconds."""
        now = time.monotonic()
        if now - self._looked < EVERY or not self._lock.acquire(blocking=False):
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute(_VERSION)
                version = cursor.fetchone()
            if version != self._version:
                rows = SensitiveWord.objects.filter(is_active=True)
                self._automaton = build(rows.values_list("word", "action", "direction"))
                self._version = version
            self._looked = now
        finally:
            self._lock.release()

    def review(self, text: str, author_type: str) -> Verdict:
        """What to do with a text of a visitor or an agent."""
        if self._automaton is None:
            return Verdict(text)
        hits: dict[Rule, None] = {}
        hidden: set[int] = set()
        for end, rule in self._automaton.iter(fold(text)):
            if not rule.applies_to(author_type):
                continue
            hits[rule] = None
            if rule.action == WordAction.MASK:
                hidden.update(range(end - len(rule.word) + 1, end + 1))
        if hidden:
            text = "".join("*" if at in hidden else char for at, char in enumerate(text))
        return Verdict(text, tuple(hits))


def build(words: Iterable[tuple[str, str, str]]) -> Any:
    """The automaton for (word, action, direction); None without words."""
    automaton = ahocorasick.Automaton()
    for word, action, direction in words:
        folded = fold(word)
        automaton.add_word(folded, Rule(folded, action, direction))
    if not len(automaton):
        return None
    automaton.make_automaton()
    return automaton


_words = Words()
refresh, review, stale = _words.refresh, _words.review, _words.stale


def is_same(stored: Any, sent: Any) -> bool:
    """Whether `stored` is what became of `sent`: equal, or with stars in place of some of it.

    A message sent again is known as the same also when the words have changed meanwhile.
    """
    if stored == sent:
        return True
    if not (isinstance(stored, str) and isinstance(sent, str)) or len(stored) != len(sent):
        return False
    return all(one in ("*", other) for one, other in zip(stored, sent, strict=True))


def hits_of(
    verdict: Verdict, conversation_id: uuid.UUID, message_id: uuid.UUID, by: Actor
) -> list[SensitiveHit]:
    """The records of what was hit, not saved yet; a blocked message has no id."""
    return [
        SensitiveHit(
            conversation_id=conversation_id,
            message_id=None if verdict.is_blocked else message_id,
            word=rule.word,
            action=rule.action,
            author_type=by.type,
            author_id=by.id,
        )
        for rule in verdict.hits
    ]


class Reviewer:
    """Reviews the messages of one batch, and keeps what was hit until the batch is written."""

    KINDS = frozenset({"text", "edit"})

    def __init__(self) -> None:
        refresh()
        self._hits: list[SensitiveHit] = []
        self._alarms: list[SensitiveHit] = []

    def __call__(self, command: Any) -> Any:
        """The command as it may be written. Raises `Refused`, which is recorded all the same."""
        if command.kind not in self.KINDS:
            return command
        verdict = review(command.content["text"], command.actor.type)
        if not verdict.hits:
            return command
        self._record(command, verdict)
        if verdict.is_blocked:
            raise Refused
        return replace(command, content=command.content | {"text": verdict.text})

    def _record(self, command: Any, verdict: Verdict) -> None:
        told = command.content.get("message", command.id)
        rows = hits_of(verdict, command.conversation_id, told, command.actor)
        self._hits += rows
        if verdict.is_blocked and command.actor.type == AuthorType.AGENT:
            worst = next(row for row in rows if row.action == WordAction.BLOCK)
            self._alarms.append(worst)

    def write(self) -> None:
        """Record the hits in the batch's transaction, and tell supervisors after it."""
        if self._hits:
            SensitiveHit.objects.bulk_create(self._hits)
        for row in self._alarms:
            transaction.on_commit(partial(_alarm, row), robust=True)


def _alarm(row: SensitiveHit) -> None:
    """An agent tried to say what is blocked: its supervisors hear of it, once a minute."""
    from conversations import notices

    try:
        limits.hit("sensitive-notice", str(row.conversation_id), 1, 60)
    except RateLimited:
        return
    found = Conversation.objects.select_related("group", "agent").get(pk=row.conversation_id)
    who = found.agent.name if found.agent and found.agent.id == row.author_id else "坐席"
    people = notices.supervisors_of_group(found.group)
    notices.notify(people, f"{who} 的消息含敏感词，已拦截", conversation=found)


def changed(**kwargs: Any) -> None:
    """The table changed: this process looks at once, the others when they hear of it."""
    from conversations.realtime import hints

    stale()
    transaction.on_commit(lambda: hints.say(hints.Hint(words=True)), robust=True)
