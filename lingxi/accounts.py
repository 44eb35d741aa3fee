"""Log-in and log-out pages for people who work here, and the check behind every password."""

from typing import Any

from django.contrib.auth import authenticate, views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lingxi import limits
from lingxi.access.permissions import can
from lingxi.errors import Forbidden, NotAuthenticated, RateLimited

ATTEMPTS, WINDOW = 10, 300
ATTEMPTS_OF_ADDRESS = 200  # a whole office behind one address, but no list of passwords
_DETAIL = "尝试次数过多，请 5 分钟后再试"
_PAIR, _ADDRESS = "login", "login-address"


def throttle_login(name: str, address: str) -> None:
    """Count one attempt on `name` from `address`.

    Raises `RateLimited` beyond 10 in 5 minutes for the pair, or 200 for the address. Never counted
    by name alone: that would let anybody lock anybody out.
    """
    limits.hit(_ADDRESS, address, ATTEMPTS_OF_ADDRESS, WINDOW, _DETAIL)
    limits.hit(_PAIR, _subject(name, address), ATTEMPTS, WINDOW, _DETAIL)


def log_in_succeeded(name: str, address: str) -> None:
    """Forget the failures before a success."""
    limits.forget(_PAIR, _subject(name, address))


def _subject(name: str, address: str) -> str:
    return f"{name.strip().casefold()[:100]}:{address}"


def check_password(request: HttpRequest, name: str, password: str) -> Any:
    """The person these credentials belong to.

    Raises `RateLimited`, or `NotAuthenticated` with one answer whether the name, the password or
    the account is at fault.
    """
    address = request.META.get("REMOTE_ADDR", "")
    throttle_login(name, address)
    user = authenticate(request, username=name, password=password)
    if user is None:
        raise NotAuthenticated("用户名或密码错误")
    log_in_succeeded(name, address)
    return user


class LoginView(views.LoginView):
    """The log-in page; each failed name and address pair is throttled."""

    template_name = "login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Try to log in."""
        try:
            throttle_login(request.POST.get("username", ""), request.META.get("REMOTE_ADDR", ""))
        except RateLimited as exc:
            form = self.get_form()
            form.add_error(None, exc.detail)
            return self.render_to_response(self.get_context_data(form=form), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Let the person in."""
        log_in_succeeded(form.cleaned_data["username"], self.request.META.get("REMOTE_ADDR", ""))
        return super().form_valid(form)


class LogoutView(views.LogoutView):
    """Ends the session; POST only."""


HOMES = (
    ("workbench.use", "/workbench/"),
    ("archive.search", "/archive/"),
    ("admin.use", "/admin/"),
)


def home(request: HttpRequest) -> HttpResponse:
    """`/`: to the first page the person may use. Raises `Forbidden` when there is none."""
    if not request.user.is_authenticated:
        return redirect("login")
    for permission, path in HOMES:
        if can(request.user, permission):
            return redirect(path)
    raise Forbidden("该账号还没有角色，请联系管理员")
