"""Signed tokens (JWT, RFC 7519, HS256) for visitors and agents; the audience keeps them apart."""

import time
from typing import Any, Literal

import jwt
from django.conf import settings

from lingxi.errors import NotAuthenticated, TokenExpired

Audience = Literal["visitor", "agent"]


def issue(audience: Audience, subject: str, lifetime: int, **claims: Any) -> str:
    """A token for `subject`, good for `lifetime` seconds."""
    now = int(time.time())
    payload = {**claims, "sub": subject, "aud": audience, "iat": now, "exp": now + lifetime}
    return jwt.encode(payload, settings.SECRET_KEY, algorithm="HS256")


def read(audience: Audience, token: str) -> dict[str, Any]:
    """The claims of a token. Raises `TokenExpired` or `NotAuthenticated`."""
    try:
        return jwt.decode(
            token,
            settings.SECRET_KEY,
            algorithms=["HS256"],
            audience=audience,
            options={"require": ["sub", "aud", "exp"]},
        )
    except jwt.ExpiredSignatureError as exc:
        raise TokenExpired from exc
    except jwt.InvalidTokenError as exc:
        raise NotAuthenticated("令牌无效") from exc
