"""From a conversation to a ticket: what can be filled in before anybody writes a word.

One function for the page in the workbench and for the rules that make tickets by themselves.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import re2
from django.urls import reverse

from conversations.models import Attachment, AuthorType, Conversation, Message, MessageKind
from lingxi.access.masking import for_viewer
from lingxi.errors import LingxiError
from tickets.classification import suggest
from tickets.forms import form_in_force
from tickets.models import IssueType, TicketType

MOST_MESSAGES = 500  # of one conversation that are looked at, the latest
MOST_LINES, MOST_FILES = 5, 20
TITLE, LINE, TRANSCRIPT = 60, 300, 8_000  # characters
_GREETING = re.compile(
    r"(?:你|您)?好+(?:呀|啊|的)?|(?:有人|人|客服)?在(?:吗|么|不在|不)?|哈喽|嗨+|喂+|请问(?:一下)?|"
    r"(?:转)?人工(?:客服|服务)?|谢+谢*你?|嗯+|哦+|是的?|hi+|hello|hey|thanks?|thank you|ok(?:ay)?",
    re.IGNORECASE,
)
_NOISE = re.compile(r"[\s\W_]+")
_LABELS = {
    "entry_page": "入口页面",
    "referrer": "来源",
    "device": "设备",
    "os": "系统",
    "app_version": "应用版本",
    "network": "网络",
    "language": "语言",
}


@dataclass(frozen=True)
class Prefill:
    """What a ticket of a conversation may begin with, as the person may see it.

    `context` are labelled facts (identity, device, entry page); `files` ids of attachments;
    `transcript` is the talk as text, `transcript_url` its page.
    """

    title: str
    description: str
    fields: dict[str, Any] = field(default_factory=dict)
    files: tuple[uuid.UUID, ...] = ()
    issue_type: IssueType | None = None
    context: dict[str, str] = field(default_factory=dict)
    transcript: str = ""
    transcript_url: str = ""


def prefill(conversation: Conversation, type: TicketType, user: Any = None) -> Prefill:
    """What is known for a ticket of `type`; for a person masked as their role needs it.

    Without `user` (rules, the system) nothing is masked: whoever reads the ticket is shown it by
    their own role.
    """
    rows = _messages(conversation)
    said = [row.text for row in rows if row.author_type == AuthorType.VISITOR]
    meant = meaningful(said)
    context = context_of(conversation)
    title = _cut(meant[0] if meant else f"{type.name}：{conversation.customer.display_name}", TITLE)
    description = _description(meant, _last_answer(rows), context)
    shown = _for(user)
    return Prefill(
        title=shown(title),
        description=shown(description),
        fields=_plain(fields_for(conversation, type, said, user), shown),
        files=_files(conversation, rows),
        issue_type=_guess(title, "\n".join(meant)),
        context=shown(context),
        transcript=shown(transcript_of(rows, conversation)),
        transcript_url=_url(conversation),
    )


def _for(user: Any) -> Any:
    return (lambda value: value) if user is None else (lambda value: for_viewer(user, value))


def _plain(fields: Mapping[str, Any], shown: Any) -> dict[str, Any]:
    """Without what would have to be masked: no form takes half a number."""
    return {key: value for key, value in fields.items() if shown(value) == value}


def _messages(conversation: Conversation) -> list[Message]:
    """What was said, in order, as it stands now: recalled words are no part of it."""
    rows = Message.objects.filter(conversation=conversation, kind=MessageKind.MESSAGE)
    latest = list(rows.order_by("-seq")[:MOST_MESSAGES])
    for row in latest:
        row.content = row.revised or row.content
    return [row for row in reversed(latest) if row.content.get("type") != "recalled"]


def meaningful(texts: Sequence[str]) -> list[str]:
    """Those that say something: no greetings, no bare thanks, nothing twice."""
    found: dict[str, str] = {}
    for text in texts:
        words = " ".join(text.split())
        bare = _NOISE.sub("", words)
        if len(bare) > 1 and not _GREETING.fullmatch(bare):
            found.setdefault(bare, words)
    return list(found.values())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _last_answer(rows: Sequence[Message]) -> str:
    answers = (
        row.text for row in reversed(rows) if row.author_type == AuthorType.AGENT and row.text
    )
    return next(answers, "")


def _description(meant: Sequence[str], answer: str, context: Mapping[str, str]) -> str:
    parts = []
    if meant:
        lines = "\n".join(f"- {_cut(text, LINE)}" for text in meant[:MOST_LINES])
        parts.append(f"客户反馈：\n{lines}")
    if answer:
        parts.append(f"客服最近答复：\n{_cut(' '.join(answer.split()), LINE)}")
    if context:
        parts.append("\n".join(f"{label}：{value}" for label, value in context.items()))
    return "\n\n".join(parts)


def context_of(conversation: Conversation) -> dict[str, str]:
    """Who wrote, on which channel, from where and with what; only what is known."""
    customer = conversation.customer
    found = {
        "客户": customer.display_name,
        "会员等级": customer.level,
        "电话": customer.phone,
        "邮箱": customer.email,
        "渠道": conversation.channel.name,
    }
    came: dict[str, Any] = {}
    for source in (customer.device, conversation.context):
        came |= source if isinstance(source, Mapping) else {}
    found |= {label: _words(came.get(key)) for key, label in _LABELS.items()}
    return {label: value for label, value in found.items() if value}


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        value = " · ".join(str(part) for part in value.values() if part)
    return str(value or "")[:LINE]


def fields_for(
    conversation: Conversation, type: TicketType, said: Sequence[str] = (), user: Any = None
) -> dict[str, Any]:
    """Values of the type's form: what the host page or the customer's record has under the same
    key, and order numbers that the visitor has written. What does not fit is left out.
    """
    form = form_in_force(type)
    if form is None:
        return {}
    known = _known(conversation)
    found: dict[str, Any] = {}
    for one in form.fields:
        value = known.get(one.key)
        if value in (None, "") and one.type == "order_number" and one.pattern:
            value = _order_number(one.pattern, said)
        if value not in (None, ""):
            found |= _fitting(form, one.key, value, user)
    return found


def _known(conversation: Conversation) -> dict[str, Any]:
    customer = conversation.customer
    columns = {name: getattr(customer, name) for name in ("name", "phone", "email", "level")}
    known = {key: value for key, value in columns.items() if value}
    for source in (customer.fields, conversation.fields):
        known |= source if isinstance(source, Mapping) else {}
    return known


def _fitting(form: Any, key: str, value: Any, user: Any) -> dict[str, Any]:
    """The value as the form stores it; nothing when it does not fit or is not theirs to write."""
    try:
        cleaned = form.clean({key: value}, user=user, partial=True)
    except LingxiError:
        return {}
    return {key: cleaned[key]} if key in cleaned else {}


def _order_number(pattern: str, said: Sequence[str]) -> str:
    """The last word of the visitor's that is an order number as the form wants it."""
    try:
        wanted = re2.compile(pattern)
    except re2.error:
        return ""
    words = (word for text in reversed(said) for word in re.findall(r"[\w-]{4,64}", text, re.ASCII))
    return next((word for word in words if wanted.fullmatch(word)), "")


