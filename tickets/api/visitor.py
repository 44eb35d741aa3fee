"""Visitors and their own tickets: the list, one of them, and what can be done with it.

By the visitor's token, on an allowed page of a living channel, as the chat itself.
"""

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import VisitorView, address_of, query_int
from conversations.models import Customer
from conversations.principals import Visitor
from lingxi import limits
from lingxi.errors import Invalid, TokenExpired
from tickets import service, urging
from tickets.api import visitor_shapes as shapes
from tickets.chat import requests
from tickets.chat.cards import state_of
from tickets.chat.places import tickets_on
from tickets.models import Ticket, TicketRating, number_of
from tickets.public import public_type, public_types
from tickets.service import By

MAX_PAGE, PAGE = 50, 20
MADE_PER_HOUR, DONE_PER_MINUTE = 10, 20  # of one visitor


class OwnView(VisitorView):
    """A view of one's own tickets."""

    @property
    def caller(self) -> Visitor:
        """Who calls, and from where."""
        return replace(self.visitor, address=address_of(self.request))

    def customer(self) -> Customer:
        """The caller's row. Raises `TokenExpired` for one who became another."""
        found = Customer.objects.filter(pk=self.visitor.customer_id, merged_into=None).first()
        if found is None:
            raise TokenExpired
        return found

    def ticket(self, number: str) -> Ticket:
        """The caller's ticket; any other does not exist for them."""
        self.refuse_merged()
        return requests.own(self.visitor, number)

    def answer(self, number: str, status: int = 200) -> Response:
        """The ticket as it is now."""
        customer = self.customer()
        found = requests.own(self.visitor, number)
        return Response(shapes.ticket_answer(found, customer), status=status)

    def throttle(self) -> None:
        """Count what is done. Raises `RateLimited`."""
        limits.hit("ticket-visitor", str(self.visitor.customer_id), DONE_PER_MINUTE, 60)

    def body(self, kind: type[Any]) -> dict[str, Any]:
        """What was sent, read strictly."""
        said = kind(data=self.request.data)
        said.is_valid(raise_exception=True)
        return said.validated_data


