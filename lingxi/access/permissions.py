"""The one answer to "may this person do that?".

`can` is about actions; which objects they reach is `visible_to(user)` on each model's queryset,
which asks `scope_of`; what they see of a sensitive value is `masking`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lingxi.access.models import Role, RoleAssignment, Scope
from lingxi.errors import Forbidden, NotAuthenticated

User = AbstractBaseUser | AnonymousUser

_STAFF = {Role.AGENT, Role.SUPERVISOR, Role.ADMIN}
_LEADERS = {Role.SUPERVISOR, Role.ADMIN}
_READERS = {Role.SUPERVISOR, Role.ADMIN, Role.INSPECTOR, Role.AUDITOR}

PERMISSIONS: dict[str, set[Role]] = {
    "workbench.use": _STAFF,
    "conversations.view": _STAFF | _READERS,
    "conversations.send": _STAFF,
    "conversations.note": _STAFF,
    "conversations.close": _STAFF,
    "conversations.transfer": _STAFF,
    "conversations.claim": _STAFF,
    "conversations.assist": _STAFF,
    "conversations.supervise": _LEADERS,
    "wrap_up.write": _STAFF,
    "quick_replies.edit": _STAFF,
    "offline_messages.handle": _STAFF,
    "routing.manage": _LEADERS,
    "routing.explain": _STAFF | _READERS,
    "breaks.approve": _LEADERS,
    "floor.view": _LEADERS,
    "customers.view": _STAFF | _READERS,
    "customers.block": _STAFF,
    "customers.edit": _STAFF,
    "customers.merge": _LEADERS,
    "fields.manage": _LEADERS,
    "sensitive.view": _LEADERS,
    "sensitive.reveal": {Role.AGENT},
    "tickets.view": _STAFF | _READERS,
    "tickets.create": _STAFF,
    "tickets.edit": _STAFF,
    "tickets.comment": _STAFF,
    "tickets.assign": _STAFF,
    "tickets.merge": _STAFF,
    "tickets.approve": _STAFF,
    "tickets.supervise": _LEADERS,
    "tickets.import": _LEADERS,
    "tickets.export": _LEADERS,
    "tickets.manage": _LEADERS,
    "archive.search": _STAFF | _READERS,
    "jobs.view": _STAFF | _READERS,
    "webhooks.manage": {Role.ADMIN},
    "admin.use": _LEADERS,
    "users.manage": {Role.ADMIN},
    "events.view": {Role.ADMIN},
    "docs.view": _STAFF | _READERS | {Role.PARTNER},
}


def _assignment(user: Any) -> RoleAssignment | None:
    if not user.is_authenticated or not user.is_active:
        return None
    if not hasattr(user, "_role_assignment"):
        user._role_assignment = RoleAssignment.objects.filter(user_id=user.pk).first()
    return user._role_assignment


def role_of(user: User) -> Role | None:
    """The person's role; a superuser is an admin; None for nobody."""
    if getattr(user, "is_superuser", False) and user.is_active:
        return Role.ADMIN
    assignment = _assignment(user)
    return Role(assignment.role) if assignment else None


def scope_of(user: User) -> Scope | None:
    """The person's data scope; None sees nothing."""
    if getattr(user, "is_superuser", False) and user.is_active:
        return Scope.ALL
    assignment = _assignment(user)
    return Scope(assignment.scope) if assignment else None


def can(user: User, permission: str) -> bool:
    """Whether the person's role carries `permission`. Raises `KeyError` for an unknown one."""
    return role_of(user) in PERMISSIONS[permission]


def check(user: User, permission: str) -> None:
    """Raises `NotAuthenticated` or `Forbidden`."""
    if not user.is_authenticated:
        raise NotAuthenticated
    if not can(user, permission):
        raise Forbidden


View = Callable[..., HttpResponseBase]


def require(permission: str) -> Callable[[View], View]:
    """Decorate a page: strangers go to log-in, others need `permission`.

    The declared permission stays readable as `view.permission`, which the walk over all URLs
    checks.
    """
    if permission not in PERMISSIONS:
        raise KeyError(permission)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                from django.contrib.auth.views import redirect_to_login

                return redirect_to_login(request.get_full_path())
            check(request.user, permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate
