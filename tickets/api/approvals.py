"""Approvals: one's own list, answering, delegating, asking back."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import AgentView, query_int
from conversations.api.fields import Line, StrictSerializer, Text
from conversations.api.schemas import Answer
from lingxi.errors import Invalid, NotFound
from tickets import approval as approvals
from tickets.approval import people
from tickets.approval.lists import TABS, of_tab
from tickets.approval.shown import ShownApproval, shown_list
from tickets.models import Approval, ApprovalState

PER_PAGE = 50


class DecideSerializer(StrictSerializer):
    """An answer."""

    decision = s.ChoiceField(choices=["approve", "reject", "return"])
    reason = Text(limit=2000, required=False, allow_blank=True, default="")


class DelegateSerializer(StrictSerializer):
    """Who answers instead."""

    user = Line(limit=150, help_text="账号名或编号")
    reason = Text(limit=2000, required=False, allow_blank=True, default="")


class ApproverAnswer(Answer):
    """What somebody asked has said."""

    name = s.CharField()
    state = s.CharField()
    reason = s.CharField()
    at = s.DateTimeField(allow_null=True)


class ApprovalStepAnswer(Answer):
    """A step."""

    name = s.CharField()
    state = s.ChoiceField(choices=ApprovalState.choices)
    needs_all = s.BooleanField(help_text="会签")
    due_at = s.DateTimeField(allow_null=True)
    answers = ApproverAnswer(many=True)


class ApprovalTicketAnswer(Answer):
    """The ticket of a request in short."""

    number = s.CharField()
    title = s.CharField()
    type = s.CharField()
    fields = s.DictField(help_text="与审批有关的字段")  # type: ignore[assignment]


class ApprovalAnswer(Answer):
    """A request."""

    id = s.UUIDField()
    transition = s.CharField()
    state = s.ChoiceField(choices=ApprovalState.choices)
    reason = s.CharField()
    outcome = s.CharField()
    asked_by = s.CharField()
    asked_at = s.DateTimeField()
    ended_at = s.DateTimeField(allow_null=True)
    may_decide = s.BooleanField()
    may_withdraw = s.BooleanField()
    ticket = ApprovalTicketAnswer()
    steps = ApprovalStepAnswer(many=True)


class ApprovalsView(AgentView):
    """Lists of requests."""

    permission = "tickets.approve"

    @extend_schema(
        operation_id="ticket_approvals",
        tags=["tickets"],
        description="待我审批（默认，等得最久的在前）、我发起的或已处理的审批，每页 50 条。",
        parameters=[
            OpenApiParameter("tab", enum=list(TABS)),
            OpenApiParameter("from", int, description="略过前面多少条"),
        ],
        responses=ApprovalAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """A page of one's own."""
        tab = request.GET.get("tab", "waiting")
        if tab not in TABS:
            raise Invalid(fields={"tab": [f"应为 {'、'.join(TABS)}"]})
        start = query_int(request, "from")
        rows = of_tab(tab, self.person)[start : start + PER_PAGE]
        return Response([described(one) for one in shown_list(rows, self.person)])


class OneApprovalView(AgentView):
    """Base of what is done to one request."""

    permission = "tickets.approve"
    serializer: Any = None

    def said(self, request: Request) -> dict[str, Any]:
        """The checked body."""
        body = self.serializer(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def now(self, approval_id: uuid.UUID) -> Response:
        """The request as it is then."""
        rows = Approval.objects.visible_to(self.person).filter(pk=approval_id)
        found = shown_list(rows, self.person)
        if not found:
            raise NotFound("审批不存在，或你无权查看")
        return Response(described(found[0]))


class DecideView(OneApprovalView):
    """Answering."""

    serializer = DecideSerializer

    @extend_schema(
        operation_id="ticket_approval_decide",
        tags=["tickets"],
        description=(
            "同意、驳回或退回；后两者必须有理由。最后一步同意后，工单随即流转。"
            "不能审批自己的申请；角色已变更的人会被拒绝（403）。"
        ),
        request=DecideSerializer,
        responses=ApprovalAnswer,
        examples=[
            OpenApiExample("驳回", {"decision": "reject", "reason": "凭证不全"}, request_only=True)
        ],
    )
    def post(self, request: Request, approval_id: uuid.UUID) -> Response:
        """Answer."""
        said = self.said(request)
        approvals.decide(approval_id, self.person, said["decision"], said["reason"])
        return self.now(approval_id)


class DelegateView(OneApprovalView):
    """Delegating."""

    serializer = DelegateSerializer

    @extend_schema(
        operation_id="ticket_approval_delegate",
        tags=["tickets"],
        description="转交给另一位可以审批的同事；不能转交给申请人或已在本步骤中的人。",
        request=DelegateSerializer,
        responses=ApprovalAnswer,
        examples=[OpenApiExample("转交", {"user": "li", "reason": "休假"}, request_only=True)],
    )
    def post(self, request: Request, approval_id: uuid.UUID) -> Response:
        """Have somebody else answer."""
        said = self.said(request)
        person = people.find(said["user"])
        approvals.delegate(approval_id, self.person, person, said["reason"])
        return self.now(approval_id)


class WithdrawView(OneApprovalView):
    """Asking back."""

    @extend_schema(
        operation_id="ticket_approval_withdraw",
        tags=["tickets"],
        description="申请人撤回进行中的审批。",
        request=None,
        responses=ApprovalAnswer,
    )
    def post(self, request: Request, approval_id: uuid.UUID) -> Response:
        """Take back one's own request."""
        approvals.withdraw(approval_id, self.person)
        return self.now(approval_id)


def described(one: ShownApproval) -> dict[str, Any]:
    """A request as the API answers it."""
    ticket = one.ticket
    return {
        "id": str(one.id),
        "transition": one.transition,
        "state": one.state,
        "reason": one.reason,
        "outcome": one.outcome,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "ended_at": one.ended_at,
        "may_decide": one.may_decide,
        "may_withdraw": one.may_withdraw,
        "ticket": ticket
        and {
            "number": ticket.reference,
            "title": ticket.title,
            "type": ticket.type,
            "fields": {shown.key: shown.value for shown in ticket.fields},
        },
        "steps": [
            {
                "name": step.name,
                "state": step.state,
                "needs_all": step.needs_all,
                "due_at": step.due_at,
                "answers": [
                    {
                        "name": answer.name,
                        "state": answer.state,
                        "reason": answer.reason,
                        "at": answer.at,
                    }
                    for answer in step.answers
                ],
            }
            for step in one.steps
        ],
    }
