"""Which rules fit which words, and in which conversations they hold."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import re2

from conversations.models import Conversation
from tickets.models import CreationRule

MAX_TEXT = 5_000
_options = re2.Options()
_options.max_mem = 1 << 20
_options.log_errors = False


def active(*triggers: str) -> list[CreationRule]:
    """Rules in force with one of these triggers, in their order; a few queries for all."""
    rows = CreationRule.objects.filter(is_active=True, trigger__in=triggers)
    related = rows.select_related("type__schema", "type__group", "issue_type", "group")
    return list(related.prefetch_related("channels", "groups"))


def holds_in(rule: CreationRule, conversation: Conversation) -> bool:
    """Whether the rule is for this channel and group."""
    return _has(rule.channels.all(), conversation.channel_id) and _has(
        rule.groups.all(), conversation.group_id
    )


def _has(rows: Iterable[Any], pk: Any) -> bool:
    ids = {row.pk for row in rows}
    return not ids or pk in ids


def says(rule: CreationRule, text: str) -> bool:
    """Whether a visitor's words hold one of the rule's, or fit its pattern."""
    words = text[:MAX_TEXT].lower()
    if any(word.strip().lower() in words for word in rule.words if word.strip()):
        return True
    return bool(rule.pattern) and _found(rule.pattern, text[:MAX_TEXT])


def chooses(rule: CreationRule, text: str) -> bool:
    """Whether the words are exactly one of the rule's choices; blanks and a full stop aside."""
    said = text.strip().rstrip("。.！!").strip().lower()
    return bool(said) and said in {word.strip().lower() for word in rule.words}


def _found(pattern: str, text: str) -> bool:
    wanted = compiled(pattern)
    return wanted is not None and bool(wanted.search(text))


@lru_cache(256)
def compiled(pattern: str) -> Any:
    """The pattern in RE2; None for one that is none, which the admin does not let in."""
    try:
        return re2.compile(f"(?i){pattern}", _options)
    except re2.error:
        return None
