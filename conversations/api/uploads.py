"""Uploads by visitors and agents, and fresh links to what was uploaded."""

import uuid
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import attachments
from conversations.api import schemas
from conversations.api.base import AgentView, VisitorView
from conversations.attachments.checks import too_big
from conversations.attachments.store import answer
from conversations.models import Attachment
from lingxi import limits
from lingxi.errors import Invalid, MalformedRequest, NotFound

UPLOADS_PER_MINUTE = 30
_ENVELOPE = 64 * 1024  # what multipart adds around one file


class UploadSerializer(serializers.Serializer[Any]):
    """One file as multipart/form-data."""

    file = serializers.FileField()


class _Quota(FileUploadHandler):
    """Stops reading a file as soon as it is beyond the limit, and takes only the first."""

    def __init__(self, request: Any) -> None:
        super().__init__(request)
        self.asked: Any = request
        self.size = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Another file begins."""
        super().new_file(*args, **kwargs)
        self.asked.upload_count = getattr(self.asked, "upload_count", 0) + 1
        if self.asked.upload_count > 1:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count."""
        self.size += len(raw_data)
        if self.size > settings.LINGXI["MAX_UPLOAD_BYTES"]:
            self.asked.upload_too_big = True
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The next handler makes the file."""


class UploadMixin(APIView):
    """Reads one file within the limits."""

    parser_classes = [MultiPartParser]

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Set the quota before anything, a CSRF check included, reads the body."""
        request.upload_handlers.insert(0, _Quota(request))
        return super().initialize_request(request, *args, **kwargs)

    def taken_file(self, request: Request) -> Any:
        """The file. Raises `TooLong`, `Invalid` or `MalformedRequest`."""
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if length.isdigit() and int(length) > settings.LINGXI["MAX_UPLOAD_BYTES"] + _ENVELOPE:
            raise too_big()
        files = request.FILES
        if getattr(request, "upload_too_big", False):
            raise too_big()
        if getattr(request, "upload_count", 0) > 1 or set(request.data) - {"file"}:
            raise Invalid(fields={"file": ["一次只能上传一个文件"]})
        if "file" not in files:
            raise Invalid(fields={"file": ["缺少文件"]})
        return files["file"]

    def handle_exception(self, exc: Exception) -> Response:
        """A broken multipart body is the caller's mistake."""
        from django.core.exceptions import BadRequest, SuspiciousOperation

        if isinstance(exc, BadRequest | SuspiciousOperation):
            exc = MalformedRequest()
        return super().handle_exception(exc)


class VisitorUploadView(UploadMixin, VisitorView):
    """A visitor's files."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="visitor_attachment_create",
        tags=["visitor"],
        description=(
            "上传图片或文件，随后以 `content.attachment` 发送。按内容判断类型；接受 PNG、JPEG、"
            "GIF、WebP、PDF、TXT、CSV、ZIP、DOCX、XLSX、PPTX 与常见音视频，"
            "拒绝可执行文件、脚本、SVG 与 HTML。"
        ),
        request={"multipart/form-data": UploadSerializer},
        responses={201: schemas.UploadAnswer},
    )
    def post(self, request: Request) -> Response:
        """Keep a file."""
        limits.hit("upload", str(self.visitor.customer_id), UPLOADS_PER_MINUTE, 60)
        self.refuse_merged()
        kept = attachments.receive(self.taken_file(request), customer_id=self.visitor.customer_id)
        return Response(answer(kept), status=201)


class AgentUploadView(UploadMixin, AgentView):
    """An agent's files."""

    parser_classes = [MultiPartParser]
    permission = "conversations.send"

    @extend_schema(
        operation_id="agent_attachment_create",
        tags=["agent"],
        description="上传图片或文件，规则与访客相同。",
        request={"multipart/form-data": UploadSerializer},
        responses={201: schemas.UploadAnswer},
    )
    def post(self, request: Request) -> Response:
        """Keep a file."""
        limits.hit("upload-agent", str(request.user.pk), UPLOADS_PER_MINUTE * 4, 60)
        kept = attachments.receive(self.taken_file(request), user_id=request.user.pk)
        return Response(answer(kept), status=201)


def _found(attachment: Attachment | None) -> Response:
    if attachment is None:
        raise NotFound("附件不存在")
    return Response(answer(attachment))


class VisitorAttachmentView(VisitorView):
    """A fresh link, when the old one has expired."""

    @extend_schema(
        operation_id="visitor_attachment",
        tags=["visitor"],
        description="附件信息与新的临时地址。",
        responses=schemas.UploadAnswer,
    )
    def get(self, request: Request, attachment_id: uuid.UUID) -> Response:
        """Describe a file of the visitor's own conversations."""
        customer_id = self.visitor.customer_id
        mine = Q(customer_id=customer_id) | Q(conversation__customer_id=customer_id)
        return _found(Attachment.objects.filter(mine, pk=attachment_id).first())


class AgentAttachmentView(AgentView):
    """A fresh link, when the old one has expired."""

    permission = "conversations.view"

    @extend_schema(
        operation_id="agent_attachment",
        tags=["agent"],
        description="附件信息与新的临时地址。",
        responses=schemas.UploadAnswer,
    )
    def get(self, request: Request, attachment_id: uuid.UUID) -> Response:
        """Describe a file of a conversation the caller may see."""
        found = Attachment.objects.visible_to(request.user).filter(pk=attachment_id)
        return _found(found.first())
