"""Visitors in conversation: open, send, read, end, rate."""

import uuid
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import actions, receipts, wire
from conversations.api import schemas
from conversations.api.base import VisitorView, address_of, note_receipt, query_id, query_int
from conversations.api.fields import Flat, Id, StrictSerializer, Text, Whole, YesNo
from conversations.api.longpoll import MAX_WAIT
from conversations.api.visitor_sessions import ContextSerializer
from conversations.ingest import Command, send
from conversations.ingest.validate import INTERNAL, clean_client_msg_id, clean_content
from conversations.models import Conversation, Customer
from lingxi import limits
from lingxi.errors import Invalid, TokenExpired
from routing import queue

OPENED_PER_MINUTE = 20  # of one visitor


class OpenSerializer(StrictSerializer):
    """A new conversation."""

    context = ContextSerializer(required=False, allow_null=True)  # type: ignore[assignment]
    fields_ = Flat(required=False, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a word of DRF's own, so it is declared under another name."""
        found = super().get_fields()
        return {name.rstrip("_"): field for name, field in found.items()}


class ConversationsView(VisitorView):
    """The visitor's conversation."""

    @extend_schema(
        operation_id="visitor_conversation_open",
        tags=["visitor"],
        description="开始会话；已有未结束的会话时返回它（200）。",
        request=OpenSerializer,
        responses={200: schemas.OpenedAnswer, 201: schemas.OpenedAnswer},
    )
    def post(self, request: Request) -> Response:
        """Open a conversation, or find the open one."""
        body = OpenSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        limits.hit("conversation", str(self.visitor.customer_id), OPENED_PER_MINUTE, 60)
        conversation, created = self.open(
            body.validated_data.get("context") or {}, body.validated_data.get("fields") or {}
        )
        answer = {
            **wire.describe(conversation, for_visitor=True),
            "queue": queue_of(conversation.id),
        }
        return Response(answer, status=201 if created else 200)

    def open(self, context: dict[str, Any], fields: dict[str, Any]) -> tuple[Conversation, bool]:
        """Hold the customer, so that it cannot become another meanwhile."""
        with transaction.atomic():
            customer = (
                Customer.objects.select_for_update(of=("self",), no_key=True)
                .filter(pk=self.visitor.customer_id, merged_into=None)
                .first()
            )
            if customer is None:
                raise TokenExpired
            context = {**customer.device, **context}
            visitor = replace(self.visitor, address=address_of(self.request))
            found, created = actions.open_conversation(visitor, context, fields)
        found.refresh_from_db()
        return found, created


def queue_of(conversation_id: uuid.UUID) -> dict[str, Any] | None:
    """Where the conversation stands in its queue, or None."""
    place = queue.position_of(actions.KIND, conversation_id)
    return place.as_dict() if place else None


class MessageSerializer(StrictSerializer):
    """A message, as in a `send` frame."""

    conversation = Id()
    client_msg_id = serializers.CharField(max_length=64, help_text="客户端生成的唯一编号，用于去重")
    kind = serializers.CharField(help_text="text、image 或 file")
    content = schemas.Content()
    t = serializers.CharField(required=False)
    reply_to = serializers.CharField(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """The frame's own checks decide, so that both ways refuse the same things."""
        if isinstance(data, dict):
            clean_client_msg_id(data.get("client_msg_id"))
            kind = data.get("kind")
            if not isinstance(kind, str) or kind in INTERNAL:
                raise Invalid("不支持的消息类型", fields={"kind": ["text、image 或 file"]})
            content = clean_content(kind, data.get("content"), data.get("reply_to"))
            data = {**data, "content": content}
        return super().to_internal_value(data)


class MessagesView(VisitorView):
    """Sending without a socket."""

    @extend_schema(
        operation_id="visitor_message_send",
        tags=["visitor"],
        description=(
            "发送消息，应答即 WebSocket 的 `ack` 帧。同一 `client_msg_id` 同内容再发返回 200 与 "
            "`dup: true`，不同内容返回 `conflict`。"
        ),
        request=MessageSerializer,
        responses={200: schemas.AckAnswer, 201: schemas.AckAnswer},
        examples=[
            OpenApiExample(
                "文本",
                {
                    "conversation": "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11",
                    "client_msg_id": "5b7f3f0e-8a51-4a0f-9d0f-6d1fbb0b7a10",
                    "kind": "text",
                    "content": {"text": "你好，我的订单还没有发货"},
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Store a message."""
        body = MessageSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        conversation = self.own(said["conversation"])
        ack = send(
            Command(
                conversation.id, self.actor(), said["kind"], said["content"], said["client_msg_id"]
            )
        )
        return Response(ack.as_dict(for_visitor=True), status=200 if ack.dup else 201)


class EventsView(VisitorView):
    """The log, as far as visitors see it."""

    @extend_schema(
        operation_id="visitor_events",
        tags=["visitor"],
        description=(
            "序号 `after` 之后的条目，与 WebSocket 的 `events` 帧相同。`wait` 秒内没有新条目才返回"
            "空列表（长轮询）。取到 `after` 即视为已收到此前的条目。"
        ),
        parameters=[
            OpenApiParameter("conversation", OpenApiTypes.UUID, required=True),
            OpenApiParameter("after", int, description="已有的最后一个序号，默认 0"),
            OpenApiParameter("wait", int, description=f"最多等待的秒数，0 到 {MAX_WAIT}"),
        ],
        responses=schemas.EventsAnswer,
    )
    def get(self, request: Request) -> Response:
        """Entries after a place; waiting is done before Django, see `longpoll`."""
        after = query_int(request, "after")
        query_int(request, "wait", most=10**9)
        conversation = self.own(query_id(request, "conversation"))
        if after:
            note_receipt(conversation.id, self.actor(), after, read=False)
        return Response(events_answer(conversation, after))


def events_answer(conversation: Conversation, after: int) -> dict[str, Any]:
    """The visitor's `events` frame, with what a `head` frame says."""
    limit = settings.LINGXI["MAX_BACKLOG"]
    events = wire.read_log(conversation.id, after, limit, for_visitor=True)
    other = receipts.of_other_side(conversation.id, for_visitor=True)
    return {
        "t": "events",
        "conversation": str(conversation.id),
        "events": events,
        # The counter was read before the rows: the later of the two is the truth.
        "seq": max([conversation.visitor_seq, *(event["seq"] for event in events[-1:])]),
        "epoch": conversation.epoch,
        "state": conversation.state,
        "delivered": other.received,
        "read": other.read,
        "queue": queue_of(conversation.id) if conversation.state != "serving" else None,
    }


class ReadSerializer(StrictSerializer):
    """How far somebody has read."""

    seq = Whole(min_value=0, max_value=2**31 - 1)


class ReadView(VisitorView):
    """Read receipts without a socket."""

    @extend_schema(
        operation_id="visitor_read",
        tags=["visitor"],
        description="已读到 `seq`（访客自己的编号）。",
        request=ReadSerializer,
        responses=ReadSerializer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Move the visitor's place."""
        body = ReadSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        conversation = self.own(conversation_id)
        note_receipt(conversation.id, self.actor(), body.validated_data["seq"], read=True)
        return Response(body.validated_data)


class CloseView(VisitorView):
    """The end."""

    @extend_schema(
        operation_id="visitor_conversation_close",
        tags=["visitor"],
        description="结束会话。之后不能再发消息，可以评价一次。",
        request=None,
        responses=schemas.ConversationAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """End the conversation."""
        conversation = self.own(conversation_id)
        closed = actions.close_conversation(conversation.id, self.actor())
        closed.refresh_from_db()
        return Response(wire.describe(closed, for_visitor=True))


class RatingSerializer(StrictSerializer):
    """A rating."""

    score = Whole(min_value=1, max_value=5)
    resolved = YesNo(required=False, allow_null=True, default=None)
    comment = Text(limit=1000, required=False, allow_blank=True, default="")


class RatingView(VisitorView):
    """What the visitor thought of it."""

    @extend_schema(
        operation_id="visitor_rating",
        tags=["visitor"],
        description="会话结束后评价一次；相同内容重复提交不算错误，不同内容返回 `conflict`。",
        request=RatingSerializer,
        responses=schemas.RatingAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Rate the conversation."""
        body = RatingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        conversation = self.own(conversation_id)
        rating = actions.rate_conversation(
            conversation.id, self.visitor, said["score"], said["resolved"], said["comment"]
        )
        answer = {key: getattr(rating, key) for key in ("score", "resolved", "comment")}
        return Response(answer)
