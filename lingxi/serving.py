"""Stored files as answers: streamed, under headers with which a browser runs nothing in them."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse

_CHUNK = 128 * 1024


def stream(request: HttpRequest, stored: str) -> StreamingHttpResponse:
    """The file of this name in the default storage, under ASGI without holding the loop."""
    file = default_storage.open(stored, "rb")
    if not isinstance(request, ASGIRequest):
        return FileResponse(file)
    response = StreamingHttpResponse(_chunks(file))
    response["Content-Length"] = str(file.size)
    return response


async def _chunks(file: Any) -> AsyncIterator[bytes]:
    """Read in threads, so that a slow reader holds neither the loop nor the whole file."""
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        while chunk := await read(_CHUNK):
            yield chunk
    finally:
        file.close()


def secure(
    response: StreamingHttpResponse, media_type: str, name: str, *, inline: bool = False
) -> None:
    """Say what it is and what it is called; whatever it is, nothing in it is run or sniffed."""
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    response["Content-Type"] = media_type + charset
    response["Content-Disposition"] = (
        f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Referrer-Policy"] = "no-referrer"
