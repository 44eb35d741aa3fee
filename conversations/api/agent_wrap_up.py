"""Agents after a conversation: what it was about."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import wrap_up
from conversations.api.agent_chat import OneView
from conversations.api.fields import Id, StrictSerializer, Text, YesNo
from conversations.api.schemas import Answer
from conversations.models import WrapUp
from lingxi.access.masking import for_viewer


class WrapUpSerializer(StrictSerializer):
    """A wrap-up."""

    category = Id(required=False, allow_null=True)
    resolved = YesNo(required=False, allow_null=True, default=None)
    note = Text(limit=2000, required=False, allow_blank=True, default="")


class WrapUpAnswer(Answer):
    """A wrap-up as it is kept."""

    category = serializers.UUIDField(allow_null=True)
    category_path = serializers.CharField(help_text="如“售后 / 退款”")
    resolved = serializers.BooleanField(allow_null=True)
    note = serializers.CharField()
    edited_at = serializers.DateTimeField()


class CategoryAnswer(Answer):
    """A category one may choose."""

    id = serializers.UUIDField()
    path = serializers.CharField()


class WrapUpView(OneView):
    """The wrap-up of one conversation."""

    permission = "wrap_up.write"

    @extend_schema(
        operation_id="agent_wrap_up",
        tags=["agent"],
        description=(
            "填写或修改会话小结。会话结束后由最后接待的坐席填写，24 小时内可修改；"
            "技能组要求小结时 `category` 必填。"
        ),
        request=WrapUpSerializer,
        responses=WrapUpAnswer,
        examples=[
            OpenApiExample(
                "已解决",
                {
                    "category": "01980c5e-5f0e-7c3a-9a55-0d3a6c9b1e11",
                    "resolved": True,
                    "note": "已登记退款",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Write it."""
        body = WrapUpSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        row = wrap_up.write(
            conversation_id, self.person, said.get("category"), said["resolved"], said["note"]
        )
        return Response(for_viewer(request.user, _described(row)))


class WrapUpCategoriesView(OneView):
    """What a conversation may be about."""

    permission = "wrap_up.write"

    @extend_schema(
        operation_id="agent_wrap_up_categories",
        tags=["agent"],
        description="该会话可选的小结分类，上级在前。",
        responses=CategoryAnswer(many=True),
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """List them."""
        group_id = self.visible(conversation_id).group_id
        return Response(
            [{"id": str(one.id), "path": one.path} for one in wrap_up.categories_for(group_id)]
        )


def _described(row: WrapUp) -> dict[str, Any]:
    return {
        "category": str(row.category_id) if row.category_id else None,
        "category_path": wrap_up.path_of(row.category),
        "resolved": row.resolved,
        "note": row.note,
        "edited_at": row.edited_at,
    }
