"""The declared fields of a customer and of a conversation."""

import uuid
from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import declared
from conversations.api.base import AgentView
from conversations.api.fields import StrictSerializer, Whole
from conversations.api.schemas import Answer
from conversations.models import Conversation, Customer
from lingxi.access.permissions import check
from lingxi.errors import NotFound
from lingxi.fields.records import form_for, shown_form


class FieldsSerializer(StrictSerializer):
    """Some values by key; null empties one."""

    fields_version = Whole(
        required=False, min_value=1, help_text="所依据的版本号；已更新时返回 409"
    )

    def get_fields(self) -> Any:
        """`fields` would hide the serializer's own attribute of that name."""
        return {**super().get_fields(), "fields": serializers.JSONField()}


class FieldsAnswer(Answer):
    """The values as the caller may see them."""

    fields_version = serializers.IntegerField(
        allow_null=True, help_text="写入时的字段版本；null 表示未经声明的自由字段"
    )

    def get_fields(self) -> Any:
        """`fields` would hide the serializer's own attribute of that name."""
        return {**super().get_fields(), "fields": serializers.DictField()}


EXAMPLES = [
    OpenApiExample("修改", {"fields": {"city": "宁波"}, "fields_version": 2}, request_only=True),
    OpenApiExample("结果", {"fields_version": 2, "fields": {"city": "宁波"}}, response_only=True),
]


class _FieldsView(AgentView):
    """Read and change the fields of one record."""

    entity = ""
    permission = "conversations.view"
    edit_permission = ""

    def record(self, pk: uuid.UUID) -> Any:
        """The record, if the caller may see it. Raises `NotFound`."""
        raise NotImplementedError

    def answer(self, record: Any) -> Response:
        """What there is now."""
        own, form = form_for(record), shown_form(record, self.entity)
        number = own.number if own else None
        values = form.visible(record.fields, self.person)
        return Response({"fields_version": number, "fields": values})

    def change(self, request: Request, pk: uuid.UUID) -> Response:
        """Write some."""
        check(request.user, self.edit_permission)
        body = FieldsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        with transaction.atomic():
            found = self.record(pk)
            rows = type(found)._default_manager.select_for_update(no_key=True)
            record = rows.get(pk=found.pk)
            seen = said.get("fields_version")
            declared.write(record, self.entity, said["fields"], self.person, seen)
        return self.answer(record)


class CustomerFieldsView(_FieldsView):
    """Of a customer."""

    entity, permission, edit_permission = "customer", "customers.view", "customers.edit"

    def record(self, pk: uuid.UUID) -> Customer:
        """The customer."""
        found = Customer.objects.visible_to(self.person).filter(pk=pk).first()
        if found is None:
            raise NotFound("客户不存在")
        return found

    @extend_schema(
        operation_id="agent_customer_fields",
        tags=["agent"],
        description="客户的自定义字段，及其写入时的版本。",
        responses=FieldsAnswer,
        examples=EXAMPLES,
    )
    def get(self, request: Request, customer_id: uuid.UUID) -> Response:
        """Read them."""
        return self.answer(self.record(customer_id))

    @extend_schema(
        operation_id="agent_customer_fields_change",
        tags=["agent"],
        description="修改部分字段，按当前发布的版本校验；记录随之升级到该版本，其他值不变。",
        request=FieldsSerializer,
        responses=FieldsAnswer,
        examples=EXAMPLES,
    )
    def patch(self, request: Request, customer_id: uuid.UUID) -> Response:
        """Change some."""
        return self.change(request, customer_id)


class ConversationFieldsView(_FieldsView):
    """Of a conversation."""

    entity, edit_permission = "conversation", "conversations.note"

    def record(self, pk: uuid.UUID) -> Conversation:
        """The conversation."""
        return self.visible(pk)

    @extend_schema(
        operation_id="agent_conversation_fields",
        tags=["agent"],
        description="会话的自定义字段，及其写入时的版本。",
        responses=FieldsAnswer,
        examples=EXAMPLES,
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Read them."""
        return self.answer(self.record(conversation_id))

    @extend_schema(
        operation_id="agent_conversation_fields_change",
        tags=["agent"],
        description="修改部分字段，按当前发布的版本校验；记录随之升级到该版本，其他值不变。",
        request=FieldsSerializer,
        responses=FieldsAnswer,
        examples=EXAMPLES,
    )
    def patch(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Change some."""
        return self.change(request, conversation_id)
