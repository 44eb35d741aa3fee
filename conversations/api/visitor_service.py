"""What visitors meet besides the talk: a human on request, messages left, invitations."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import handoff, invitations, wire
from conversations.api import schemas
from conversations.api.base import BodyParser, VisitorView, address_of
from conversations.api.fields import StrictSerializer
from conversations.api.visitor_chat import queue_of
from conversations.api.visitor_sessions import UNTOLD
from conversations.models import Invitation
from conversations.origins import check_origin
from lingxi import limits
from lingxi.errors import NotFound

HANDOFFS_PER_MINUTE = 20  # of one visitor
OUTCOMES_PER_MINUTE = 60  # of one address


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
