"""One conversation as rows, numbered and timed by the rules of the log.

The rules themselves are in `conversations.ingest.log` and `conversations.actions`; this repeats
them for times long past, and `tests/conversations/test_demo.py` holds the two together.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from conversations.demo import facts
from conversations.demo.dice import Dice
from conversations.demo.people import Person, Server, Shop
from conversations.demo.tables import Tables, dumps
from conversations.models import INTERNAL_KINDS, AuthorType, MessageKind, State, TransferState
from routing.models import SkillGroup, WorkState

KIND = "conversation"
LAST_TEXT = 120


class NotYet(Exception):
    """Not an error: the story has reached the present."""


@dataclass
class Stay:
    """One work item: a stay in a queue and the service after it."""

    id: uuid.UUID
    group: SkillGroup
    enqueued_at: dt.datetime
    priority: int = 0
    is_transfer: bool = False
    server: Server | None = None
    assigned_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    left_reason: str = ""

    @property
    def state(self) -> WorkState:
        """Where it stands."""
        if self.finished_at:
            return WorkState.DONE
        return WorkState.ASSIGNED if self.server else WorkState.WAITING


@dataclass
class Handover:
    """An open transfer and its row."""

    id: uuid.UUID
    giver: Server
    from_group: SkillGroup
    to: dict[str, str]
    note: str
    offered_at: dt.datetime
    taker: Server | None = None
    decided_at: dt.datetime | None = None


@dataclass
class Cursor:
    """A participant: since when, and how far they have read."""

    joined_at: dt.datetime
    read: int = 0


class Script:
    """Grows entry by entry; `now` moves on with `wait`, and may not pass `limit`."""

    def __init__(
        self,
        dice: Dice,
        shop: Shop,
        person: Person,
        group: SkillGroup,
        began: dt.datetime,
    ) -> None:
        self.dice, self.person, self.group = dice, person, group
        self.channel = shop.channels[person.entry.key]
        self.began = self.now = began
        self.limit = shop.now
        self.id = dice.id(began)
        self.state = State.QUEUED
        self.server: Server | None = None
        self.last_seq = self.visitor_seq = 0
        self.last_text = ""
        self.last_message_at: dt.datetime | None = None
        self.waiting_since: dt.datetime | None = None
        self.accepted_at: dt.datetime | None = None
        self.first_visitor_message_at: dt.datetime | None = None
        self.first_reply_at: dt.datetime | None = None
        self.closed_at: dt.datetime | None = None
        self.closed_by = ""
        self.rating: tuple[Any, ...] | None = None
        self.stays = [Stay(dice.id(began), group, began)]
        self.handovers: list[Handover] = []
        self.wrap_up: tuple[Any, ...] | None = None
        self.cursors: dict[uuid.UUID | None, Cursor] = {None: Cursor(began)}
        self._rows: list[tuple[Any, ...]] = []
        self._state("start", AuthorType.SYSTEM, None)

    def wait(self, seconds: float) -> None:
        """Let time pass. Raises `NotYet`."""
        later = self.now + dt.timedelta(seconds=seconds)
        if later >= self.limit:
            raise NotYet
        self.now = later

    def ask(self, text: str) -> None:
        """The visitor says something."""
        self._message(AuthorType.VISITOR, self.person.id, text)
        self.first_visitor_message_at = self.first_visitor_message_at or self.now
        self.waiting_since = self.waiting_since or self.now

    def answer(self, text: str) -> None:
        """The agent says something, having read all there is."""
        server = self._serving()
        self._message(AuthorType.AGENT, server.id, text)
        self.first_reply_at = self.first_reply_at or self.now
        self.waiting_since = None
        self.cursors[server.id].read = self.last_seq

    def note(self, text: str) -> None:
        """The agent writes a note."""
        content = {"type": "text", "text": text}
        self._entry(MessageKind.NOTE, AuthorType.AGENT, self._serving().id, content, sent=True)

    def assign(self, server: Server) -> None:
        """Give it to an agent."""
        stay = self.stays[-1]
        if stay.is_transfer:
            self._accept(server)
        stay.server, stay.assigned_at = server, self.now
        self.server, self.group, self.state = server, stay.group, State.SERVING
        self.accepted_at = self.accepted_at or self.now
        self.cursors.setdefault(server.id, Cursor(self.now))
        content = {
            "agent": {"id": str(server.id), "name": server.name},
            "group": {"id": str(stay.group.id), "name": stay.group.name},
        }
        self._entry(MessageKind.ASSIGNMENT, AuthorType.SYSTEM, None, content)
        self._state("assigned", AuthorType.AGENT, server.id)

    def hand_over(self, server: Server, note: str) -> None:
        """Transfer to an agent, who accepts after a moment."""
        self._offer({"agent": str(server.id), "name": server.name}, note)
        self._next_stay(self.group, priority=0)
        self.wait(self.dice.around(5))
        self.assign(server)

    def to_group(self, group: SkillGroup, note: str) -> None:
        """Offer to a group's queue; its agent serves on until somebody there has it."""
        self._offer({"group": str(group.id), "name": group.name}, note)
        self._next_stay(group, priority=10)

    def close(self, by: AuthorType) -> None:
        """End it; everybody has read everything."""
        self.state, self.closed_at, self.closed_by = State.CLOSED, self.now, by.value
        author = {AuthorType.VISITOR: self.person.id, AuthorType.SYSTEM: None}
        reason = f"closed_by_{by}"
        self._finish_stays(reason)
        self._state(reason, by, author[by] if by in author else self._serving().id)
        self.cursors[None].read = self.last_seq
        if self.server:
            self.cursors[self.server.id].read = self.last_seq

    def rate(self, score: int, resolved: bool | None, comment: str) -> None:
        """The visitor's rating, after the end."""
        content = {"score": score, "resolved": resolved, "comment": comment}
        self._entry(MessageKind.RATING, AuthorType.VISITOR, self.person.id, content)
        agent_id = self.server.id if self.server else None
        self.rating = (self.id, agent_id, score, resolved, comment, self.now)

    def wrapped(self, category: uuid.UUID, resolved: bool | None) -> None:
        """The agent's words after the end."""
        agent_id = self.server.id if self.server else None
        self.wrap_up = (self.id, category, resolved, "", agent_id, self.now, self.now)

    def write(self, tables: Tables, context: dict[str, Any], fields: dict[str, Any]) -> None:
        """All rows of it."""
        tables.conversations.add(
            *(self.id, self.person.id, self.channel.id, self.group.id),
            *(self.server.id if self.server else None, self.state.value, 1),
            *(self.last_seq, self.visitor_seq, dumps(context), dumps(fields), self.last_text),
            *(self.last_message_at, self.waiting_since, self.began, self.began),
            *(self.accepted_at, self.first_visitor_message_at, self.first_reply_at),
            *(self.closed_at, self.closed_by),
        )
        for row in self._rows:
            tables.messages.add(*row)
        for agent_id, cursor in self.cursors.items():
            tables.participants.add(self.id, agent_id, cursor.read, cursor.read, cursor.joined_at)
        if self.rating:
            tables.ratings.add(*self.rating)
        for handover in self.handovers:
            self._write_handover(tables, handover)
        if self.wrap_up:
            tables.wrap_ups.add(*self.wrap_up)
        told = facts.of(self.channel, self.person, context, fields, self.began)
        for stay in self.stays:
            self._write_stay(tables, stay, told)
        if self.server is not None:
            self.person.last_agent, self.person.last_agent_at = self.server.id, self.accepted_at

    def _write_stay(self, tables: Tables, stay: Stay, told: dict[str, Any]) -> None:
        rank = stay.enqueued_at - dt.timedelta(seconds=stay.priority * stay.group.ageing_seconds)
        why = {"method": stay.group.picking} if stay.server else {}
        tables.items.add(
            *(stay.id, KIND, self.id, self.channel.kind, stay.group.id),
            *(stay.server.id if stay.server else None, stay.priority, rank, dumps(told)),
            *(dumps(why), stay.is_transfer, stay.state.value, stay.enqueued_at),
            *(stay.assigned_at, stay.finished_at, stay.left_reason),
        )

    def _write_handover(self, tables: Tables, one: Handover) -> None:
        expires = one.offered_at + dt.timedelta(seconds=one.from_group.transfer_seconds)
        taker = one.taker.id if one.taker else None
        state = TransferState.ACCEPTED if one.taker else TransferState.OFFERED
        tables.transfers.add(
            *(one.id, self.id, one.giver.id, one.from_group.id),
            *(one.to.get("agent"), one.to.get("group"), one.note, state.value, one.offered_at),
            *(expires, one.decided_at, taker, ""),
        )

    def _serving(self) -> Server:
        if self.server is None:
            raise ValueError("nobody serves yet")
        return self.server

    def _message(self, author: AuthorType, author_id: uuid.UUID, text: str) -> None:
        content = {"type": "text", "text": text}
        self._entry(MessageKind.MESSAGE, author, author_id, content, sent=True)
        self.last_text, self.last_message_at = text[:LAST_TEXT], self.now

    def _state(self, reason: str, author: AuthorType, author_id: uuid.UUID | None) -> None:
        content = {"state": self.state.value, "reason": reason}
        self._entry(MessageKind.STATE, author, author_id, content)

    def _offer(self, to: dict[str, str], note: str) -> None:
        by = self._serving()
        self.state = State.TRANSFERRING
        handover = Handover(self.dice.id(self.now), by, self.group, to, note, self.now)
        self.handovers.append(handover)
        self._transfer(handover, by, "offered")
        self.cursors[by.id].read = self.last_seq

    def _accept(self, server: Server) -> None:
        handover = self.handovers[-1]
        handover.taker, handover.decided_at = server, self.now
        self.stays[-2].finished_at, self.stays[-2].left_reason = self.now, "transferred"
        self._transfer(handover, server, "accepted")

    def _transfer(self, handover: Handover, by: Server, status: str) -> None:
        content = {
            "transfer": str(handover.id),
            "from": {"id": str(handover.giver.id), "name": handover.giver.name},
            "to": handover.to,
            "note": handover.note,
            "status": status,
            "by": {"id": str(by.id), "name": by.name},
            "state": "serving" if status == "accepted" else self.state.value,
        }
        self._entry(MessageKind.TRANSFER, AuthorType.AGENT, by.id, content)

    def _next_stay(self, group: SkillGroup, priority: int) -> None:
        stay = Stay(self.dice.id(self.now), group, self.now, priority, is_transfer=True)
        self.stays.append(stay)

    def _finish_stays(self, reason: str) -> None:
        for stay in self.stays:
            if stay.finished_at is None:
                stay.finished_at, stay.left_reason = self.now, reason

    def _entry(
        self,
        kind: MessageKind,
        author: AuthorType,
        author_id: uuid.UUID | None,
        content: dict[str, Any],
        sent: bool = False,
    ) -> None:
        self.last_seq += 1
        visible = kind not in INTERNAL_KINDS
        self.visitor_seq += visible
        self._rows.append(
            (
                *(self.dice.id(self.now), self.id, self.last_seq),
                *(self.visitor_seq if visible else None, kind.value, author.value, author_id),
                *(self.dice.token() if sent else None, dumps(content), self.now),
            )
        )
