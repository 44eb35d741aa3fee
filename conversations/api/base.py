"""What the views share: who calls, from which page, and which conversation is theirs."""

import uuid
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.views import APIView

from conversations import receipts
from conversations.actors import Actor
from conversations.api.authentication import VisitorAuthentication
from conversations.models import AuthorType, Channel, Conversation, Customer
from conversations.origins import check_origin
from conversations.principals import Visitor
from conversations.realtime import hints
from lingxi.access.permissions import check
from lingxi.api import OrjsonParser, parse_json
from lingxi.errors import (
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    TokenExpired,
    TooLong,
)
from lingxi.ids import parse_id
from routing.models import Agent

MAX_SEQ = 2**31 - 1


class BodyParser(OrjsonParser):
    """JSON up to the size of a WebSocket frame, so that both ways take the same messages."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        """The value."""
        limit = settings.LINGXI["MAX_FRAME_BYTES"]
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLong(f"请求不能超过 {limit // 1024} KB")
        return parse_json(raw)


def address_of(request: Any) -> str:
    """Where the request comes from; the server in front decides what that says."""
    return request.META.get("REMOTE_ADDR", "")


class VisitorView(APIView):
    """A view for the bearer of a visitor token, on an allowed page, on a living channel."""

    authentication_classes = [VisitorAuthentication]
    parser_classes = [BodyParser]
    channel: Channel

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the token, then the channel and the page."""
        super().initial(request, *args, **kwargs)
        channel = Channel.objects.filter(pk=self.visitor.channel_id, is_active=True).first()
        if channel is None:
            raise NotAuthenticated("渠道已停用")
        check_origin(channel, request.headers.get("Origin"), request.get_host())
        self.channel = channel

    @property
    def visitor(self) -> Visitor:
        """Who calls."""
        return self.request.user  # type: ignore[return-value]

    def actor(self) -> Actor:
        """Who calls, as one who acts."""
        return Actor.visitor(self.visitor.customer_id, self.visitor.name)

    def own(self, conversation_id: uuid.UUID) -> Conversation:
        """The caller's conversation. Another visitor's does not exist for them."""
        found = Conversation.objects.filter(
            pk=conversation_id,
            customer_id=self.visitor.customer_id,
            channel_id=self.visitor.channel_id,
        ).first()
        if found is None:
            self.refuse_merged()
            raise NotFound("会话不存在")
        return found

    def refuse_merged(self) -> None:
        """A token of a customer that became another is over: a new session gives the right one."""
        customer = Customer.objects.filter(pk=self.visitor.customer_id).first()
        if customer is None or customer.merged_into_id:
            raise TokenExpired


class AgentView(APIView):
    """A view for people who work here; `permission` is what their role must carry."""

    parser_classes = [BodyParser]
    permission = "workbench.use"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the token or cookie, then the role."""
        super().initial(request, *args, **kwargs)
        check(request.user, self.permission)

    @property
    def person(self) -> Any:
        """Who calls."""
        return self.request.user

    @property
    def agent(self) -> Agent:
        """The caller as an agent. Raises `Forbidden` for people who do not serve."""
        agent = Agent.objects.filter(user=self.person).first()
        if agent is None:
            raise Forbidden("该账号不是坐席")
        return agent

    def visible(self, conversation_id: uuid.UUID) -> Conversation:
        """A conversation the caller may see; any other does not exist for them."""
        found = (
            Conversation.objects.visible_to(self.request.user)
            .select_related("channel", "customer", "agent", "group")
            .filter(pk=conversation_id)
            .first()
        )
        if found is None:
            raise NotFound("会话不存在")
        return found


def query_int(request: Any, name: str, default: int = 0, most: int = MAX_SEQ) -> int:
    """A whole number of the query string. Raises `Invalid`."""
    raw = request.GET.get(name, "")
    if not raw:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 10 and int(raw) <= most):
        raise Invalid(fields={name: [f"0 到 {most} 的整数"]})
    return int(raw)


def query_id(request: Any, name: str) -> uuid.UUID:
    """An id of the query string. Raises `Invalid` without one, `NotFound` for a wrong one."""
    raw = request.GET.get(name)
    if not raw:
        raise Invalid(fields={name: ["必填"]})
    found = parse_id(raw)
    if found is None:
        raise NotFound
    return found


def note_receipt(conversation_id: uuid.UUID, actor: Actor, seq: int, *, read: bool) -> None:
    """Move the caller's cursor and tell the other side, as a socket's receipt does."""
    moved = receipts.mark(conversation_id, actor, seq, read=read)
    if moved is None:
        return
    by_visitor = actor.type == AuthorType.VISITOR
    frame = {
        "t": "read" if read else "received",
        "conversation": str(conversation_id),
        "seq": moved if by_visitor else receipts.visitor_place(conversation_id, moved),
        "by": str(actor.type),
    }
    to = "staff" if by_visitor else "visitor"
    hints.soft({"conversation": str(conversation_id), "to": to, "frame": frame})
