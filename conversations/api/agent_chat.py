"""Agents in conversation: list, read, send, note, claim, end."""

import base64
import binascii
import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import actions, receipts, wire
from conversations.actors import Actor
from conversations.api import schemas
from conversations.api.base import AgentView, note_receipt, query_int
from conversations.api.fields import Line, StrictSerializer, Text
from conversations.api.visitor_chat import ReadSerializer, queue_of
from conversations.ingest import Command, send
from conversations.ingest.validate import clean_client_msg_id, clean_content
from conversations.models import Conversation, State
from lingxi.access.masking import for_viewer, sees_plain
from lingxi.errors import Invalid
from lingxi.ids import new_id, parse_id

PAGE = 50
_OPEN = "open"


class ConversationsView(AgentView):
    """The conversations the caller may see, newest first."""

    permission = "conversations.view"

    @extend_schema(
        operation_id="agent_conversations",
        tags=["agent"],
        description=(
            '可见的会话，最新的在前。更多时响应头 `Link` 带 `rel="next"`。敏感号码按角色脱敏。'
        ),
        parameters=[
            OpenApiParameter("state", str, enum=[*State.values, _OPEN], description="按状态筛选"),
            OpenApiParameter("mine", str, enum=["1"], description="只看由我接待的"),
            OpenApiParameter("limit", int, description="1 到 200，默认 50"),
            OpenApiParameter("cursor", str, description="上一页 `Link` 里的值"),
        ],
        responses=schemas.ListedAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List them."""
        limit = min(max(1, query_int(request, "limit", PAGE)), 200)
        rows = list(self._chosen(request)[: limit + 1])
        answer = for_viewer(request.user, [listed(row) for row in rows[:limit]])
        headers = {}
        if len(rows) > limit:
            query = request.GET.copy()
            query["cursor"] = _cursor(rows[limit - 1])
            headers["Link"] = f'<{request.path}?{query.urlencode()}>; rel="next"'
        return Response(answer, headers=headers)

    def _chosen(self, request: Request) -> Any:
        rows = Conversation.objects.visible_to(request.user)
        state = request.GET.get("state", "")
        if state == _OPEN:
            rows = rows.open()
        elif state in State.values:
            rows = rows.filter(state=state)
        elif state:
            raise Invalid(fields={"state": [f"必须是 {'、'.join([*State.values, _OPEN])}"]})
        if request.GET.get("mine"):
            rows = rows.filter(agent__user=self.person)
        if request.GET.get("cursor"):
            created_at, pk = _place(request.GET["cursor"])
            rows = rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
        related = rows.select_related("channel", "customer", "agent", "group")
        return related.order_by("-created_at", "-pk")


def _cursor(row: Conversation) -> str:
    place = f"{row.created_at.isoformat()}|{row.id}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _place(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    try:
        time, _, pk = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        found = dt.datetime.fromisoformat(time), parse_id(pk)
    except (ValueError, binascii.Error) as exc:
        raise Invalid(fields={"cursor": ["无效"]}) from exc
    if found[1] is None or found[0].tzinfo is None:
        raise Invalid(fields={"cursor": ["无效"]})
    return found[0], found[1]


def listed(row: Conversation) -> dict[str, Any]:
    """A conversation in a list; not masked yet."""
    return {
        **wire.describe(row, for_visitor=False),
        "channel": {"key": row.channel.key, "name": row.channel.name},
        "customer": {"id": str(row.customer_id), "name": row.customer.display_name},
        "agent": {"id": str(row.agent_id), "name": row.agent.name} if row.agent else None,
        "group": {"id": str(row.group_id), "name": row.group.name},
        "last_text": row.last_text,
        "last_message_at": row.last_message_at,
        "waiting_since": row.waiting_since,
        "created_at": row.created_at,
        "closed_at": row.closed_at,
    }


class OneView(AgentView):
    """A view of one conversation; changes answer with it as it is afterwards."""

    def described(self, conversation_id: uuid.UUID) -> Response:
        """The conversation as it is now."""
        row = Conversation.objects.select_related("channel", "customer", "agent", "group").get(
            pk=conversation_id
        )
        return Response(for_viewer(self.request.user, listed(row)))

    def write(
        self, conversation: Conversation, kind: str, content: dict[str, Any], client_id: str
    ) -> Response:
        """Store a message or a note and answer with its `ack`."""
        actor = Actor.agent(self.agent)
        ack = send(Command(conversation.id, actor, kind, content, client_id))
        return Response(ack.as_dict(for_visitor=False), status=200 if ack.dup else 201)


class AgentMessageSerializer(StrictSerializer):
    """A message; `client_msg_id` makes sending it again harmless."""

    client_msg_id = Line(limit=64, required=False)
    kind = Line(limit=10, help_text="text、image、file、note 或 whisper（主管）")
    content = schemas.Content()
    t = serializers.CharField(required=False)
    conversation = serializers.CharField(required=False)
    reply_to = serializers.CharField(required=False, allow_null=True)


class MessagesView(OneView):
    """Answering."""

    permission = "conversations.send"

    @extend_schema(
        operation_id="agent_message_send",
        tags=["agent"],
        description="发送消息：正在接待、协助或强插的坐席；whisper（悄悄话）限主管，访客看不到。",
        request=AgentMessageSerializer,
        responses={200: schemas.AckAnswer, 201: schemas.AckAnswer},
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Store a message."""
        body = AgentMessageSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        client_id = clean_client_msg_id(said.get("client_msg_id", str(new_id())))
        conversation = self.visible(conversation_id)
        content = clean_content(said["kind"], said["content"], said.get("reply_to"))
        return self.write(conversation, said["kind"], content, client_id)


class NoteSerializer(StrictSerializer):
    """An internal note."""

    text = Text(limit=5000)
    client_msg_id = Line(limit=64, required=False)


class NotesView(OneView):
    """Words for colleagues."""

    permission = "conversations.note"

    @extend_schema(
        operation_id="agent_note",
        tags=["agent"],
        description="添加内部备注，访客看不到。会话结束后也可以添加。",
        request=NoteSerializer,
        responses={200: schemas.AckAnswer, 201: schemas.AckAnswer},
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Store a note."""
        body = NoteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        client_id = clean_client_msg_id(said.get("client_msg_id", str(new_id())))
        conversation = self.visible(conversation_id)
        return self.write(
            conversation, "note", clean_content("note", {"text": said["text"]}), client_id
        )


class EventsView(OneView):
    """The log, as staff see it."""

    permission = "conversations.view"

    @extend_schema(
        operation_id="agent_events",
        tags=["agent"],
        description="序号 `after` 之后的全部条目，含备注与转接。",
        parameters=[OpenApiParameter("after", int, description="已有的最后一个序号，默认 0")],
        responses=schemas.EventsAnswer,
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Entries after a place."""
        after = query_int(request, "after")
        conversation = self.visible(conversation_id)
        events = wire.read_log(
            conversation.id,
            after,
            settings.LINGXI["MAX_BACKLOG"],
            for_visitor=False,
            plain=sees_plain(request.user),
        )
        other = receipts.of_other_side(conversation.id, for_visitor=False)
        return Response(
            {
                "t": "events",
                "conversation": str(conversation.id),
                "events": events,
                "seq": max([conversation.last_seq, *(event["seq"] for event in events[-1:])]),
                "epoch": conversation.epoch,
                "state": conversation.state,
                "delivered": other.received,
                "read": other.read,
                "queue": queue_of(conversation.id),
            }
        )


class ReadView(OneView):
    """How far the caller has read."""

    @extend_schema(
        operation_id="agent_read",
        tags=["agent"],
        description="已读到 `seq`。只有参与者的已读会告诉访客。",
        request=ReadSerializer,
        responses=ReadSerializer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Move the caller's place."""
        body = ReadSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        conversation = self.visible(conversation_id)
        actor = Actor.agent(self.agent)
        note_receipt(conversation.id, actor, body.validated_data["seq"], read=True)
        return Response(body.validated_data)


class CloseView(OneView):
    """The end."""

    permission = "conversations.close"

    @extend_schema(
        operation_id="agent_close",
        tags=["agent"],
        description="结束会话，并邀请访客评价。",
        request=None,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """End the conversation."""
        conversation = self.visible(conversation_id)
        actions.close_conversation(conversation.id, Actor.agent(self.agent))
        return self.described(conversation.id)


class ClaimView(OneView):
    """Taking from the queue."""

    permission = "conversations.claim"

    @extend_schema(
        operation_id="agent_claim",
        tags=["agent"],
        description="从排队中抢接。已被接走返回 `conflict`，接待已满返回 `agent_unavailable`。",
        request=None,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Take it."""
        conversation = self.visible(conversation_id)
        actions.claim_conversation(conversation.id, self.agent)
        return self.described(conversation.id)
