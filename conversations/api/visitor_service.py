"""What visitors meet besides the talk: a human on request, messages left, invitations."""

import uuid
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import handoff, invitations, offline, wire
from conversations.api import schemas
from conversations.api.base import BodyParser, VisitorView, address_of
from conversations.api.fields import Line, StrictSerializer, Text
from conversations.api.visitor_chat import queue_of
from conversations.api.visitor_sessions import UNTOLD
from conversations.models import Invitation, OfflineMessage
from conversations.origins import check_origin
from lingxi import limits
from lingxi.errors import ConversationClosed, NotFound

HANDOFFS_PER_MINUTE = 20  # of one visitor
OUTCOMES_PER_MINUTE = 60  # of one address
MOST_LEFT = 20  # messages shown again


class HandoffView(VisitorView):
    """From the bot to a human."""

    @extend_schema(
        operation_id="visitor_handoff",
        tags=["visitor"],
        description=(
            "转人工：由机器人接待的会话进入排队。不由机器人接待时不改变什么，返回当前状态。"
            "访客发送“人工”“转人工”等文字有同样的效果。"
        ),
        request=None,
        responses=schemas.OpenedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Ask for a human."""
        limits.hit("handoff", str(self.visitor.customer_id), HANDOFFS_PER_MINUTE, 60)
        conversation = self.own(conversation_id)
        found = handoff.hand_over(conversation.id, self.actor())
        found.refresh_from_db()
        answer = wire.describe(found, for_visitor=True)
        return Response({**answer, "queue": queue_of(found.id)})


class LeaveSerializer(StrictSerializer):
    """A message left, and how to reach whoever left it."""

    text = Text(limit=offline.MAX_TEXT)
    name = Line(limit=offline.MAX_NAME, required=False, allow_blank=True, default="")
    phone = Line(limit=offline.MAX_PHONE, required=False, allow_blank=True, default="")
    email = Line(limit=offline.MAX_EMAIL, required=False, allow_blank=True, default="")


_LEFT = OpenApiExample(
    "留言",
    {"name": "李雷", "phone": "13800138000", "text": "想订 20 盒春茶，请回电"},
    request_only=True,
)


class OfflineMessagesView(VisitorView):
    """留言 of the visitor."""

    @extend_schema(
        operation_id="visitor_offline_messages",
        tags=["visitor"],
        description=f"访客在此渠道留下的留言，最近的在前，最多 {MOST_LEFT} 条。",
        responses=schemas.LeftListAnswer,
    )
    def get(self, request: Request) -> Response:
        """What was left."""
        self.refuse_merged()
        rows = OfflineMessage.objects.filter(
            customer=self.visitor.customer_id, channel=self.visitor.channel_id
        ).order_by("-created_at")[:MOST_LEFT]
        return Response({"results": [_left(row) for row in rows]})

    @extend_schema(
        operation_id="visitor_offline_message_create",
        tags=["visitor"],
        description=(
            "留言。电话、邮箱至少填一项，除非客户资料里已有。访客有未结束的会话时，留言属于该会话，"
            "并作为访客的消息写入；同一会话再次留言会并入同一条。"
        ),
        request=LeaveSerializer,
        responses={201: schemas.LeftAnswer},
        examples=[_LEFT],
    )
    def post(self, request: Request) -> Response:
        """Leave a message."""
        body = LeaveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        visitor = replace(self.visitor, address=address_of(request))
        return Response(_left(offline.leave_message(visitor, **body.validated_data)), status=201)


class OfflineMessageView(OfflineMessagesView):
    """留言 in a conversation that nobody serves."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="visitor_conversation_offline_message",
        tags=["visitor"],
        description="在未结束的会话中留言；与 `POST /api/v1/visitor/offline-messages` 相同。",
        request=LeaveSerializer,
        responses={201: schemas.LeftAnswer},
        examples=[_LEFT],
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:  # type: ignore[override]
        """Leave a message in it."""
        if not self.own(conversation_id).is_open:
            raise ConversationClosed
        return super().post(request)


def _left(message: OfflineMessage) -> dict[str, Any]:
    """As the visitor sees it again: their words, not how it was handled."""
    return {
        "id": str(message.id),
        "text": message.text,
        "created_at": message.created_at,
        "state": message.state,
    }


class OutcomeSerializer(StrictSerializer):
    """How the visitor took an invitation."""

    outcome = serializers.ChoiceField(choices=invitations.OUTCOMES)


class InvitationView(APIView):
    """Counting, without knowing who: an invitation is shown before there is a session."""

    authentication_classes = []
    permission_classes = []
    parser_classes = [BodyParser]

    @extend_schema(
        operation_id="visitor_invitation_outcome",
        tags=["visitor"],
        auth=[],
        description="主动邀请的结果：展示、接受或关闭，各计一次。公开，按地址限流。",
        request=OutcomeSerializer,
        responses=OutcomeSerializer,
    )
    def post(self, request: Request, invitation_id: uuid.UUID) -> Response:
        """Count an outcome."""
        address = address_of(request)
        if address not in UNTOLD:
            limits.hit("invitation", address, OUTCOMES_PER_MINUTE, 60)
        body = OutcomeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        found = Invitation.objects.select_related("channel").filter(pk=invitation_id).first()
        if found is None:
            raise NotFound("邀请不存在")
        check_origin(found.channel, request.headers.get("Origin"), request.get_host())
        invitations.count(found.pk, body.validated_data["outcome"])
        return Response(body.validated_data)
