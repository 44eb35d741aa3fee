"""Assisting colleagues, and supervisors in others' conversations."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import participation, supervision
from conversations.api import schemas
from conversations.api.agent_chat import OneView
from conversations.api.agent_transfers import one_of
from conversations.api.fields import Id, StrictSerializer, Text
from conversations.models import Conversation
from lingxi.errors import ConversationClosed, Forbidden
from routing.models import Agent


class AssistSerializer(StrictSerializer):
    """Whom to invite, and what they should know."""

    agent = Id()
    note = Text(limit=500, required=False, allow_blank=True, default="")


class _AssistView(OneView):
    permission = "conversations.assist"

    def caller(self, conversation: Conversation) -> tuple[Agent, bool]:
        """Who asks, and whether they do so as a supervisor.

        Raises `ConversationClosed` or `Forbidden`.
        """
        if not conversation.is_open:
            raise ConversationClosed
        serves = conversation.agent
        if serves is not None and serves.user_id == self.person.pk:
            return serves, False
        if not supervision.may_supervise(self.person, conversation):
            raise Forbidden("该会话不由你接待")
        return supervision.agent_for(self.person), True


class AssistView(_AssistView):
    """Asking a colleague for help."""

    @extend_schema(
        operation_id="agent_assist",
        tags=["agent"],
        description="邀请一位在线的同事协助：立即加入会话，可以直接回复访客。",
        request=AssistSerializer,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Let them in."""
        body = AssistSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        conversation = self.visible(conversation_id)
        by, leads = self.caller(conversation)
        colleague = one_of(Agent, said["agent"], "agent")
        participation.invite(conversation.id, by, colleague, said["note"], leads=leads)
        return self.described(conversation.id)


class RemoveSerializer(StrictSerializer):
    """Whom."""

    agent = Id()


class AssistRemoveView(_AssistView):
    """Ending a colleague's help."""

    @extend_schema(
        operation_id="agent_assist_remove",
        tags=["agent"],
        description="请协助者离开会话。",
        request=RemoveSerializer,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Send them away."""
        body = RemoveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        conversation = self.visible(conversation_id)
        by, leads = self.caller(conversation)
        colleague = one_of(Agent, body.validated_data["agent"], "agent")
        participation.remove(conversation.id, by, colleague, leads=leads)
        return self.described(conversation.id)


class LeaveView(OneView):
    """Ending one's own help."""

    permission = "conversations.assist"

    @extend_schema(
        operation_id="agent_leave",
        tags=["agent"],
        description="结束自己在此会话中的协助。",
        request=None,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Go."""
        conversation = self.visible(conversation_id)
        participation.leave(conversation.id, self.agent)
        return self.described(conversation.id)


ACTIONS = ("monitor", "barge_in", "stop", "take_over", "force_end")


class SuperviseSerializer(StrictSerializer):
    """What to do; a forced end needs its reason."""

    action = serializers.ChoiceField(choices=ACTIONS)
    reason = Text(limit=200, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """Ask for the reason."""
        if attrs["action"] == "force_end" and not attrs["reason"]:
            raise serializers.ValidationError({"reason": ["请填写原因"]})
        return attrs


class SuperviseView(OneView):
    """Stepping into a conversation that others serve."""

    permission = supervision.PERMISSION

    @extend_schema(
        operation_id="agent_supervise",
        tags=["agent"],
        description=(
            "主管介入：monitor 监听（访客与坐席都看不到）、barge_in 强插、stop 退出、"
            "take_over 接管、force_end 强制结束（须填写原因）。"
            "悄悄话用 kind 为 whisper 的消息发送。均记入审计。"
        ),
        request=SuperviseSerializer,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Do it."""
        body = SuperviseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        action, reason = body.validated_data["action"], body.validated_data["reason"]
        conversation = self.visible(conversation_id)
        if action in {"take_over", "force_end"}:
            getattr(supervision, action)(conversation.id, self.person, reason)
        else:
            getattr(supervision, action)(conversation.id, self.person)
        return self.described(conversation.id)
