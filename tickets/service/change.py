"""What every change of a ticket does besides its own: revision, timeline, events, listeners."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from conversations.models import Conversation
from lingxi.errors import Conflict, NotFound
from lingxi.events.outbox import NewEvent, emit_many
from routing.models import Agent, SkillGroup
from tickets.models import Comment, Entry, EntryKind, Priority, Ticket
from tickets.service import clock, hooks
from tickets.service.actors import By
from tickets.service.origin import NOWHERE, Origin, origins_of

RELATED = (
    "type",
    "type_version",
    "fields_version",
    "issue_type",
    "requester",
    "group",
    "assignee",
)
NAMES = {
    "title": "标题",
    "description": "描述",
    "priority": "优先级",
    "status": "状态",
    "issue_type": "问题分类",
    "tags": "标签",
    "requester": "客户",
    "group": "技能组",
    "assignee": "受理人",
    "type": "类型",
    "parent": "上级工单",
}


def locked(ticket_id: uuid.UUID) -> Ticket:
    """The ticket, locked for this transaction. Raises `NotFound`."""
    # In two steps: a locking query that has waited takes the row anew, but not what was joined to
    # it, and the ticket would come without the assignee that it has by now.
    rows = Ticket.objects.filter(pk=ticket_id)
    list(rows.select_for_update(no_key=True).values_list("pk"))
    found = rows.select_related(*RELATED).first()
    if found is None:
        raise NotFound("工单不存在")
    return found


def by_columns(by: By) -> dict[str, Any]:
    """The columns of `ByMixin`."""
    return {
        "actor_kind": by.kind,
        "user": by.user,
        "customer": by.customer,
        "actor_name": by.name[:80],
    }


class Change:
    """One change of one locked ticket.

    `before` is the ticket as it was; `kinds` says what changed (see `hooks`); `at` is when.
    """

    def __init__(self, ticket: Ticket, by: By, *, at: dt.datetime | None = None) -> None:
        self.ticket, self.by = ticket, by
        self.at = at or clock.now()
        self.kinds: set[str] = set()
        self.before: dict[str, Any] = {
            one.attname: getattr(ticket, one.attname) for one in ticket._meta.concrete_fields
        }
        self._shown: dict[str, dict[str, Any]] = {}
        self._entries: list[Entry] = []
        self._events: list[tuple[str, dict[str, Any], dt.datetime | None]] = []
        self._after: list[Callable[[], None]] = []
        self.comment: Comment | None = None  # the one made in this change
        # Of a new ticket: to whom its maker wants it to go, before any rule is asked.
        self.wanted_group: SkillGroup | None = None
        self.wanted_agent: Agent | None = None
        self.conversation: Conversation | None = None  # that a new ticket is made of

    def after(self, work: Callable[[], None]) -> None:
        """Have `work` done once the ticket is saved, in the same transaction."""
        self._after.append(work)

    def set(self, name: str, value: Any, kind: str = "edited") -> bool:
        """Give a column another value; whether it is another one. Words for the timeline are kept.

        Foreign keys take the row.
        """
        old = getattr(self.ticket, name)
        if old == value:
            return False
        setattr(self.ticket, name, value)
        if name in NAMES:
            words = (_words(self.ticket, name, old), _words(self.ticket, name, value))
            self.note(name, NAMES[name], *words)
        self.kinds.add(kind)
        return True

    def note(self, name: str, label: str, old: Any, new: Any) -> None:
        """Add to the changes that the timeline and `ticket.updated` tell; values in words."""
        first = self._shown.get(name, {}).get("from", old)
        self._shown[name] = {"label": label, "from": first, "to": new}

    def entry(
        self, kind: EntryKind, data: Mapping[str, Any] | None = None, *, is_public: bool = False
    ) -> Entry:
        """Add an entry to the timeline."""
        row = Entry(
            ticket=self.ticket,
            kind=kind,
            data=dict(data or {}),
            is_public=is_public,
            created_at=self.at,
            **by_columns(self.by),
        )
        self._entries.append(row)
        return row

    def event(
        self, type: str, payload: Mapping[str, Any] | None = None, at: dt.datetime | None = None
    ) -> None:
        """Add a domain event; what the ticket is goes with it."""
        self._events.append((type, dict(payload or {}), at))

    @property
    def changes(self) -> dict[str, dict[str, Any]]:
        """What changed, in words: ``{name: {"label", "from", "to"}}``."""
        return self._shown

    def touch(self) -> None:
        """Somebody worked on it or answered: silence begins anew."""
        self.ticket.touched_at = self.at

    def commit(self) -> Ticket:
        """Save it all in the current transaction; the ticket with its new revision."""
        ticket = self.ticket
        is_new = ticket._state.adding
        if not is_new and self._is_nothing():
            return ticket
        hooks.tell(self)
        if not is_new:
            ticket.revision += 1
        ticket.updated_at = self.at
        ticket.save(force_insert=is_new)
        for work in self._after:
            work()
        if self._shown and not is_new and not self._has_own_entry():
            self.entry(EntryKind.UPDATED, {"changes": self._shown})
        for row in self._entries:
            row.revision = ticket.revision
        Entry.objects.bulk_create(self._entries)
        self._emit()
        return ticket

    def _is_nothing(self) -> bool:
        """Whether nothing was changed: that is no revision, and disturbs nobody who edits."""
        if self.kinds or self._entries or self._events or self._after or self._shown:
            return False
        return all(getattr(self.ticket, name) == old for name, old in self.before.items())

    def _has_own_entry(self) -> bool:
        return any("changes" in row.data for row in self._entries)

    def _emit(self) -> None:
        if self._shown and not self.ticket._state.adding and "created" not in self.kinds:
            self._events.insert(0, ("ticket.updated", {"changes": self._shown}, None))
        if not self._events:
            return
        origin = self._origin()
        emit_many(
            NewEvent(
                type=type,
                conversation_id=origin.conversation_id,
                customer_id=self.ticket.requester_id,
                channel=origin.channel,
                payload={**describe(self.ticket), "by": _by(self.by), **payload},
                occurred_at=at or self.at,
            )
            for type, payload, at in self._events
        )

    def _origin(self) -> Origin:
        if self.conversation is not None:
            return Origin(self.conversation.pk, self.conversation.channel.key)
        if "created" in self.kinds:
            return NOWHERE
        return origins_of([self.ticket.pk]).get(self.ticket.pk, NOWHERE)


def _by(by: By) -> dict[str, str]:
    return {"kind": str(by.kind), "name": by.name}


def describe(ticket: Ticket) -> dict[str, Any]:
    """The ticket as it goes into events."""
    return {
        "ticket_id": str(ticket.pk),
        "number": ticket.reference,
        "type": ticket.type.key,
        "status": ticket.status,
        "category": str(ticket.category),
        "priority": Priority(ticket.priority).wire,
        "title": ticket.title,
        "group": {"id": str(ticket.group_id), "name": ticket.group.name},
        "assignee": {"id": str(ticket.assignee.pk), "name": ticket.assignee.name}
        if ticket.assignee
        else None,
        "revision": ticket.revision,
    }


def _words(ticket: Ticket, name: str, value: Any) -> Any:
    """A value as the timeline shows it."""
    if value is None or value == "":
        return ""
    said = _WORDS.get(name)
    return said(ticket, value) if said else str(value)


def _status_words(ticket: Ticket, value: str) -> str:
    from tickets.workflows import workflow_of

    return workflow_of(ticket).status(value).name


_WORDS: dict[str, Callable[[Ticket, Any], str]] = {
    "priority": lambda ticket, value: str(Priority(value).label),
    "tags": lambda ticket, value: "、".join(value),
    "status": _status_words,
    "parent": lambda ticket, value: value.reference,
    "description": lambda ticket, value: value[:200],
}


@contextmanager
def change_of(
    ticket_id: uuid.UUID, by: By, *, revision: int | None = None, at: dt.datetime | None = None
) -> Iterator[Change]:
    """Lock a ticket, let the caller change it, and commit.

    `revision` is the one the caller has seen. Raises `Conflict` when the ticket has moved on
    since, with `fields.changes` saying what others changed, and `NotFound`.
    """
    with transaction.atomic():
        ticket = locked(ticket_id)
        if revision is not None and revision != ticket.revision:
            raise stale(ticket, revision)
        change = Change(ticket, by, at=at)
        yield change
        change.commit()


def stale(ticket: Ticket, revision: int) -> Conflict:
    """The refusal of a change that was made on an older revision: it says what changed since."""
    since = ticket.entries.filter(revision__gt=revision).order_by("id")[:50]
    told = [
        {
            "kind": row.kind,
            "by": row.actor_name,
            "at": row.created_at.isoformat(),
            "changes": row.data.get("changes", {}),
        }
        for row in since
    ]
    return Conflict(
        "工单已被他人修改，请查看变更后再保存",
        fields={"revision": ticket.revision, "changes": told},
    )
