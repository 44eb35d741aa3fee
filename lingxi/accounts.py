"""Log-in and log-out pages for people who work here."""

from django.contrib.auth import views
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lingxi.errors import RateLimited

ATTEMPTS, WINDOW = 10, 300


def throttle_login(name: str, address: str) -> None:
    """Count one attempt on `name` from `address`. Raises `RateLimited` beyond 10 in 5 minutes."""
    key = f"login:{name.lower()[:100]}:{address}"
    cache.add(key, 0, WINDOW)
    if cache.incr(key) > ATTEMPTS:
        raise RateLimited("尝试次数过多，请 5 分钟后再试", retry_after=WINDOW)


class LoginView(views.LoginView):
    """The log-in page; each failed name and address pair is throttled."""

    template_name = "login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        address = request.META.get("REMOTE_ADDR", "")
        try:
            throttle_login(request.POST.get("username", ""), address)
        except RateLimited as exc:
            form = self.get_form()
            form.add_error(None, exc.detail)
            return self.render_to_response(self.get_context_data(form=form), status=429)
        return super().post(request, *args, **kwargs)


class LogoutView(views.LogoutView):
    """Ends the session; POST only."""
