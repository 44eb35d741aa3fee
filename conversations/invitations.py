"""主动邀请: which invitation a page gets, and how visitors took it."""

import uuid
from functools import lru_cache
from typing import Any

import re2
from django.db.models import F

from conversations.models import Channel, Invitation, PageMatch
from lingxi.errors import NotFound

OUTCOMES = ("shown", "accepted", "declined")


def invitation_for(channel: Channel, page: str) -> Invitation | None:
    """The first active invitation of the channel, by its order, that fits the page's address."""
    if not page:
        return None
    active = Invitation.objects.filter(channel=channel, is_active=True).order_by("order", "name")
    return next((one for one in active if fits(one.match, one.value, page)), None)


def as_dict(invitation: Invitation | None) -> dict[str, Any] | None:
    """As the widget gets it: `after` in seconds on the site, `again_hours` until the next time."""
    if invitation is None:
        return None
    return {
        "id": str(invitation.id),
        "text": invitation.text,
        "after": invitation.after_seconds,
        "again_hours": invitation.again_hours,
    }


def fits(match: str, value: str, page: str) -> bool:
    """Whether the address `page` meets the condition; a pattern RE2 cannot read never does.

    A beginning may be that of the whole address or, with a slash, of what follows the host.
    """
    if match == PageMatch.ANY:
        return True
    if not value:
        return False
    if match == PageMatch.CONTAINS:
        return value in page
    if match == PageMatch.PREFIX:
        return (_inside(page) if value.startswith("/") else page).startswith(value)
    pattern = _compiled(value)
    return pattern is not None and pattern.search(page) is not None


def _inside(page: str) -> str:
    """The address without scheme and host, from its first slash on."""
    beyond = page.partition("://")[2]
    return page if not beyond else f"/{beyond.partition('/')[2]}"


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> Any:
    """The RE2 pattern, or None. Checked at saving; a row written elsewhere must not stop chats."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def count(invitation_id: uuid.UUID, outcome: str) -> None:
    """Add one to `shown`, `accepted` or `declined`, whatever other visitors do meanwhile.

    Raises `NotFound` when there is no such invitation on a living channel.
    """
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    rows = Invitation.objects.filter(pk=invitation_id, channel__is_active=True)
    if not rows.update(**{outcome: F(outcome) + 1}):
        raise NotFound("邀请不存在")
