"""What is done to one ticket: transitions, comments, assigning, relations, the timeline."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import query_int
from lingxi.errors import Invalid
from tickets import service
from tickets.api import serializers as shapes
from tickets.api.base import TicketView, revision_of
from tickets.api.shapes import comment_answer, entry_answer, ticket_answer
from tickets.models import Ticket
from tickets.workflows import workflow_of

MOST = 200


class ActionView(TicketView):
    """Base: reads the body and answers with the ticket as it is then."""

    serializer: Any = None

    def said(self, request: Request) -> dict[str, Any]:
        """The checked body."""
        body = self.serializer(data=request.data, context={"user": self.person})
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def now(self, ticket: Ticket) -> Response:
        """The ticket read again; `null` when the caller may not see it any more."""
        from tickets.api.base import find

        found = find(self.person, str(ticket.pk))
        return Response(ticket_answer(found, self.person) if found else None)


class TransitionsView(ActionView):
    """The ticket's next steps."""

    serializer = shapes.MoveSerializer

    @extend_schema(
        operation_id="ticket_transitions",
        tags=["tickets"],
        description="调用者现在可以执行的状态流转。",
        responses=shapes.TransitionAnswer(many=True),
    )
    def get(self, request: Request, reference: str) -> Response:
        """What the caller may pull."""
        ticket = self.ticket(reference)
        workflow = workflow_of(ticket)
        steps = service.transitions_for(ticket, self.by) if self.may_edit() else []
        return Response(
            [
                {
                    "key": one.key,
                    "name": one.name,
                    "to": {
                        "key": one.to,
                        "name": workflow.status(one.to).name,
                        "category": str(workflow.status(one.to).category),
                    },
                    "required": sorted(one.required),
                    "comment": one.needs_comment,
                    "approval": bool(one.approval),
                }
                for one in steps
            ]
        )

    def may_edit(self) -> bool:
        """Whether the caller may change tickets at all."""
        from lingxi.access.permissions import can

        return can(self.person, "tickets.edit")

    @extend_schema(
        operation_id="ticket_move",
        tags=["tickets"],
        description="执行一次状态流转，可同时填写字段和说明。需要审批的流转会先发起审批。",
        request=shapes.MoveSerializer,
        responses=shapes.TicketAnswer,
        examples=[
            OpenApiExample(
                "解决", {"transition": "resolve", "comment": "已退款"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, reference: str) -> Response:
        """Pull one."""
        self.by.check("tickets.edit")
        ticket = self.ticket(reference)
        said = self.said(request)
        service.move(
            ticket.pk,
            said["transition"],
            self.by,
            {"fields": said["fields"]} if "fields" in said else {},
            comment=said["comment"],
            is_public=said["is_public"],
            revision=revision_of(request, said.get("revision")),
        )
        return self.now(ticket)


class CommentsView(ActionView):
    """What was said on a ticket."""

    serializer = shapes.CommentSerializer

    @extend_schema(
        operation_id="ticket_comments",
        tags=["tickets"],
        description="工单的回复与内部备注，旧的在前。",
        responses=shapes.CommentAnswer(many=True),
    )
    def get(self, request: Request, reference: str) -> Response:
        """All of them, at most 200 from `offset` on."""
        rows = self.ticket(reference).comments.order_by("created_at", "id")
        start = query_int(request, "offset")
        page = rows.prefetch_related("files__attachment")[start : start + MOST]
        return Response([comment_answer(one, self.person) for one in page])

    @extend_schema(
        operation_id="ticket_comment",
        tags=["tickets"],
        description="追加备注；`is_public` 为 true 时回复客户，会出现在客户的聊天窗口。",
        request=shapes.CommentSerializer,
        responses={201: shapes.CommentAnswer},
        examples=[OpenApiExample("备注", {"text": "已联系仓库核实"}, request_only=True)],
    )
    def post(self, request: Request, reference: str) -> Response:
        """Add one."""
        self.by.check("tickets.comment")
        ticket = self.ticket(reference)
        said = self.said(request)
        row = service.comment(
            ticket.pk,
            self.by,
            said["text"],
            is_public=said["is_public"],
            files=said["files"],
            comment_id=said.get("id"),
        )
        return Response(comment_answer(row, self.person), status=201)


class TimelineView(TicketView):
    """Everything that happened."""

    @extend_schema(
        operation_id="ticket_timeline",
        tags=["tickets"],
        description="工单的全部动态，旧的在前；`after` 只取此 revision 之后的。",
        responses=shapes.EntryAnswer(many=True),
    )
    def get(self, request: Request, reference: str) -> Response:
        """At most 200 entries after `?after=`."""
        rows = self.ticket(reference).entries.filter(revision__gt=query_int(request, "after"))
        return Response([entry_answer(one, self.person) for one in rows.order_by("id")[:MOST]])


class AssignView(ActionView):
    """转派."""

    serializer = shapes.AssignSerializer

    @extend_schema(
        operation_id="ticket_assign",
        tags=["tickets"],
        description="转派给坐席，或放入技能组的队列。",
        request=shapes.AssignSerializer,
        responses=shapes.TicketAnswer,
        examples=[
            OpenApiExample(
                "给技能组",
                {"group": "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11", "note": "请财务核对"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, reference: str) -> Response:
        """Assign it."""
        self.by.check("tickets.assign")
        ticket = self.ticket(reference)
        said = self.said(request)
        service.assign(
            ticket.pk,
            self.by,
            agent=said.get("agent"),
            group=said.get("group"),
            note=said["note"],
            revision=revision_of(request, said.get("revision")),
        )
        return self.now(ticket)


class MergeView(ActionView):
    """合并."""

    serializer = shapes.ReferenceSerializer

    @extend_schema(
        operation_id="ticket_merge",
        tags=["tickets"],
        description="把此工单合并到另一个；此工单随之关闭。",
        request=shapes.ReferenceSerializer,
        responses=shapes.TicketAnswer,
        examples=[OpenApiExample("合并", {"ticket": "T100002"}, request_only=True)],
    )
    def post(self, request: Request, reference: str) -> Response:
        """Merge it into another."""
        self.by.check("tickets.merge")
        ticket = self.ticket(reference)
        target = self.said(request)["ticket"]
        if target is None:
            raise Invalid(fields={"ticket": ["必填"]})
        return self.now(service.merge(ticket.pk, self.ticket(target).pk, self.by))


class ParentView(ActionView):
    """上级工单."""

    serializer = shapes.ReferenceSerializer

    @extend_schema(
        operation_id="ticket_parent",
        tags=["tickets"],
        description="设置上级工单；null 为取消。",
        request=shapes.ReferenceSerializer,
        responses=shapes.TicketAnswer,
    )
    def put(self, request: Request, reference: str) -> Response:
        """Set or remove it."""
        self.by.check("tickets.edit")
        ticket = self.ticket(reference)
        wanted = self.said(request)["ticket"]
        parent = self.ticket(wanted).pk if wanted else None
        service.set_parent(ticket.pk, parent, self.by)
        return self.now(ticket)


class LinksView(ActionView):
    """Conversations of a ticket."""

    serializer = shapes.LinkSerializer

    @extend_schema(
        operation_id="ticket_link",
        tags=["tickets"],
        description="关联会话。",
        request=shapes.LinkSerializer,
        responses=shapes.TicketAnswer,
    )
    def post(self, request: Request, reference: str) -> Response:
        """Tie one."""
        self.by.check("tickets.edit")
        ticket = self.ticket(reference)
        service.link(ticket.pk, self.said(request)["conversation"], self.by)
        return self.now(ticket)


class OneLinkView(ActionView):
    """One conversation of a ticket."""

    @extend_schema(
        operation_id="ticket_unlink",
        tags=["tickets"],
        description="取消关联；工单由其创建的会话不能取消。",
        responses=shapes.TicketAnswer,
    )
    def delete(self, request: Request, reference: str, conversation_id: uuid.UUID) -> Response:
        """Untie it."""
        self.by.check("tickets.edit")
        ticket = self.ticket(reference)
        service.unlink(ticket.pk, conversation_id, self.by)
        return self.now(ticket)


class WatchView(ActionView):
    """关注."""

    @extend_schema(
        operation_id="ticket_watch",
        tags=["tickets"],
        description="关注此工单。",
        request=None,
        responses=shapes.TicketAnswer,
    )
    def put(self, request: Request, reference: str) -> Response:
        """Watch it."""
        ticket = self.ticket(reference)
        service.watch(ticket.pk, self.by)
        return self.now(ticket)

    @extend_schema(
        operation_id="ticket_unwatch",
        tags=["tickets"],
        description="取消关注。",
        responses=shapes.TicketAnswer,
    )
    def delete(self, request: Request, reference: str) -> Response:
        """Stop watching."""
        ticket = self.ticket(reference)
        service.unwatch(ticket.pk, self.by)
        return self.now(ticket)
