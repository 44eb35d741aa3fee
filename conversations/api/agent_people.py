"""Agents themselves: log-in by API, status, capacity, and whom one can transfer to."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.api import schemas
from conversations.api.base import AgentView, BodyParser
from conversations.api.fields import Line, StrictSerializer, Whole
from conversations.principals import agent_token
from lingxi.access.permissions import can
from lingxi.accounts import check_password
from lingxi.errors import NotAuthenticated
from routing import breaks, presence
from routing.models import Agent, AgentStatus, BreakReason, SkillGroup, WorkItem

WS_PATH = "/ws/agent"


class AgentSessionSerializer(StrictSerializer):
    """Credentials."""

    username = Line(limit=150)
    password = Line(limit=1000, trim_whitespace=False)


class StatusSerializer(StrictSerializer):
    """What an agent says of themselves."""

    status = serializers.ChoiceField(choices=AgentStatus.choices)
    reason = Line(limit=80, required=False, allow_blank=True, default="")


class CapacitySerializer(StrictSerializer):
    """How many conversations at once."""

    capacity = Whole(min_value=1, max_value=200)


def agent_answer(agent: Agent) -> dict[str, Any]:
    """An agent, to themselves."""
    groups = agent.groups.all()
    return {
        "id": str(agent.id),
        "name": agent.name,
        "groups": [{"id": str(group.id), "name": group.name} for group in groups],
        "capacity": agent.capacity,
        "status": agent.status,
    }


def status_answer(agent: Agent) -> dict[str, Any]:
    """An agent, to themselves, with the request for a break that waits for a decision."""
    pending = breaks.pending_of(agent)
    asked = None
    if pending is not None:
        asked = {
            "id": str(pending.id),
            "reason": pending.reason.name,
            "state": pending.state,
            "asked_at": pending.asked_at,
        }
    return {**agent_answer(agent), "break_request": asked}


class AgentSessionView(APIView):
    """Tokens for agents' programs; the workbench uses the log-in cookie."""

    authentication_classes = []
    permission_classes = []
    parser_classes = [BodyParser]

    @extend_schema(
        operation_id="agent_session_create",
        tags=["agent"],
        auth=[],
        description="以用户名和密码换取令牌。5 分钟内同一地址同一用户名最多 10 次。",
        request=AgentSessionSerializer,
        responses={201: schemas.AgentSessionAnswer},
        examples=[
            OpenApiExample(
                "登录", {"username": "agent1", "password": "lingxi-demo"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Log in."""
        body = AgentSessionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        user = check_password(request._request, said["username"], said["password"])
        agent = Agent.objects.filter(user=user).first()
        if agent is None or not can(user, "workbench.use"):
            raise NotAuthenticated("用户名或密码错误")  # not a word about accounts of other kinds
        lifetime = dt.timedelta(seconds=settings.LINGXI["AGENT_TOKEN_LIFETIME"])
        answer = {
            "token": agent_token(user),
            "agent": agent_answer(agent),
            "expires_at": (timezone.now() + lifetime).replace(microsecond=0),
            "ws_path": WS_PATH,
        }
        return Response(answer, status=201)


class StatusView(AgentView):
    """The caller's status."""

    @extend_schema(
        operation_id="agent_status",
        tags=["agent"],
        description=(
            "切换状态。只有 `ready` 且在线时才会分配到会话。"
            "以需要审批的原因小休时状态不变，`break_request` 为待审批的申请。"
        ),
        request=StatusSerializer,
        responses=schemas.AgentStatusAnswer,
    )
    def put(self, request: Request) -> Response:
        """Change it."""
        body = StatusSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(status_answer(presence.set_status(self.agent, **body.validated_data)))

    @extend_schema(
        operation_id="agent_status_read",
        tags=["agent"],
        description="当前状态，以及待审批的小休申请。",
        responses=schemas.AgentStatusAnswer,
    )
    def get(self, request: Request) -> Response:
        """Read it."""
        return Response(status_answer(self.agent))


class BreakReasonsView(AgentView):
    """What a break can be for."""

    @extend_schema(
        operation_id="agent_break_reasons",
        tags=["agent"],
        description="启用的小休原因。`needs_approval` 为真的，须经主管同意才开始。",
        responses=schemas.BreakReasonAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List them."""
        reasons = BreakReason.objects.filter(is_active=True)
        return Response(list(reasons.values("name", "needs_approval", "max_minutes")))


class BreakRequestView(AgentView):
    """The caller's request for a break."""

    @extend_schema(
        operation_id="agent_break_withdraw",
        tags=["agent"],
        description="撤回待审批的小休申请；没有待审批的申请时不变。",
        responses=schemas.AgentStatusAnswer,
    )
    def delete(self, request: Request) -> Response:
        """Take it back."""
        breaks.withdraw_any(self.agent)
        return Response(status_answer(self.agent))


class CapacityView(AgentView):
    """The caller's capacity."""

    @extend_schema(
        operation_id="agent_capacity",
        tags=["agent"],
        description="修改接待上限（1 到 200）。已接待的超出部分保留。",
        request=CapacitySerializer,
        responses=schemas.AgentSelfAnswer,
    )
    def put(self, request: Request) -> Response:
        """Change it."""
        body = CapacitySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(agent_answer(presence.set_capacity(self.agent, **body.validated_data)))


class AgentsView(AgentView):
    """Colleagues a conversation can be transferred to."""

    permission = "conversations.transfer"

    @extend_schema(
        operation_id="agent_colleagues",
        tags=["agent"],
        description="可转接的坐席及其状态、当前接待数与上限。转接可以跨组，所以列出全部技能组的坐席。",
        responses=schemas.AgentAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List them."""
        agents: Any = (
            Agent.objects.grouped().with_load().prefetch_related("groups").order_by("name", "id")
        )
        reachable = set(Agent.objects.reachable().values_list("id", flat=True))
        return Response(
            [
                {**agent_answer(agent), "load": agent.load, "reachable": agent.id in reachable}
                for agent in agents
            ]
        )


class GroupsView(AgentView):
    """Skill groups a conversation can be transferred to."""

    permission = "conversations.transfer"

    @extend_schema(
        operation_id="agent_groups",
        tags=["agent"],
        description="可转接的技能组，及其排队数与空闲坐席数。",
        responses=schemas.GroupAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List them."""
        waiting = dict(
            WorkItem.objects.filter(state="waiting", kind="conversation")
            .values_list("group_id")
            .annotate(count=Count("id"))
        )
        ready = Agent.objects.filter(status=AgentStatus.READY).reachable().values("pk")
        groups = SkillGroup.objects.annotate(
            ready=Count("agents", filter=Q(agents__in=ready), distinct=True)
        ).order_by("name")
        return Response(
            [
                {
                    "id": str(group.id),
                    "name": group.name,
                    "waiting": waiting.get(group.id, 0),
                    "ready": group.ready,
                }
                for group in groups
            ]
        )
