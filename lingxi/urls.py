"""Every URL. Apps bring their own lists; this is where they meet."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from lingxi.accounts import LoginView, LogoutView, home
from lingxi.health import healthz, metrics, readyz

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("jobs/", include("lingxi.jobs.urls")),
    path("", include("conversations.urls")),
    path("", include("routing.urls")),
    path("", include("tickets.urls")),
    path("", include("integrations.urls")),
    path("", include("audit.urls")),
]

handler400 = "lingxi.health.bad_request"
handler403 = "lingxi.health.forbidden"
handler404 = "lingxi.health.not_found"
handler500 = "lingxi.health.server_error"
