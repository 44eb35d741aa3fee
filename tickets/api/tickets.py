"""Tickets by API: list, create, read and change."""

import hashlib
from typing import Any

import orjson
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import query_int
from lingxi.errors import Conflict, Invalid
from lingxi.ids import parse_id
from tickets import service
from tickets.api import serializers as shapes
from tickets.api.base import TicketView, revision_of
from tickets.api.shapes import issue_types_answer, ticket_answer, type_answer
from tickets.models import Category, EntryKind, IssueType, Source, Ticket, TicketType, number_of
from tickets.service import NewTicket
from tickets.service.change import RELATED
from tickets.sla.shown import as_dicts, clocks_of

MAX_PAGE, PAGE, MAX_KEY = 200, 50, 120
EXAMPLE = {
    "type": "refund",
    "title": "订单 20260105 申请退款",
    "description": "收到的杯子有裂纹",
    "priority": "high",
    "fields": {"amount": "129.00", "order": "20260105"},
    "conversation": "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11",
}


class TicketsView(TicketView):
    """All tickets the caller may see."""

    @extend_schema(
        operation_id="tickets_list",
        tags=["tickets"],
        description="可见的工单，新的在前。用上一页答案中的 `next` 作为 `before` 取下一页。",
        parameters=[
            OpenApiParameter("type", str, description="类型标识"),
            OpenApiParameter("category", str, enum=Category.values),
            OpenApiParameter("status", str, description="状态标识"),
            OpenApiParameter("assignee", str, description="坐席 id，或 none"),
            OpenApiParameter("requester", str, description="客户 id"),
            OpenApiParameter("conversation", str, description="关联的会话 id"),
            OpenApiParameter("before", str, description="只取此编号之前的，如 T100050"),
            OpenApiParameter("limit", int, description=f"每页条数，最多 {MAX_PAGE}"),
        ],
        responses=shapes.TicketPageAnswer,
    )
    def get(self, request: Request) -> Response:
        """A page."""
        limit = query_int(request, "limit", PAGE, MAX_PAGE) or PAGE
        rows = Ticket.objects.visible_to(self.person).filter(**_filters(request))
        rows = rows.select_related(*RELATED, "parent", "merged_into").order_by("-number")
        found = list(rows[: limit + 1])
        page = found[:limit]
        return Response(
            {
                "results": [ticket_answer(one, self.person) for one in page],
                "next": page[-1].reference if len(found) > limit else None,
            }
        )

    @extend_schema(
        operation_id="tickets_create",
        tags=["tickets"],
        description=(
            "创建工单。带上 `Idempotency-Key` 头可安全重试：同一个键只创建一次，"
            "再次请求回答 200 和已有的工单；内容不同则回答 409。"
        ),
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=shapes.CreateSerializer,
        responses={201: shapes.TicketAnswer, 200: shapes.TicketAnswer},
        examples=[OpenApiExample("退款", EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Make one."""
        self.by.check("tickets.create")
        body = shapes.CreateSerializer(data=request.data, context={"user": self.person})
        body.is_valid(raise_exception=True)
        digest = _digest(request.data)
        said = dict(body.validated_data)
        new = NewTicket(**said, source=Source.API, cause=self._cause(request), digest=digest)
        _take_requester(new)
        ticket, is_new = service.create(new, self.by)
        if not is_new:
            _refuse_other(ticket, digest)
            ticket = self.ticket(str(ticket.pk))
        answer = ticket_answer(ticket, self.person)
        return Response(answer, status=201 if is_new else 200)

    def _cause(self, request: Request) -> str | None:
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > MAX_KEY or not key.isprintable():
            raise Invalid(f"Idempotency-Key 最多 {MAX_KEY} 个可见字符")
        return f"api:{self.person.pk}:{key}" if key else None


def _filters(request: Request) -> dict[str, Any]:
    """What the query string asks for. Raises `Invalid`."""
    asked = request.query_params
    found: dict[str, Any] = {}
    for name, path in (("type", "type__key"), ("status", "status"), ("category", "category")):
        if asked.get(name):
            found[path] = asked[name][:40].replace("\x00", "")
    if asked.get("assignee") == "none":
        found["assignee"] = None
    elif asked.get("assignee"):
        found["assignee"] = _id(asked["assignee"], "assignee")
    if asked.get("requester"):
        found["requester"] = _id(asked["requester"], "requester")
    if asked.get("conversation"):
        found["links__conversation"] = _id(asked["conversation"], "conversation")
    if asked.get("before"):
        number = number_of(asked["before"])
        if number is None:
            raise Invalid(fields={"before": ["应为工单编号"]})
        found["number__lt"] = number
    return found


def _id(text: str, name: str) -> Any:
    found = parse_id(text)
    if found is None:
        raise Invalid(fields={name: ["不是有效的 id"]})
    return found


def _digest(data: Any) -> str:
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _take_requester(new: NewTicket) -> None:
    """A ticket from a conversation is its customer's, unless said otherwise."""
    if new.requester is None and new.conversation is not None:
        new.requester = new.conversation.customer


def _refuse_other(ticket: Ticket, digest: str) -> None:
    first = ticket.entries.filter(kind=EntryKind.CREATED).order_by("id").first()
    if first is not None and first.data.get("digest") not in {None, digest}:
        raise Conflict("同一个 Idempotency-Key 已用于不同的内容")


class OneTicketView(TicketView):
    """One ticket."""

    @extend_schema(
        operation_id="tickets_read",
        tags=["tickets"],
        description="按编号（T100001）或 id 读取工单。",
        responses=shapes.WholeTicketAnswer,
    )
    def get(self, request: Request, reference: str) -> Response:
        """Read it."""
        return self.answer(self.ticket(reference))

    @extend_schema(
        operation_id="tickets_edit",
        tags=["tickets"],
        description=(
            "修改工单；未提到的内容不变。用 `If-Match` 头或 `revision` 防止覆盖他人的修改："
            "已过期时回答 409，`fields.changes` 说明他人改了什么。状态用 transitions 修改。"
        ),
        request=shapes.EditSerializer,
        responses=shapes.WholeTicketAnswer,
        examples=[OpenApiExample("提高优先级", {"priority": "urgent"}, request_only=True)],
    )
    def patch(self, request: Request, reference: str) -> Response:
        """Change it."""
        self.by.check("tickets.edit")
        ticket = self.ticket(reference)
        body = shapes.EditSerializer(data=request.data, context={"user": self.person})
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        revision = revision_of(request, said.pop("revision", None))
        service.edit(ticket.pk, self.by, said, revision=revision)
        return self.answer(self.ticket(str(ticket.pk)))

    def answer(self, ticket: Ticket) -> Response:
        """The ticket with its revision as the entity tag."""
        tag = {"ETag": f'"{ticket.revision}"'}
        answer = {**ticket_answer(ticket, self.person), "sla": as_dicts(clocks_of(ticket))}
        return Response(answer, headers=tag)


class TypesView(TicketView):
    """The kinds of tickets."""

    @extend_schema(
        operation_id="ticket_types",
        tags=["tickets"],
        description="启用的工单类型，附当前版本的表单与状态。",
        responses=shapes.TypeAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """All active ones."""
        rows = TicketType.objects.filter(is_active=True).select_related("schema")
        return Response([type_answer(one, self.person) for one in rows])


class IssueTypesView(TicketView):
    """The tree of issue types."""

    @extend_schema(
        operation_id="ticket_issue_types",
        tags=["tickets"],
        description="启用的问题分类，上级在前。",
        responses=shapes.IssueTypeAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """All active ones."""
        return Response(issue_types_answer(IssueType.objects.filter(is_active=True)))
