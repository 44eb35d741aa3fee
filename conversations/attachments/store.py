"""Keeping files: after the checks, under random names, outside everything that is served."""

import datetime as dt
import io
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from conversations.actors import Actor
from conversations.attachments import checks
from conversations.attachments.links import links
from conversations.models import Attachment, AuthorType
from lingxi.errors import Forbidden, Invalid, NotFound
from lingxi.ids import parse_id
from routing.models import Agent

THUMBNAIL_SIDE = 640


def receive(
    upload: UploadedFile,
    *,
    customer_id: uuid.UUID | None = None,
    user_id: int | None = None,
) -> Attachment:
    """Check and keep an upload of a visitor or of a person who works here.

    Raises `TooLong`, `Invalid` or `UnsupportedMedia`.
    """
    if upload.file is None:
        raise Invalid(fields={"file": ["缺少文件"]})
    checked = checks.check(upload.file, upload.name or "", upload.size or 0)
    attachment = Attachment(
        customer_id=customer_id,
        uploaded_by_user_id=user_id,
        name=checked.name,
        size=checked.size,
        media_type=checked.media_type,
        width=checked.width,
        height=checked.height,
    )
    attachment.file.save(uuid.uuid4().hex, upload, save=False)
    try:
        attachment.save(force_insert=True)
    except Exception:
        attachment.file.delete(save=False)
        raise
    return attachment


def describe(attachment: Attachment) -> dict[str, Any]:
    """What a message's content, and the answer to an upload, say of a file."""
    found: dict[str, Any] = {
        "name": attachment.name,
        "size": attachment.size,
        "media_type": attachment.media_type,
    }
    if attachment.width:
        found |= {"width": attachment.width, "height": attachment.height}
    return found


def answer(attachment: Attachment) -> dict[str, Any]:
    """The answer to an upload: the description, the id and where to see it."""
    found = {"id": str(attachment.id), **describe(attachment)}
    return found | links({"attachment": found["id"], **found})


def bind(
    attachment_id: Any, conversation_id: uuid.UUID, actor: Actor, kind: str = "file"
) -> dict[str, Any]:
    """Attach an own upload to a conversation, inside the caller's transaction.

    Returns the content of its message. A file belongs to one conversation for good: who may see
    that, may see the file. Raises `NotFound`, `Forbidden` or `Invalid`.
    """
    pk = parse_id(attachment_id)
    found = Attachment.objects.select_for_update().filter(pk=pk) if pk else []
    attachment = next(iter(found), None)
    if attachment is None or not _uploaded_by(attachment, actor):
        raise NotFound("附件不存在", fields={"attachment": ["附件不存在"]})
    if attachment.conversation_id not in {None, conversation_id}:
        raise Forbidden("附件已用于其他会话", fields={"attachment": ["已用于其他会话"]})
    if kind == "image" and not attachment.is_image:
        raise Invalid("附件不是图片", fields={"attachment": ["不是图片"]})
    if attachment.conversation_id is None:
        Attachment.objects.filter(pk=attachment.pk).update(conversation_id=conversation_id)
    return {"type": kind, "attachment": str(attachment.id), **describe(attachment)}


def _uploaded_by(attachment: Attachment, actor: Actor) -> bool:
    if actor.id is None:
        return False
    if actor.type == AuthorType.VISITOR:
        return attachment.customer_id == actor.id
    if attachment.uploaded_by_user_id is None:
        return False
    return Agent.objects.filter(pk=actor.id, user_id=attachment.uploaded_by_user_id).exists()


def thumbnail_of(attachment: Attachment) -> str:
    """The storage name of an image's thumbnail, made when it is first asked for."""
    name = f"{attachment.file.name}.thumbnail"
    if default_storage.exists(name):
        return name
    small = io.BytesIO()
    with attachment.file.open("rb") as file:
        checks.make_thumbnail(file, small, THUMBNAIL_SIDE)
    return default_storage.save(name, ContentFile(small.getvalue()))


def keep(ids: Iterable[Any]) -> None:
    """Something besides a message names these files: they stay."""
    Attachment.objects.filter(pk__in=list(ids), in_use=False).update(in_use=True)


def remove_unused(older_than: dt.timedelta = dt.timedelta(days=1), limit: int = 500) -> int:
    """Remove uploads that no message carries and nothing else names; how many were removed."""
    unused = Attachment.objects.filter(
        conversation=None, in_use=False, created_at__lt=timezone.now() - older_than
    )
    with transaction.atomic():
        gone = list(unused.select_for_update(skip_locked=True)[:limit])
        Attachment.objects.filter(pk__in=[attachment.pk for attachment in gone]).delete()
    for attachment in gone:
        default_storage.delete(f"{attachment.file.name}.thumbnail")
        attachment.file.delete(save=False)
    return len(gone)
