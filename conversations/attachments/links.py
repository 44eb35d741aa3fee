"""Short signed URLs of files.

An ``<img>`` cannot carry a bearer token, so the URL itself proves that its holder was shown the
message. It is good for one to two hours; within an hour it stays the same, so browsers can cache.
"""

import time
from typing import Any
from urllib.parse import quote

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

LIFETIME = 3600
THUMBNAIL = "thumbnail"


def _signature(attachment_id: str, expires: int) -> str:
    return Signer(salt="lingxi.files").signature(f"{attachment_id}:{expires}")


def signed_url(attachment_id: Any, name: str = "file") -> str:
    """The path of a file, with its signature."""
    expires = (int(time.time()) // LIFETIME + 2) * LIFETIME
    signature = _signature(str(attachment_id), expires)
    return f"/files/{attachment_id}/{quote(name, safe='')}?e={expires}&s={signature}"


def is_signed(attachment_id: Any, expires: str, signature: str) -> bool:
    """Whether the signature is ours and still good."""
    if not (expires.isascii() and expires.isdigit() and len(expires) < 12):
        return False
    right = constant_time_compare(signature, _signature(str(attachment_id), int(expires)))
    return right and int(expires) > time.time()


def links(content: dict[str, Any]) -> dict[str, str]:
    """`url`, and `thumbnail` for images, of a message content that carries an attachment."""
    attachment_id = content["attachment"]
    found = {"url": signed_url(attachment_id, content.get("name", "file"))}
    if str(content.get("media_type", "")).startswith("image/"):
        found["thumbnail"] = signed_url(attachment_id, THUMBNAIL)
    return found
