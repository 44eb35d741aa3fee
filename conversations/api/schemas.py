"""The shapes of answers, for the API document. Answers themselves are built as plain data."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers as s

from conversations.models import OfflineMessageState, State
from routing.models import AgentStatus, BreakRequestState


class Answer(s.Serializer[Any]):
    """Base of all answers."""


class QueueAnswer(Answer):
    """Where a conversation stands in its queue."""

    position = s.IntegerField(help_text="从 1 起")
    ahead = s.IntegerField(help_text="前面还有几人")
    estimated_wait = s.IntegerField(allow_null=True, help_text="秒；没有依据时为 null")


class ConversationAnswer(Answer):
    """A conversation in short."""

    id = s.UUIDField()
    state = s.ChoiceField(choices=State.choices)
    with_bot = s.BooleanField(help_text="由机器人接待，可以请求转人工")
    epoch = s.IntegerField()
    seq = s.IntegerField(help_text="最新条目的序号（调用方自己的编号）")


class OpenedAnswer(ConversationAnswer):
    """A conversation in short, with its place in the queue."""

    queue = QueueAnswer(allow_null=True)


class TicketsNewsAnswer(Answer):
    """Tickets of a visitor who comes back."""

    active = s.IntegerField(help_text="未解决的工单数")
    total = s.IntegerField()
    forms = s.BooleanField(help_text="是否可以自己提交工单")
    conversation = ConversationAnswer(
        allow_null=True, help_text="没有进行中的会话时，写有工单进展的那次已结束的会话"
    )


class PageViewAnswer(Answer):
    """A page looked at."""

    url = s.CharField()
    title = s.CharField()
    referrer = s.CharField()
    tickets = TicketsNewsAnswer(required=False, help_text="没有工单也不能提交时没有此项")


class SessionAnswer(Answer):
    """A visitor's session."""

    token = s.CharField()
    customer_id = s.UUIDField()
    expires_at = s.DateTimeField()
    conversation = ConversationAnswer(allow_null=True)
    ws_path = s.CharField()
    tickets = TicketsNewsAnswer(required=False, help_text="没有工单也不能提交时没有此项")


class InvitationAnswer(Answer):
    """A proactive invitation on a page."""

    id = s.UUIDField()
    text = s.CharField()
    after = s.IntegerField(help_text="访问开始后多少秒展示")
    again_hours = s.IntegerField(help_text="展示过之后多少小时内不再展示")


class ConfigAnswer(Answer):
    """What a widget needs to know of its channel."""

    name = s.CharField()
    title = s.CharField()
    greeting = s.CharField()
    brand_color = s.CharField()
    max_upload = s.IntegerField(help_text="字节")
    open = s.BooleanField(help_text="现在是否有坐席在线接待")
    offline_text = s.CharField(help_text="无人在线时留言表单上方的话")
    invitation = InvitationAnswer(allow_null=True)


class AckAnswer(Answer):
    """The `ack` frame: it is stored."""

    t = s.CharField(default="ack")
    client_msg_id = s.CharField()
    message_id = s.UUIDField()
    seq = s.IntegerField()
    created_at = s.DateTimeField()
    dup = s.BooleanField(help_text="同一 client_msg_id 先前已写入")


class AuthorAnswer(Answer):
    """Who wrote an entry."""

    type = s.CharField()
    id = s.UUIDField(allow_null=True)
    name = s.CharField()


@extend_schema_field({"type": "object", "additionalProperties": {}})
class Content(s.JSONField):
    """The content of an entry; its keys depend on the kind (docs/api.md)."""


class EventAnswer(Answer):
    """One entry of a conversation's log."""

    id = s.UUIDField()
    seq = s.IntegerField()
    kind = s.CharField()
    client_msg_id = s.CharField(allow_null=True)
    author = AuthorAnswer()
    created_at = s.DateTimeField()
    content = Content()


