"""From which pages the chat may be called: the one rule for sockets and HTTP."""

from urllib.parse import urlsplit

from django.conf import settings

from conversations.models import Channel
from lingxi.errors import OriginNotAllowed


def is_own(origin: str | None, host: str | None) -> bool:
    """Whether `origin` is a page of this server, which was reached as `host`."""
    if not origin:
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        return urlsplit(origin).netloc == host
    except ValueError:  # "http://[": no browser sends that
        return False


def check_origin(channel: Channel, origin: str | None, host: str | None) -> None:
    """A browser page must be one the channel allows, or one of this server.

    Programs send no Origin and are not held up: the list keeps other websites from embedding the
    chat, it does not authenticate anybody. Raises `OriginNotAllowed`.
    """
    if not (channel.allows_origin(origin) or is_own(origin, host)):
        raise OriginNotAllowed