class TicketsView(OwnView):
    """Own tickets."""

    @extend_schema(
        operation_id="visitor_tickets",
        tags=["visitor"],
        description="自己的工单，新的在前。用答案中的 `next` 作为 `before` 取下一页。",
        parameters=[
            OpenApiParameter("before", str, description="只取此编号之前的，如 T100050"),
            OpenApiParameter("limit", int, description=f"每页条数，最多 {MAX_PAGE}"),
        ],
        responses=shapes.ListAnswer,
    )
    def get(self, request: Request) -> Response:
        """A page."""
        limit = query_int(request, "limit", PAGE, MAX_PAGE) or PAGE
        self.refuse_merged()
        visitor = self.visitor
        rows = tickets_on(visitor.channel_id, visitor.customer_id).select_related("type")
        before = request.query_params.get("before")
        if before:
            number = number_of(before)
            if number is None:
                raise Invalid(fields={"before": ["应为工单编号"]})
            rows = rows.filter(number__lt=number)
        found = list(rows.order_by("-number")[: limit + 1])
        ratings = TicketRating.objects.in_bulk([one.pk for one in found])
        page = found[:limit]
        return Response(
            {
                "results": [state_of(one, ratings.get(one.pk)) for one in page],
                "next": page[-1].reference if len(found) > limit else None,
            }
        )

    @extend_schema(
        operation_id="visitor_ticket_create",
        tags=["visitor"],
        description=(
            "提交工单。类型与字段见 `GET /api/v1/visitor/ticket-forms`。带上 `client_id` "
            "可安全重试：同一编号只创建一次，再次请求回答 200 和已有的工单。"
            "进行中的会话会关联到工单。"
        ),
        request=shapes.TicketSerializer,
        responses={201: shapes.OneAnswer, 200: shapes.OneAnswer},
        examples=[
            OpenApiExample(
                "报修",
                {
                    "type": "repair",
                    "title": "热水壶不加热",
                    "description": "昨天开始按下开关没有反应",
                    "fields": {"order": "20260105001"},
                    "client_id": "5b7f3f0e-8a51-4a0f-9d0f-6d1fbb0b7a10",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Make one."""
        said = self.body(shapes.TicketSerializer)
        limits.hit("ticket-make", str(self.visitor.customer_id), MADE_PER_HOUR, 3600)
        ticket, is_new = requests.make(
            self.caller,
            public_type(said["type"]),
            said["title"],
            description=said["description"],
            fields=said.get("fields"),
            files=said.get("files") or (),
            key=said.get("client_id", ""),
        )
        return self.answer(ticket.reference, 201 if is_new else 200)


class TicketView(OwnView):
    """One of them."""

    @extend_schema(
        operation_id="visitor_ticket",
        tags=["visitor"],
        description="工单、对客户公开的进展与回复，以及现在可以做什么。",
        responses=shapes.OneAnswer,
    )
    def get(self, request: Request, number: str) -> Response:
        """The ticket."""
        return self.answer(number)


class CommentsView(OwnView):
    """Saying something on it."""

    @extend_schema(
        operation_id="visitor_ticket_comment",
        tags=["visitor"],
        description="补充说明。工单在等待客户回复时，会因此恢复处理。",
        request=shapes.VisitorCommentSerializer,
        responses={201: shapes.OneAnswer},
        examples=[OpenApiExample("补充", {"text": "照片已补上", "files": []}, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        """Add a comment."""
        self.throttle()
        said = self.body(shapes.VisitorCommentSerializer)
        files, key = said.get("files") or (), said.get("client_id", "")
        ticket = self.ticket(number)
        requests.comment(self.caller, ticket, said["text"], files=files, key=key)
        return self.answer(number, 201)


class RatingView(OwnView):
    """How it was."""

    @extend_schema(
        operation_id="visitor_ticket_rating",
        tags=["visitor"],
        description="工单解决后评价，1 到 5 星；再次提交会改写。重新打开并再次解决后可再评价。",
        request=shapes.TicketRatingSerializer,
        responses=shapes.OneAnswer,
        examples=[OpenApiExample("满意", {"score": 5, "comment": "很快"}, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        """Rate it."""
        self.throttle()
        said = self.body(shapes.TicketRatingSerializer)
        by = By.requester(self.customer())
        comment = requests.reviewed(said["comment"])
        service.rate(self.ticket(number).pk, by, said["score"], comment)
        return self.answer(number)


class ReopenView(OwnView):
    """未解决."""

    @extend_schema(
        operation_id="visitor_ticket_reopen",
        tags=["visitor"],
        description="未解决：在类型允许的天数内重新打开，可附说明。超过期限返回 403。",
        request=shapes.ReasonSerializer,
        responses=shapes.OneAnswer,
        examples=[OpenApiExample("未解决", {"text": "换来的还是坏的"}, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        """Take it up again."""
        self.throttle()
        said = self.body(shapes.ReasonSerializer)
        requests.reopen(self.caller, self.ticket(number), said["text"])
        return self.answer(number)


class UrgeView(OwnView):
    """催办."""

    @extend_schema(
        operation_id="visitor_ticket_urge",
        tags=["visitor"],
        description="催办。次数有限，过多返回 429，`retry_after` 秒后再试；已解决的工单返回 409。",
        request=shapes.ReasonSerializer,
        responses=shapes.OneAnswer,
        examples=[OpenApiExample("催办", {"text": "明天要用"}, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        """Urge for it."""
        self.throttle()
        said = self.body(shapes.ReasonSerializer)
        text = requests.reviewed(said["text"])
        urging.urge(self.ticket(number).pk, By.requester(self.customer()), text)
        return self.answer(number)


class FormsView(OwnView):
    """What can be submitted."""

    @extend_schema(
        operation_id="visitor_ticket_forms",
        tags=["visitor"],
        description="访客可以提交的工单类型，各带生效版本的表单字段。只含对外的字段。",
        responses=shapes.FormsAnswer,
    )
    def get(self, request: Request) -> Response:
        """All public types."""
        return Response({"results": [shapes.form_answer(one) for one in public_types()]})