def _files(conversation: Conversation, rows: Sequence[Message]) -> tuple[uuid.UUID, ...]:
    """Files that were sent and not recalled, the latest."""
    sent = [str(row.content["attachment"]) for row in rows if row.content.get("attachment")]
    kept = Attachment.objects.filter(conversation=conversation, pk__in=sent[-MOST_FILES:])
    return tuple(kept.order_by("created_at", "id").values_list("pk", flat=True))


def transcript_of(rows: Sequence[Message], conversation: Conversation) -> str:
    """The talk as text, its latest part when it is long."""
    from conversations.wire import agent_names

    names = agent_names(row.author_id for row in rows if row.author_type == AuthorType.AGENT)
    lines = [f"{_who(row, conversation, names)}：{_said(row)}" for row in rows]
    text = "\n".join(lines)
    return text if len(text) <= TRANSCRIPT else f"…\n{text[-TRANSCRIPT:]}"


def _who(row: Message, conversation: Conversation, names: Mapping[uuid.UUID, str]) -> str:
    if row.author_type == AuthorType.VISITOR:
        return conversation.customer.display_name
    if row.author_type == AuthorType.AGENT and row.author_id:
        return names.get(row.author_id, "客服")
    return "机器人" if row.author_type == AuthorType.BOT else "系统"


def _said(row: Message) -> str:
    return row.text or f"[{row.content.get('name') or '文件'}]"


def _guess(title: str, text: str) -> IssueType | None:
    """What the classifier thinks it is about, first of all."""
    found = suggest(title, text)
    return found[0].issue_type if found else None


def _url(conversation: Conversation) -> str:
    return f"{reverse('workbench:page')}?c={conversation.pk}"
