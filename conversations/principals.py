"""Who is talking to us: a visitor with a token, or a person with a token or a session."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from conversations.models import Channel, Customer
from lingxi import tokens
from lingxi.errors import NotAuthenticated
from lingxi.ids import parse_id

User = get_user_model()


@dataclass(frozen=True, slots=True)
class Visitor:
    """The bearer of a visitor token: one customer on one channel, and the IP address they use."""

    customer_id: uuid.UUID
    channel_id: uuid.UUID
    name: str = ""
    address: str = ""

    is_authenticated = True
    is_active = True
    is_superuser = False


def visitor_token(customer: Customer, channel: Channel) -> str:
    """A token for this customer on this channel."""
    return tokens.issue(
        "visitor",
        str(customer.id),
        settings.LINGXI["VISITOR_TOKEN_LIFETIME"],
        ch=str(channel.id),
    )


def read_visitor(token: str) -> Visitor:
    """The bearer, from the token alone (no query). Raises `NotAuthenticated`."""
    claims = tokens.read("visitor", token)
    customer_id, channel_id = parse_id(claims["sub"]), parse_id(claims.get("ch"))
    if customer_id is None or channel_id is None:
        raise NotAuthenticated("令牌无效")
    return Visitor(customer_id, channel_id)


def agent_token(user: Any) -> str:
    """A token for a person; a new password ends it."""
    return tokens.issue(
        "agent", str(user.pk), settings.LINGXI["AGENT_TOKEN_LIFETIME"], fp=_fingerprint(user)
    )


def read_user(token: str) -> Any:
    """The person a token speaks for. Raises `NotAuthenticated`."""
    claims = tokens.read("agent", token)
    user = User.objects.filter(pk=int(claims["sub"]), is_active=True).first()
    if user is None or claims.get("fp") != _fingerprint(user):
        raise NotAuthenticated
    return user


def _fingerprint(user: Any) -> str:
    return hashlib.sha256(user.get_session_auth_hash().encode()).hexdigest()[:16]
