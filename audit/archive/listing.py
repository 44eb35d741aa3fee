"""The two kinds of result pages, ready for the template.

With words: messages, put together by conversation where neighbours belong to the same. Without:
conversations. Newest first, page after page by a cursor that names the last row.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from audit.archive.forms import ArchiveForm
from audit.archive.highlight import snippet
from audit.archive.indexing import spoken
from audit.archive.search import PAGE, Hit, Search
from audit.archive.transcript import agent_names
from conversations.models import AuthorType, Conversation, Message
from lingxi.access.masking import for_viewer
from lingxi.ids import parse_id

_RELATED = ("customer", "channel", "group", "agent", "rating")
_WHO = {AuthorType.VISITOR: "访客", AuthorType.BOT: "机器人", AuthorType.SYSTEM: "系统"}


@dataclass(frozen=True)
class Found:
    """A message of a result: who said it when, and the words around the found ones."""

    seq: int
    kind: str
    author_type: str
    who: str
    at: dt.datetime
    snippet: SafeString


@dataclass(frozen=True)
class Result:
    """A conversation in the list, with the messages found in it, if words were looked for."""

    conversation: Conversation
    customer: str
    last_text: str
    found: list[Found] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """Results, and the cursor of the next page when there is one."""

    results: list[Result]
    next: str


def parse_cursor(text: str) -> Hit | None:
    """The row a page follows; None for the first page, or for what is no cursor."""
    stamp, _, given = text.partition("_")
    found = parse_id(given)
    try:
        at = dt.datetime.fromtimestamp(int(stamp) / 1_000_000, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return Hit(found, found, at) if found is not None else None


def _cursor(at: dt.datetime, pk: uuid.UUID) -> str:
    since = at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return f"{since // dt.timedelta(microseconds=1)}_{pk}"


def page_of(form: ArchiveForm, after: Hit | None) -> Page:
    """The page behind `after` of what a valid form asks for."""
    if form.query is None:
        return _conversations(form, after)
    search = Search(form.query, form.conversations(), form.narrowing())
    hits, last = search.page(after)
    cursor = _cursor(last.created_at, last.message_id) if last else ""
    return Page(_messages(form, hits, form.query.terms), cursor)


def _conversations(form: ArchiveForm, after: Hit | None) -> Page:
    rows = list(_behind(form, after).select_related(*_RELATED)[: PAGE + 1])
    cursor = _cursor(rows[PAGE - 1].created_at, rows[PAGE - 1].pk) if len(rows) > PAGE else ""
    return Page([_result(form.user, row) for row in rows[:PAGE]], cursor)


def _behind(form: ArchiveForm, after: Hit | None) -> QuerySet[Conversation]:
    rows, (since, until) = form.conversations(), form.period()
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    if until is not None:
        rows = rows.filter(created_at__lt=until)
    if after is not None:
        earlier = Q(created_at__lt=after.created_at) | Q(pk__lt=after.message_id)
        rows = rows.filter(earlier, created_at__lte=after.created_at)
    return rows.order_by("-created_at", "-pk")


def _result(user: Any, row: Conversation, found: Iterable[Found] = ()) -> Result:
    name = for_viewer(user, row.customer.display_name)
    return Result(row, name, for_viewer(user, row.last_text), list(found))


def _messages(form: ArchiveForm, hits: Sequence[Hit], terms: Sequence[str]) -> list[Result]:
    messages = Message.objects.in_bulk([hit.message_id for hit in hits])
    ids = {hit.conversation_id for hit in hits}
    conversations = Conversation.objects.select_related(*_RELATED).in_bulk(ids)
    names = agent_names(messages.values())
    results = []
    for pk, group in groupby(hits, key=lambda hit: hit.conversation_id):
        rows = [messages[hit.message_id] for hit in group if hit.message_id in messages]
        found = [_found(form.user, row, names, terms) for row in rows]
        if found and pk in conversations:
            results.append(_result(form.user, conversations[pk], found))
    return results


def _found(user: Any, row: Message, names: dict[uuid.UUID, str], terms: Sequence[str]) -> Found:
    who = names.get(row.author_id) if row.author_id else None
    words = spoken(for_viewer(user, row.content))
    return Found(
        seq=row.seq,
        kind=row.kind,
        author_type=row.author_type,
        who=who or _WHO.get(AuthorType(row.author_type), "坐席"),
        at=timezone.localtime(row.created_at),
        snippet=snippet(words, terms),
    )
