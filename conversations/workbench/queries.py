"""What the workbench reads: lists of fixed length in a fixed number of queries.

Everything goes through `visible_to(user)`; every text through `for_viewer`.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations import wrap_up
from conversations.models import (
    AuthorType,
    Conversation,
    Message,
    MessageKind,
    OfflineMessage,
    OfflineMessageState,
    Participant,
    State,
)
from conversations.models.conversation import ConversationQuerySet
from conversations.offered import Offered, offered_to
from conversations.workbench.pauses import Breaks, breaks_of
from conversations.workbench.rows import Row
from lingxi.access.masking import sees_plain
from lingxi.ids import parse_id
from routing.models import Agent, WorkItem

MINE_LIMIT = 200  # the most an agent can be given
QUEUE_LIMIT, ENDED_LIMIT, FOUND_LIMIT = 50, 50, 20
SEARCHED = 5000  # the newest conversations a search looks at
TABS = ("mine", "queue", "ended")
COLUMNS = (
    "id",
    "state",
    "epoch",
    "last_seq",
    "last_text",
    "last_message_at",
    "waiting_since",
    "created_at",
    "closed_at",
    "customer_id",
    "customer__name",
    "channel__name",
    "channel__kind",
)


@dataclass
class Desk:
    """The left column."""

    tab: str
    agent: Agent | None
    load: int = 0
    offers: list[Offered] = field(default_factory=list)
    mine: list[Row] = field(default_factory=list)
    queue: list[Row] = field(default_factory=list)
    ended: list[Row] | None = None  # None: not asked for
    queue_total: int = 0
    left_total: int = 0  # messages left that wait to be handled
    unwrapped_total: int = 0  # ended conversations whose wrap-up is missing
    ended_total: int | None = None
    breaks: Breaks | None = None

    @property
    def is_full(self) -> bool:
        """Whether no more will be assigned."""
        return self.agent is not None and self.load >= self.agent.capacity

    @property
    def fill(self) -> int:
        """Load in percent of the capacity."""
        return min(100, round(100 * self.load / self.agent.capacity)) if self.agent else 0


def desk_of(user: Any, tab: str = "mine") -> Desk:
    """The left column for a person: all own conversations, the queue's head, the ended ones."""
    agent = agent_of(user)
    desk = Desk(tab=tab if tab in TABS else "mine", agent=agent)
    plain = sees_plain(user)
    visible = Conversation.objects.visible_to(user)
    if agent is not None:
        desk.offers = offered_to(user, agent)
        desk.mine = mine(visible, agent, plain)
        desk.load = sum(not row.role for row in desk.mine)
        desk.ended_total = ended_today(agent)
        desk.unwrapped_total = wrap_up.missing_of(agent).order_by()[:1000].count()
        desk.breaks = breaks_of(agent)
    waiting = visible.waiting()
    desk.queue_total = waiting.count()
    desk.queue = queue_head(waiting, plain)
    desk.left_total = left_total(user)
    if desk.tab == "ended":
        desk.ended = ended(visible, agent, plain)
    return desk


def agent_of(user: Any) -> Agent | None:
    """The person's agent row; supervisors may have none."""
    return Agent.objects.filter(user_id=user.pk).first()


def left_total(user: Any) -> int:
    """How many messages left wait to be handled; 1000 stands for more."""
    rows = OfflineMessage.objects.visible_to(user).filter(state=OfflineMessageState.NEW)
    return rows.order_by()[:1000].count()


def mine(visible: ConversationQuerySet, agent: Agent, plain: bool) -> list[Row]:
    """The agent's open conversations: who waits longest first, then the latest talk.

    Those they assist in or look on at come with their role.
    """
    joined = Participant.objects.filter(agent=agent).exclude(role="")
    rows = (
        visible.open()
        .filter(Q(agent=agent) | Q(pk__in=list(joined.values_list("conversation_id", flat=True))))
        .annotate(me=FilteredRelation("participants", condition=Q(participants__agent=agent)))
        .annotate(unread=_unread(), since=F("waiting_since"), role=_role(agent))
        .order_by(F("waiting_since").asc(nulls_last=True), "-last_message_at", "id")
    )
    found = rows.values(*COLUMNS, "unread", "since", "role")[:MINE_LIMIT]
    return [Row.of(one, plain=plain) for one in found]


def _role(agent: Agent) -> Case:
    """Empty for those the agent serves."""
    return Case(When(agent=agent, then=Value("")), default=Coalesce("me__role", Value("")))


def _unread() -> Coalesce:
    """Visitor messages after what the agent has read."""
    behind = (
        Message.objects.filter(
            conversation=OuterRef("pk"),
            seq__gt=Coalesce(OuterRef("me__read_seq"), 0),
            kind=MessageKind.MESSAGE,
            author_type=AuthorType.VISITOR,
        )
        .order_by()
        .values("conversation")
        .annotate(count=Count("pk"))
    )
    return Coalesce(Subquery(behind.values("count")), 0)


def queue_head(waiting: ConversationQuerySet, plain: bool) -> list[Row]:
    """The first in the queue, in the order in which they will be served."""
    item = WorkItem.objects.open().filter(kind="conversation", item_id=OuterRef("pk"))
    rows = waiting.annotate(
        since=Coalesce(Subquery(item.values("enqueued_at")[:1]), "created_at"),
        priority=Coalesce(Subquery(item.values("priority")[:1]), 0),
    ).order_by("-priority", "since", "id")
    return [Row.of(one, plain=plain) for one in rows.values(*COLUMNS, "since")[:QUEUE_LIMIT]]


def ended(visible: ConversationQuerySet, agent: Agent | None, plain: bool) -> list[Row]:
    """The agent's last ended conversations; the latest ones in sight for those who serve none."""
    rows = visible.filter(state=State.CLOSED)
    if agent is not None:
        rows = rows.filter(agent=agent).order_by("-closed_at")
    else:
        rows = rows.order_by("-created_at")
    return [Row.of(one, plain=plain) for one in rows.values(*COLUMNS)[:ENDED_LIMIT]]


def ended_today(agent: Agent) -> int:
    """How many of the agent's conversations ended since midnight."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Conversation.objects.filter(agent=agent, closed_at__gte=midnight).count()


def search(user: Any, words: str) -> list[Row]:
    """Conversations by customer's name, last words, whole phone number or id.

    Only the newest in sight are looked at. Nobody finds by what they would not see: part of a
    masked number must not be guessed digit by digit.
    """
    words = words.strip()[:60]
    if not words:
        return []
    newest = Conversation.objects.visible_to(user).order_by("-created_at").values("pk")[:SEARCHED]
    exact = Q(customer__phone=words) | (Q(pk=parse_id(words)) if parse_id(words) else Q(pk=None))
    loose = Q(customer__name__icontains=words) | Q(last_text__icontains=words)
    found = (
        Conversation.objects.filter(exact | loose, pk__in=newest)
        .annotate(exact=Case(When(exact, then=True), default=False))
        .order_by("-created_at")
        .values(*COLUMNS, "exact")[: FOUND_LIMIT * 3]
    )
    rows = [(Row.of(one, plain=sees_plain(user)), one["exact"]) for one in found]
    seen = words.casefold()
    shown = [row for row, is_exact in rows if is_exact or seen in row.words.casefold()]
    return shown[:FOUND_LIMIT]
