"""Orders (督办) and urging (催办) by staff."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.fields import StrictSerializer, Text
from conversations.api.schemas import Answer
from lingxi.access.masking import for_viewer
from lingxi.access.permissions import check
from tickets import supervision, urging
from tickets.api.base import TicketView
from tickets.models import OrderState, SupervisionOrder


class OrderSerializer(StrictSerializer):
    """An order."""

    text = Text(limit=supervision.MAX_TEXT)
    due_at = s.DateTimeField(help_text="回复期限，晚于现在，一年之内")


class AnswerSerializer(StrictSerializer):
    """An answer."""

    text = Text(limit=supervision.MAX_TEXT)


class UrgeSerializer(StrictSerializer):
    """A word with the urge."""

    text = Text(limit=urging.MAX_TEXT, required=False, allow_blank=True, default="")


class OrderAnswer(Answer):
    """An order."""

    id = s.UUIDField()
    text = s.CharField()
    state = s.ChoiceField(choices=OrderState.choices)
    ordered_by = s.CharField()
    created_at = s.DateTimeField()
    due_at = s.DateTimeField()
    overdue_at = s.DateTimeField(allow_null=True)
    answer = s.CharField()


class UrgeAnswer(Answer):
    """What became of it."""

    urges = s.IntegerField(help_text="这张工单被催办的总次数")


class OrdersView(TicketView):
    """The orders on a ticket."""

    @extend_schema(
        operation_id="ticket_orders",
        tags=["tickets"],
        description="工单上的督办，待回复的在前。",
        responses=OrderAnswer(many=True),
    )
    def get(self, request: Request, reference: str) -> Response:
        """List them."""
        rows = supervision.orders_of(self.ticket(reference))
        return Response([described(one, self.person) for one in rows])

    @extend_schema(
        operation_id="ticket_supervise",
        tags=["tickets"],
        description="督办：要求受理人在期限前回复；回复前工单不能解决或关闭。",
        request=OrderSerializer,
        responses=OrderAnswer,
        examples=[
            OpenApiExample(
                "督办",
                {"text": "今天内联系客户", "due_at": "2026-01-05T18:00:00+08:00"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, reference: str) -> Response:
        """Order something."""
        check(self.person, "tickets.supervise")
        ticket = self.ticket(reference)
        said = _said(OrderSerializer, request)
        row = supervision.order(ticket.pk, self.by, said["text"], said["due_at"])
        return Response(described(row, self.person))


class AnswerOrderView(TicketView):
    """Answering an order."""

    permission = "tickets.edit"

    @extend_schema(
        operation_id="ticket_order_answer",
        tags=["tickets"],
        description="回复一个督办。",
        request=AnswerSerializer,
        responses=OrderAnswer,
        examples=[OpenApiExample("回复", {"text": "已联系客户"}, request_only=True)],
    )
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Answer it."""
        said = _said(AnswerSerializer, request)
        row = supervision.answer(order_id, self.by, said["text"])
        return Response(described(row, self.person))


class WithdrawOrderView(TicketView):
    """Taking an order back."""

    permission = "tickets.supervise"

    @extend_schema(
        operation_id="ticket_order_withdraw",
        tags=["tickets"],
        description="下达人撤回督办；升级规则下达的，任何主管都可以撤回。",
        request=None,
        responses=OrderAnswer,
    )
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Take it back."""
        return Response(described(supervision.withdraw(order_id, self.by), self.person))


class UrgeView(TicketView):
    """Urging."""

    permission = "tickets.comment"

    @extend_schema(
        operation_id="ticket_urge",
        tags=["tickets"],
        description="催办。每人对同一工单有次数限制，超出时返回 429 和 Retry-After。",
        request=UrgeSerializer,
        responses=UrgeAnswer,
        examples=[OpenApiExample("催办", {"text": "客户很着急"}, request_only=True)],
    )
    def post(self, request: Request, reference: str) -> Response:
        """Urge."""
        ticket = self.ticket(reference)
        urging.urge(ticket.pk, self.by, _said(UrgeSerializer, request)["text"])
        ticket.refresh_from_db(fields=["urges"])
        return Response({"urges": ticket.urges})


def _said(serializer: Any, request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def described(row: SupervisionOrder, user: Any) -> dict[str, Any]:
    """An order as the API answers it."""
    return {
        "id": str(row.pk),
        "text": for_viewer(user, row.text),
        "state": row.state,
        "ordered_by": row.ordered_name,
        "created_at": row.created_at,
        "due_at": row.due_at,
        "overdue_at": row.overdue_at,
        "answer": for_viewer(user, row.answer),
    }
