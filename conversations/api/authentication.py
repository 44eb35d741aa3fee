"""DRF's way to the principals."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication, get_authorization_header
from rest_framework.request import Request

from conversations import principals
from lingxi.errors import NotAuthenticated


def bearer(request: Any) -> str | None:
    """The bearer token of the request, or None."""
    scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


class VisitorAuthentication(SessionAuthentication):
    """Visitor tokens; cookies are never looked at, so no page can act for a visitor."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        """The visitor and the token."""
        token = bearer(request)
        if token is None:
            raise NotAuthenticated
        return principals.read_visitor(token), token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class AgentAuthentication(SessionAuthentication):
    """Agent tokens, or the log-in cookie with CSRF protection."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """The person, and the token if there was one."""
        token = bearer(request)
        if token is None:
            return super().authenticate(request)
        return principals.read_user(token), token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class _BearerScheme(OpenApiAuthenticationExtension):
    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class VisitorScheme(_BearerScheme):
    """How the API document calls visitor tokens."""

    target_class = VisitorAuthentication
    name = "visitorToken"


class AgentScheme(_BearerScheme):
    """How the API document calls agent tokens."""

    target_class = AgentAuthentication
    name = "agentToken"
