"""Transfers and offers: made, taken back, accepted, refused."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import transfers
from conversations.api import schemas
from conversations.api.agent_chat import OneView
from conversations.api.base import AgentView
from conversations.api.fields import Id, StrictSerializer, Text
from conversations.offered import offered_to, was_offered_to
from lingxi.errors import NotFound
from routing import offers
from routing.models import Agent, SkillGroup


class TransferSerializer(StrictSerializer):
    """To an agent or to a group, never both."""

    agent = Id(required=False, allow_null=True)
    group = Id(required=False, allow_null=True)
    note = Text(limit=500, required=False, allow_blank=True, default="")


class TransferView(OneView):
    """Offering to somebody else."""

    permission = "conversations.transfer"

    @extend_schema(
        operation_id="agent_transfer",
        tags=["agent"],
        description=(
            "转接给坐席或技能组。对方接受前仍由原坐席接待；无人在时限内接受（默认 30 秒）即超时。"
            "已在转接中返回 `conflict`。"
        ),
        request=TransferSerializer,
        responses=schemas.ListedAnswer,
        examples=[
            OpenApiExample(
                "转给技能组",
                {
                    "group": "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11",
                    "note": "客户要求退款",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Offer it."""
        body = TransferSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        conversation = self.visible(conversation_id)
        transfers.transfer_conversation(
            conversation.id,
            self.agent,
            to_agent=one_of(Agent, said.get("agent"), "agent"),
            to_group=one_of(SkillGroup, said.get("group"), "group"),
            note=said["note"],
        )
        return self.described(conversation.id)


def one_of(model: Any, pk: uuid.UUID | None, field: str) -> Any:
    """The row that `field` of a body names; None for none. Raises `NotFound`."""
    if pk is None:
        return None
    found = model.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(fields={field: ["不存在"]})
    return found


class _AnswerView(OneView):
    """Answering a transfer."""

    permission = "conversations.transfer"

    def asked(self, conversation_id: uuid.UUID) -> Agent:
        """The caller, whom the transfer concerns. Raises `NotFound` for others."""
        agent = self.agent
        if not was_offered_to(conversation_id, agent):
            self.visible(conversation_id)
        return agent


class TransferAcceptView(_AnswerView):
    """Taking what was offered."""

    @extend_schema(
        operation_id="agent_transfer_accept",
        tags=["agent"],
        description=(
            "接受转给自己或所在技能组的会话，重复接受不报错。"
            "已超时、撤回或被他人接受返回 `conflict`。"
        ),
        request=None,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Accept it."""
        agent = self.asked(conversation_id)
        transfers.accept(conversation_id, agent)
        return self.described(conversation_id)


class RefuseSerializer(StrictSerializer):
    """Why not."""

    reason = Text(limit=200, required=False, allow_blank=True, default="")


class TransferRefuseView(_AnswerView):
    """Saying no."""

    @extend_schema(
        operation_id="agent_transfer_refuse",
        tags=["agent"],
        description="拒绝转给自己的会话，可以说明原因；会话仍由原坐席接待。",
        request=RefuseSerializer,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Refuse it."""
        body = RefuseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        agent = self.asked(conversation_id)
        transfers.refuse(conversation_id, agent, body.validated_data["reason"])
        return self.described(conversation_id)


class TransferWithdrawView(OneView):
    """Taking an offer back."""

    permission = "conversations.transfer"

    @extend_schema(
        operation_id="agent_transfer_withdraw",
        tags=["agent"],
        description="撤回自己发起、尚未被接受的转接。",
        request=None,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Withdraw it."""
        conversation = self.visible(conversation_id)
        transfers.withdraw(conversation.id, self.agent)
        return self.described(conversation.id)


class OffersView(AgentView):
    """What the caller is asked to take."""

    @extend_schema(
        operation_id="agent_offers",
        tags=["agent"],
        description="等待自己接受的会话：转给自己或所在技能组的，以及需要应答的排队会话。",
        responses=schemas.OfferAnswer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List them."""
        return Response([one.as_dict() for one in offered_to(self.person, self.agent)])


class OfferAcceptView(OneView):
    """Taking what the queue asks one to take."""

    permission = "conversations.claim"

    @extend_schema(
        operation_id="agent_offer_accept",
        tags=["agent"],
        description="接受分配来的会话（技能组设置了应答时限时）。已过时限返回 `conflict`。",
        request=None,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Accept it."""
        conversation = self.visible(conversation_id)
        offers.accept(transfers.KIND, conversation.id, self.agent)
        return self.described(conversation.id)


class OfferDeclineView(OneView):
    """Leaving it to the next."""

    permission = "conversations.claim"

    @extend_schema(
        operation_id="agent_offer_decline",
        tags=["agent"],
        description="不接受分配来的会话，转给下一位坐席。",
        request=None,
        responses=schemas.ListedAnswer,
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Decline it."""
        conversation = self.visible(conversation_id)
        offers.decline(transfers.KIND, conversation.id, self.agent)
        return self.described(conversation.id)
