"""One conversation, whole: a head with the figures, and its log in order."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from audit.archive.highlight import highlight
from conversations.attachments.links import links
from conversations.models import (
    AuthorType,
    Conversation,
    Message,
    MessageKind,
    Participant,
    ParticipantRole,
    State,
)
from lingxi.access.masking import for_viewer
from routing.models import Agent

STRETCH = 500  # entries on a page
_BEFORE = 50  # of them, in front of the entry that was asked for
_WHO = {AuthorType.BOT: "机器人", AuthorType.SYSTEM: "系统"}
_STATES: dict[str, str] = {
    State.QUEUED: "进入排队",
    State.SERVING: "开始接待",
    State.TRANSFERRING: "转接中",
    State.CLOSED: "会话结束",
    State.OFFLINE: "无人在线，转为留言",
}
_REASONS = {
    "start": "访客发起会话",
    "assigned": "",
    "nobody_online": "",
    "transfer": "转接排队",
    "agent_gone": "坐席离线",
    "closed_by_visitor": "访客结束",
    "closed_by_agent": "坐席结束",
    "closed_by_system": "系统结束",
    "closed_by_supervisor": "主管强制结束",
    "blocked": "客户被加入黑名单",
    "idle": "访客长时间没有回应",
    "offline_message_handled": "留言已处理",
}


@dataclass(frozen=True)
class Line:
    """An entry of the log as it is read: words, a file, or something that happened."""

    seq: int
    kind: str
    author_type: str
    who: str
    at: dt.datetime
    new_day: bool
    html: SafeString | None = None
    happened: str = ""
    score: int | None = None
    revised: str = ""
    file: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Transcript:
    """What the page shows. `earlier` and `later` are seqs to go on from, None at the ends."""

    conversation: Conversation
    customer: str
    phone: str
    context: dict[str, Any]
    agents: list[str]
    first_response: dt.timedelta | None
    duration: dt.timedelta | None
    comment: str
    lines: list[Line]
    earlier: int | None
    later: int | None


def first_response_time(conversation: Conversation) -> dt.timedelta | None:
    """As metrics.md has it: first human reply − max(first visitor message, accepted)."""
    began = (conversation.first_visitor_message_at, conversation.accepted_at)
    reply = conversation.first_reply_at
    if reply is None or began[0] is None or began[1] is None:
        return None
    return max(reply - max(began[0], began[1]), dt.timedelta())


def transcript_of(
    conversation: Conversation, user: Any, *, terms: Sequence[str] = (), at: int = 1
) -> Transcript:
    """The transcript as `user` may see it, the stretch around seq `at`."""
    after = max(at - _BEFORE - 1, 0) if conversation.last_seq > STRETCH else 0
    rows = list(Message.objects.after(conversation.pk, after)[:STRETCH])
    rating = getattr(conversation, "rating", None)
    ended = conversation.closed_at
    return Transcript(
        conversation=conversation,
        customer=for_viewer(user, conversation.customer.display_name),
        phone=for_viewer(user, conversation.customer.phone),
        context=for_viewer(user, conversation.context),
        agents=_agents(conversation),
        first_response=first_response_time(conversation),
        duration=ended - conversation.created_at if ended else None,
        comment=for_viewer(user, rating.comment) if rating else "",
        lines=_lines(conversation, rows, user, terms),
        earlier=max(after - STRETCH + _BEFORE + 1, 1) if after else None,
        later=rows[-1].seq + _BEFORE + 1 if len(rows) == STRETCH else None,
    )


def _agents(conversation: Conversation) -> list[str]:
    """Everybody who served, in order."""
    people = Participant.objects.filter(conversation=conversation, agent__isnull=False)
    people = people.exclude(role=ParticipantRole.MONITOR)
    return list(people.order_by("joined_at", "pk").values_list("agent__name", flat=True))


def _lines(
    conversation: Conversation, rows: Sequence[Message], user: Any, terms: Sequence[str]
) -> list[Line]:
    names = agent_names(rows) | {conversation.customer_id: conversation.customer.display_name}
    names = {pk: for_viewer(user, name) for pk, name in names.items()}
    lines, day = [], None
    for row in rows:
        line = _line(row, for_viewer(user, row.content), names, terms, day)
        day = line.at.date()
        lines.append(line)
    return lines


def agent_names(rows: Iterable[Message]) -> dict[uuid.UUID, str]:
    """The names of the agents who wrote these entries."""
    agents = (row.author_id for row in rows if row.author_type == AuthorType.AGENT)
    ids = {pk for pk in agents if pk is not None}
    return dict(Agent.objects.filter(pk__in=ids).values_list("pk", "name"))


def _line(
    row: Message,
    content: dict[str, Any],
    names: dict[uuid.UUID, str],
    terms: Sequence[str],
    day: dt.date | None,
) -> Line:
    at = timezone.localtime(row.created_at)
    who = (names.get(row.author_id) if row.author_id else "") or ""
    return Line(
        seq=row.seq,
        kind=row.kind,
        author_type=row.author_type,
        who=who or _WHO.get(AuthorType(row.author_type), "访客"),
        at=at,
        new_day=at.date() != day,
        html=highlight(content["text"], terms) if content.get("text") else None,
        happened=_happened(row.kind, content),
        score=content.get("score") if row.kind == MessageKind.RATING else None,
        revised=_revision(row.revised),
        file=content | links(content) if content.get("attachment") else {},
    )


def _revision(revised: dict[str, Any] | None) -> str:
    """What became of a message later. The archive keeps showing what was said."""
    if not revised:
        return ""
    return "已撤回" if revised.get("type") == "recalled" else "已修改"


def _happened(kind: str, content: dict[str, Any]) -> str:
    """A sentence for what is no message."""
    say = _SENTENCES.get(kind)
    return say(content) if say else ""


def _state(content: dict[str, Any]) -> str:
    state, reason = str(content.get("state", "")), str(content.get("reason", ""))
    return _with(_STATES.get(state, state), _REASONS.get(reason, reason))


def _assignment(content: dict[str, Any]) -> str:
    return _with(f"由 {_name(content, 'agent')} 接待", _name(content, "group"))


def _transfer(content: dict[str, Any]) -> str:
    status, giver, to = content.get("status"), _name(content, "from"), _name(content, "to")
    text = {
        "offered": f"{giver} 发起转接给 {to}",
        "accepted": f"{_name(content, 'by') or to} 接受 {giver} 的转接",
        "refused": f"{to} 拒绝 {giver} 的转接",
        "timed_out": f"{giver} 转给 {to}，超时未接受",
        "withdrawn": f"{_name(content, 'by') or '系统'} 撤回转给 {to} 的转接",
        "ended": f"转给 {to} 的转接随会话结束",
        "taken_over": f"主管 {to} 接管" + (f"，原坐席 {giver}" if giver else ""),
    }.get(str(status), f"{giver} 转接给 {to}")
    said = content.get("reason") or (content.get("note") if status in _NOTED else "")
    return text + (f"：{said}" if said else "")


_NOTED = {None, "offered", "taken_over"}


def _came(content: dict[str, Any]) -> str:
    is_helper = content.get("role") == "assist"
    how = f"应 {_name(content, 'by')} 邀请协助" if is_helper else "（主管强插）加入会话"
    note = f"：{content['note']}" if content.get("note") else ""
    return f"{_name(content, 'agent')} {how}{note}"


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    MessageKind.STATE: _state,
    MessageKind.ASSIGNMENT: _assignment,
    MessageKind.TRANSFER: _transfer,
    MessageKind.JOIN: _came,
    MessageKind.LEAVE: lambda content: f"{_name(content, 'agent')} 离开会话",
    MessageKind.RATING: lambda content: str(content.get("comment") or ""),
    MessageKind.RECALL: lambda content: "撤回了一条消息",
    MessageKind.EDIT: lambda content: f"修改了一条消息：{content.get('text', '')}",
}


def _name(content: dict[str, Any], part: str) -> str:
    value = content.get(part)
    return str(value.get("name", "")) if isinstance(value, dict) else ""


def _with(text: str, more: str) -> str:
    return f"{text}（{more}）" if more else text
