"""Download and thumbnail: the only way to the bytes of a file.

Whoever holds a signed URL, or may see the conversation, gets it; for anybody else there is no
such file. Whatever it is, it comes with headers under which a browser runs nothing in it.
"""

import uuid
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from conversations import principals
from conversations.api.authentication import bearer
from conversations.attachments.checks import IMAGES
from conversations.attachments.links import THUMBNAIL, is_signed
from conversations.attachments.store import thumbnail_of
from conversations.models import Attachment
from lingxi import serving
from lingxi.access.permissions import can
from lingxi.errors import LingxiError, NotFound

_INLINE = frozenset(IMAGES.values())


@require_safe
def download(request: HttpRequest, attachment_id: uuid.UUID, name: str) -> HttpResponseBase:
    """The file, or with the name ``thumbnail`` a small picture of it."""
    attachment = Attachment.objects.filter(pk=attachment_id).first()
    if attachment is None or not _may_see(request, attachment):
        raise NotFound("附件不存在")
    if name == THUMBNAIL:
        if not attachment.is_image:
            raise NotFound("附件不存在")
        stored, media_type, shown = thumbnail_of(attachment), "image/webp", "thumbnail.webp"
    else:
        stored, media_type, shown = (
            str(attachment.file.name),
            attachment.media_type,
            attachment.name,
        )
    if not default_storage.exists(stored):
        raise NotFound("附件不存在")
    response = serving.stream(request, stored)
    _secure(response, media_type, shown)
    return response


def _may_see(request: HttpRequest, attachment: Attachment) -> bool:
    expires, signature = request.GET.get("e", ""), request.GET.get("s", "")
    if signature and is_signed(attachment.pk, expires, signature):
        return True
    token = bearer(request)
    try:
        if token is not None:
            return _bearer_may_see(token, attachment)
    except LingxiError:
        return False
    return _person_may_see(request.user, attachment)


def _bearer_may_see(token: str, attachment: Attachment) -> bool:
    try:
        visitor = principals.read_visitor(token)
    except LingxiError:
        return _person_may_see(principals.read_user(token), attachment)
    owner = attachment.conversation.customer_id if attachment.conversation else None
    return visitor.customer_id in {owner, attachment.customer_id}


def _person_may_see(user: Any, attachment: Attachment) -> bool:
    if not user.is_authenticated or not can(user, "conversations.view"):
        return False
    return Attachment.objects.visible_to(user).filter(pk=attachment.pk).exists()


def _secure(response: StreamingHttpResponse, media_type: str, name: str) -> None:
    serving.secure(response, media_type, name, inline=media_type in _INLINE)
    response["Cache-Control"] = "private, max-age=3600"
    # The widget shows it in pages of other origins; the link is the permission, not the page.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