class EventsAnswer(Answer):
    """The `events` frame, with what a `head` frame says."""

    t = s.CharField(default="events")
    conversation = s.UUIDField()
    events = EventAnswer(many=True)
    seq = s.IntegerField(help_text="日志的末尾；大于最后一条的 seq 时再取一次")
    epoch = s.IntegerField()
    state = s.ChoiceField(choices=State.choices)
    delivered = s.IntegerField(help_text="对方已收到的序号")
    read = s.IntegerField(help_text="对方已读的序号")
    queue = QueueAnswer(allow_null=True)


class UploadAnswer(Answer):
    """A kept file, to be sent as `content.attachment`."""

    id = s.UUIDField()
    name = s.CharField()
    size = s.IntegerField()
    media_type = s.CharField()
    width = s.IntegerField(required=False)
    height = s.IntegerField(required=False)
    url = s.CharField(help_text="带签名的临时地址，约一小时内有效")
    thumbnail = s.CharField(required=False)


class LeftAnswer(Answer):
    """A message left."""

    id = s.UUIDField()
    text = s.CharField()
    created_at = s.DateTimeField()
    state = s.ChoiceField(choices=OfflineMessageState.choices)


class LeftListAnswer(Answer):
    """The messages left by a visitor."""

    results = LeftAnswer(many=True)


class RatingAnswer(Answer):
    """The rating that counts."""

    score = s.IntegerField()
    resolved = s.BooleanField(allow_null=True)
    comment = s.CharField()


class NamedAnswer(Answer):
    """Something with a name."""

    id = s.UUIDField()
    name = s.CharField()


class AgentSelfAnswer(NamedAnswer):
    """The agent who calls."""

    groups = NamedAnswer(many=True)
    capacity = s.IntegerField()
    status = s.ChoiceField(choices=AgentStatus.choices)


class BreakRequestAnswer(Answer):
    """A request for a break."""

    id = s.UUIDField()
    reason = s.CharField()
    state = s.ChoiceField(choices=BreakRequestState.choices)
    asked_at = s.DateTimeField()


class BreakReasonAnswer(Answer):
    """What a break can be for."""

    name = s.CharField()
    needs_approval = s.BooleanField()
    max_minutes = s.IntegerField(allow_null=True)


class AgentStatusAnswer(AgentSelfAnswer):
    """The agent who calls, and what they wait for."""

    break_request = BreakRequestAnswer(allow_null=True)


class AgentSessionAnswer(Answer):
    """An agent's session."""

    token = s.CharField()
    agent = AgentSelfAnswer()
    expires_at = s.DateTimeField()
    ws_path = s.CharField()


class AgentAnswer(AgentSelfAnswer):
    """A colleague, as the transfer dialog shows them."""

    load = s.IntegerField()
    reachable = s.BooleanField()


class GroupAnswer(NamedAnswer):
    """A skill group, as the transfer dialog shows it."""

    waiting = s.IntegerField()
    ready = s.IntegerField(help_text="在线且空闲的坐席数")


class ListedAnswer(ConversationAnswer):
    """A conversation in the agent's list."""

    channel = inline_serializer("ChannelBrief", {"key": s.CharField(), "name": s.CharField()})
    customer = NamedAnswer()
    agent = NamedAnswer(allow_null=True)
    group = NamedAnswer()
    last_text = s.CharField()
    last_message_at = s.DateTimeField(allow_null=True)
    waiting_since = s.DateTimeField(allow_null=True)
    created_at = s.DateTimeField()
    closed_at = s.DateTimeField(allow_null=True)


class OfferAnswer(Answer):
    """A conversation the caller is asked to take."""

    kind = s.ChoiceField(choices=["transfer", "group_transfer", "queue"])
    conversation = s.UUIDField()
    customer = NamedAnswer()
    group = s.CharField()
    note = s.CharField(help_text="转接附言")
    last_text = s.CharField()
    asked_at = s.DateTimeField()
    expires_at = s.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language."""
        return {**super().get_fields(), "from": s.CharField(help_text="转出的坐席")}
